"""What is drawn and fitted: one function, or one network, is one cell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scalinglaws.experiments.experiment import require
from scalinglaws.result import Row
from scalinglaws.sweep.cell import Cell

if TYPE_CHECKING:
    from jaxtyping import Float
    from numpy import ndarray

    from scalinglaws.experiments.toy_regression.points import Cubes, Points
    from scalinglaws.experiments.toy_regression.targets import PlaneWaves

SMOOTH_TASK = "scalinglaws.experiments.toy_regression.study:run_smooth"
NETWORK_TASK = "scalinglaws.experiments.toy_regression.study:run_network"
VERSION = 1
MSE, KL = "mse", "kl"


@dataclass(frozen=True)
class Settings:
    """What a run may vary."""

    dims: tuple[int, ...] = (1, 2, 3, 4, 5, 6)
    n_max: int = 256  # cubes per axis are 1, 2, 4, ..., n_max
    n_min: int = 16  # exponents are fitted from here on: sides of 1/8 of the functions' scale
    powers: tuple[float, ...] = (1.0, 1.5, 3.0, 4.0)  # p of |f - c|^p, beside the mean square
    functions: int = 8  # smooth functions for each d
    cubes: int = 64  # drawn per function
    waves: int = 32
    scale: float = 0.5  # length over which a smooth function varies
    classes: int = 3  # logits of the KL divergence
    networks: int = 48  # ReLU networks for each d
    network_cubes: int = 4096  # drawn per network
    network_fits: int = 512  # of them fitted on each grid, among those where the network bends
    hidden: tuple[int, ...] = (16, 16)
    points: int = 256  # in each cube, about; a power of two
    seed: int = 0  # of the first function and network; the next has seed + 1


@dataclass(frozen=True, kw_only=True)
class Smooth:
    """The configuration of a cell: one smooth function, and one draw of cubes at every n."""

    d: int
    n: tuple[int, ...]
    n_min: int  # |f - c|^p is fitted from here on
    powers: tuple[float, ...]
    cubes: int
    waves: int
    scale: float
    classes: int
    points: int
    target_seed: int
    cubes_seed: int
    points_seed: int


@dataclass(frozen=True, kw_only=True)
class Network:
    """The configuration of a cell: one ReLU network, and one draw of cubes at every n."""

    d: int
    n: tuple[int, ...]
    cubes: int
    fits: int
    hidden: tuple[int, ...]
    points: int
    target_seed: int
    cubes_seed: int
    points_seed: int


def cells(settings: Settings) -> list[Cell]:
    """One cell per d and smooth function, one per d and network. Raises BadInput."""
    check(settings)
    s = settings
    n = tuple(2**i for i in range(s.n_max.bit_length()))
    smooth = range(s.seed, s.seed + s.functions)
    networks = range(s.seed, s.seed + s.networks)
    return [
        *(_smooth(s, d, n, seed) for d in s.dims for seed in smooth),
        *(_network(s, d, n, seed) for d in s.dims for seed in networks),
    ]


def check(settings: Settings) -> None:
    """Refuse settings that show no exponent, before any work. Raises BadInput."""
    s = settings
    rules = {
        "dims of 1 to 7, each once": all(1 <= d <= 7 for d in s.dims)
        and 0 < len(s.dims) == len(set(s.dims)),
        "n_min and n_max, powers of two, n_min >= 1 and 4 n_min <= n_max <= 256, for an "
        "exponent takes three sizes": _is_power_of_two(s.n_min)
        and _is_power_of_two(s.n_max)
        and 4 * s.n_min <= s.n_max <= 256,
        "powers of 1 to 8 other than 2, each once": all(1 <= p <= 8 and p != 2 for p in s.powers)
        and len(s.powers) == len(set(s.powers)),
        "functions, cubes, networks, network_cubes and network_fits of 1 or more": min(
            s.functions, s.cubes, s.networks, s.network_cubes, s.network_fits
        )
        >= 1,
        "waves >= 1 and 0 < scale < inf": s.waves >= 1 and 0 < s.scale < math.inf,
        "classes >= 2": s.classes >= 2,
        "hidden widths of 1 or more": min(s.hidden, default=0) >= 1,
        "points, a power of two, of 16 to 65536": _is_power_of_two(s.points)
        and 16 <= s.points <= 65_536,
        "seed >= 0": s.seed >= 0,
    }
    require("toy-regression", rules)


def _smooth(s: Settings, d: int, n: tuple[int, ...], seed: int) -> Cell:
    config = Smooth(
        d=d,
        n=n,
        n_min=s.n_min,
        powers=s.powers,
        cubes=s.cubes,
        waves=s.waves,
        scale=s.scale,
        classes=s.classes,
        points=s.points,
        target_seed=seed,
        cubes_seed=seed,
        points_seed=seed,
    )
    return Cell(SMOOTH_TASK, VERSION, config, cost=5e-5 * s.cubes * s.points * (d + 1) / 4)


def _network(s: Settings, d: int, n: tuple[int, ...], seed: int) -> Cell:
    config = Network(
        d=d,
        n=n,
        cubes=s.network_cubes,
        fits=s.network_fits,
        hidden=s.hidden,
        points=s.points,
        target_seed=seed,
        cubes_seed=seed,
        points_seed=seed,
    )
    return Cell(NETWORK_TASK, VERSION, config, cost=4e-6 * s.network_fits * s.points)


def _is_power_of_two(n: int) -> bool:
    return n >= 1 and n & (n - 1) == 0


def run_smooth(config: Smooth) -> list[Row]:
    """Losses of one smooth function at every n, and the closed forms in the same cubes."""
    import numpy as np

    from scalinglaws.experiments.toy_regression.points import cubes_about, gauss, sobol
    from scalinglaws.experiments.toy_regression.targets import plane_waves

    c = config
    rng = np.random.default_rng([c.target_seed, c.d])
    logits = [plane_waves(c.d, c.waves, c.scale, rng) for _ in range(c.classes)]
    x = np.random.default_rng([c.cubes_seed, c.d]).random((c.cubes, c.d))
    exact, spread = gauss(c.d, c.points), sobol(c.d, c.points, c.points_seed)
    rows: list[Row] = []
    for n in c.n:
        cubes = cubes_about(x, n)
        losses = [
            *_mean_squares(logits[0], cubes, exact, spread),
            _kl(logits, cubes, exact),
            *(_powers(logits[0], cubes, spread, c.powers) if n >= c.n_min else ()),
        ]
        for fit, loss, L, closed in losses:
            expected = None if closed is None else float(cubes.share @ closed)
            mean = float(cubes.share @ L)
            rows.append(_row("smooth", c.d, c.target_seed, n, fit, loss, mean, expected))
    return rows


def run_network(config: Network) -> list[Row]:
    """Losses of one ReLU network at every n.

    Where no unit switches the network is linear, and fitted without loss. On fine grids that is
    nearly everywhere: the share of the other cubes comes from all that were drawn, their mean
    loss from as many on every grid.
    """
    import numpy as np

    from scalinglaws.experiments.toy_regression import fits
    from scalinglaws.experiments.toy_regression.points import cubes_about, sobol
    from scalinglaws.experiments.toy_regression.targets import relu_network

    c = config
    network = relu_network(c.d, c.hidden, c.target_seed)
    x = np.random.default_rng([c.cubes_seed, c.d]).random((c.cubes, c.d))
    points = sobol(c.d, c.points, c.points_seed)
    rng = np.random.default_rng([c.cubes_seed, c.d, 1])
    rows: list[Row] = []
    for n in c.n:
        cubes = cubes_about(x, n)
        (kinked,) = np.nonzero(network.kinked(cubes.centres, cubes.s))
        fitted = rng.permutation(kinked)[: c.fits]
        weight = cubes.share[fitted] * (cubes.share[kinked].sum() / cubes.share[fitted].sum())
        L = {"linear": 0.0, "continuous": 0.0}
        for some in np.array_split(np.arange(len(fitted)), 1 + len(fitted) * c.points // _AT_ONCE):
            centres = cubes.centres[fitted[some]]
            f = network.across(centres, cubes.s, points.u)
            linear = fits.rest_by_squares(f, points.basis, points.weight)
            continuous = fits.rest_of_interpolant(
                f, lambda u, at=centres, s=cubes.s: network.across(at, s, u), points
            )
            L["linear"] += float(weight[some] @ linear**2 @ points.weight)
            L["continuous"] += float(weight[some] @ continuous**2 @ points.weight)
        for fit, mean in L.items():
            rows.append(_row("network", c.d, c.target_seed, n, fit, MSE, mean, None))
    return rows


_AT_ONCE = 200_000  # points of a network held in memory


Loss = tuple[str, str, "Float[ndarray, ' cells']", "Float[ndarray, ' cells'] | None"]


def _mean_squares(f: PlaneWaves, cubes: Cubes, exact: Points, spread: Points) -> Iterator[Loss]:
    """(fit, loss, measured in each cube, its closed form)."""
    from scalinglaws.experiments.toy_regression import fits
    from scalinglaws.theory import manifold

    at, s = cubes.centres, cubes.s
    H = f.hessian(at)
    values = f.across(at, s, exact.u)
    constant = fits.rest_by_squares(values, exact.basis[:, :1], exact.weight)
    linear = fits.rest_by_squares(values, exact.basis, exact.weight)
    continuous = fits.rest_of_interpolant(
        f.across(at, s, spread.u), lambda u: f.across(at, s, u), spread
    )
    closed = manifold.constant_loss(f.gradient(at), s)
    yield "constant", MSE, constant**2 @ exact.weight, closed
    yield "linear", MSE, linear**2 @ exact.weight, manifold.linear_loss(H, s)
    yield "continuous", MSE, continuous**2 @ spread.weight, manifold.interpolant_loss(H, s)


def _kl(logits: Sequence[PlaneWaves], cubes: Cubes, exact: Points) -> Loss:
    import numpy as np

    from scalinglaws.experiments.toy_regression import fits
    from scalinglaws.theory import manifold

    at, s = cubes.centres, cubes.s
    values = np.stack([f.across(at, s, exact.u) for f in logits])
    centre = np.zeros((1, at.shape[1]))
    q = fits.softmax(np.stack([f.across(at, s, centre)[:, 0] for f in logits])).T
    H = np.stack([f.hessian(at) for f in logits], axis=1)
    loss = fits.kl_of_linear_logits(values, exact.basis, exact.weight)
    return "linear", KL, loss, manifold.kl_loss(q, H, s)


def _powers(
    f: PlaneWaves, cubes: Cubes, spread: Points, powers: tuple[float, ...]
) -> Iterator[Loss]:
    import numpy as np

    from scalinglaws.experiments.toy_regression import fits

    values = f.across(cubes.centres, cubes.s, spread.u)
    for fit, terms in (("constant", 1), ("linear", None)):
        for p in powers:
            rest = fits.rest_by_power(values, spread.basis[:, :terms], spread.weight, p)
            yield fit, power(p), np.abs(rest) ** p @ spread.weight, None


def power(p: float) -> str:
    """The loss |f - c|^p as rows name it."""
    return MSE if p == 2 else f"p={p:g}"


def _row(
    target: str, d: int, seed: int, n: int, fit: str, loss: str, L: float, closed: float | None
) -> Row:
    return {
        "target": target,
        "fit": fit,
        "loss": loss,
        "d": d,
        "seed": seed,
        "n": n,
        "N": n**d,
        "L": L,
        "closed": closed,
    }
