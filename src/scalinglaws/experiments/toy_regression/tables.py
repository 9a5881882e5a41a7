"""Tables of toy-regression, and what its reader must know."""

from __future__ import annotations

from scalinglaws.experiments.toy_regression.statistics import Case, Losses
from scalinglaws.experiments.toy_regression.study import KL, MSE, Settings, power
from scalinglaws.result import Table

FITS = {
    ("smooth", "constant", MSE): ("smooth, constant, mean square", 2),
    ("smooth", "linear", MSE): ("smooth, linear, mean square", 4),
    ("smooth", "continuous", MSE): ("smooth, continuous interpolant, mean square", 4),
    ("smooth", "linear", KL): ("smooth, linear logits, KL", 4),
    ("network", "linear", MSE): ("ReLU network, linear, mean square", 3),
    ("network", "continuous", MSE): ("ReLU network, continuous interpolant, mean square", 3),
}


def exponents(found: Losses, settings: Settings) -> Table:
    """alpha d in the window, in its finer half and on coarse grids; L over the closed form."""
    first, last = found.window
    coarse = (2, 8)
    return Table(
        id="exponents",
        title="Exponents times d",
        columns=(
            "target, fit, loss",
            "d",
            "expected",
            f"alpha d, n = {first}-{last}",
            f"alpha d, n = {coarse[0]}-{coarse[1]}",
            "L over closed form, finest grid",
        ),
        rows=tuple(
            (
                label,
                d,
                expected,
                found.exponent(case),
                found.exponent_between(case, *coarse),
                found.ratio(case) if case.target == "smooth" else None,
            )
            for of, (label, expected) in FITS.items()
            for d in found.dims
            if found.sizes(case := Case(*of, d))
        ),
        note="n cubes per axis, N = n^d. Errors: of the mean over functions and, in the window, "
        "the shift of the mean when its coarser half is left out. On coarse grids of "
        f"{coarse[0]} to {coarse[1]} cubes per axis, which is N = 64 to 262 144 at d = 6, the "
        "sides are as long as the scale over which a smooth function varies.",
    )


def powers(found: Losses, settings: Settings) -> Table:
    """alpha d of |f - c|^p: a claim takes the worst of them, over p."""
    judged = sorted((*settings.powers, 2.0))
    return Table(
        id="powers",
        title="Exponents times d of |f - c|^p",
        columns=("fit", "p", "expected", *(f"d = {d}" for d in found.dims)),
        rows=tuple(
            (
                fit,
                p,
                (k + 1) * p,
                *(found.exponent(Case("smooth", fit, power(p), d)) for d in found.dims),
            )
            for fit, k in (("constant", 0), ("linear", 1))
            for p in judged
        ),
    )


def notes(settings: Settings) -> tuple[str, ...]:
    """How it was measured, and what that leaves out."""
    s = settings
    return (
        f"Smooth functions: {s.functions} for each d, of {s.waves} plane waves, which vary over "
        f"{s.scale:g}. Networks: {s.networks} for each d, hidden layers {s.hidden}, weights of "
        "variance 1/n_in, biases of deviation 1/2. A function is one draw; all fits of a smooth "
        "function share it, and the grids share the points about which their cubes are drawn.",
        f"Grids are not filled: losses are means over {s.cubes} cubes drawn at random, "
        f"{s.network_cubes} for a network, of which {s.network_fits} of those where it bends are "
        "fitted on each grid. So n is as large at d = 6 as at d = 1.",
        f"The window, n >= {s.n_min}, is set by the side 1/n = {1 / s.n_min:.3g} against the "
        "smooth functions' scale: corrections are of relative size (side/scale)^2. Networks take "
        "the same window.",
        "N counts cubes, as eq. 2.1 does; a linear fit has d + 1 numbers in each, which moves no "
        "exponent. The interpolant has one number per corner, of which there are N but for the "
        "boundary, and moves none to lower its loss.",
        "Best constants, linear functions and logits are found in every cube by itself: least "
        "squares on Gauss-Legendre points, Newton for KL; |f - c|^p, interpolants and networks on "
        f"{s.points} scrambled Sobol' points.",
        "Each claim takes the worst of several intervals, each at 95 %: the whole claim's level "
        "is lower.",
    )
