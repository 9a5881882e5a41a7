"""The figures of toy-regression, as data."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.bars import with_bars
from scalinglaws.experiments.network_dimension.draw import SHORT
from scalinglaws.experiments.toy_regression.statistics import Case, Losses
from scalinglaws.experiments.toy_regression.study import KL, MSE, Settings, power
from scalinglaws.result import Axis, Figure, Panel, Series

_ASIDE = 0.06  # between series at one d, so that their bars stand apart


def figures(found: Losses, settings: Settings) -> tuple[Figure, ...]:
    """L(N), 4/alpha against d, exponents against p, and slopes from step to step."""
    return (_losses(found), _against_d(found), _against_p(found, settings), _steps(found))


def _losses(found: Losses) -> Figure:
    panels = (
        ("constant, mean square", "constant", MSE),
        ("linear, mean square", "linear", MSE),
        ("continuous interpolant, mean square", "continuous", MSE),
        ("linear logits, KL", "linear", KL),
    )
    return Figure(
        id="loss-against-cubes",
        title="Piecewise fits of smooth functions",
        source=SHORT + "section 2.1 and A.5",
        caption="Points: geometric means over functions with 95 % intervals; open: grids too "
        "coarse for the fit of an exponent. Lines: the closed forms in the same cubes, nothing "
        "fitted, of slopes -2/d (constant) and -4/d.",
        panels=tuple(
            Panel(
                title,
                Axis("cubes $N$", "log"),
                Axis("loss $L$", "log"),
                tuple(_against_N(found, fit, loss)),
            )
            for title, fit, loss in panels
        ),
    )


def _against_N(found: Losses, fit: str, loss: str) -> Iterator[Series]:
    for color, d in enumerate(found.dims):
        case = Case("smooth", fit, loss, d)
        in_window = [n for n in found.sizes(case) if n >= found.window[0]]
        coarse = [n for n in found.sizes(case) if n < found.window[0]]
        yield with_bars(f"$d = {d}$", _means(found, case, in_window), color)
        yield with_bars("", _means(found, case, coarse), color, "open")
        closed = list(_means(found, case, found.sizes(case), "closed"))
        yield Series(
            "",
            tuple(N for N, _ in closed),
            tuple(L.value for _, L in closed),
            kind="line",
            color=color,
        )


def _means(
    found: Losses, case: Case, sizes: list[int], what: str = "L"
) -> Iterator[tuple[float, Estimate]]:
    for n in sizes:
        if mean := found.mean(case, n, what):
            yield float(n**case.d), mean


def _against_d(found: Losses) -> Figure:
    shown = {
        "constant": ("smooth", "constant", MSE),
        "ReLU network, linear": ("network", "linear", MSE),
        "linear": ("smooth", "linear", MSE),
        "continuous interpolant": ("smooth", "continuous", MSE),
        "linear logits, KL": ("smooth", "linear", KL),
    }
    series: list[Series] = []
    for color, (label, of) in enumerate(shown.items()):
        points = [
            (
                d + _ASIDE * (color - 3) * (color > 1),
                e.map_monotone(lambda a, d=d: 4 * d / a, 4 * d / e.value**2),
            )
            for d in found.dims
            if (e := found.exponent(Case(*of, d)))
        ]
        series.append(with_bars(label, points, color))
    ends = (0.0, max(found.dims) + 0.5)
    lines = (("$2d$", 2.0, 0), ("$4d/3$", 4 / 3, 1), ("$d$", 1.0, None))
    series += [
        Series(label, ends, tuple(slope * d for d in ends), kind="reference", color=color)
        for label, slope, color in lines
    ]
    return Figure(
        id="exponent-against-d",
        title="What sets the 4 of 4/alpha = d",
        source=SHORT + "eqs. 2.2, 2.4 and 2.5",
        caption="Points with 95 % intervals, mostly smaller than the marker. Dashed: nothing "
        "fitted. Linear pieces give 4/alpha = d for the mean square and for KL, whether or not "
        "they join; constants give 2d; the kinks of a ReLU network, as teachers have them, 4d/3.",
        panels=(Panel("", Axis("dimension $d$"), Axis(r"$4/\alpha$"), tuple(series)),),
    )


def _against_p(found: Losses, settings: Settings) -> Figure:
    powers = sorted((*settings.powers, 2.0))
    ends = (0.9 * powers[0], 1.05 * powers[-1])

    def series(fit: str, k: int) -> Iterator[Series]:
        yield Series(
            f"${'2' * k}p$",
            ends,
            tuple((k + 1) * p for p in ends),
            kind="reference",
            color=None,
        )
        middle = (len(found.dims) - 1) / 2
        for color, d in enumerate(found.dims):
            points = [
                (p + 0.2 * _ASIDE * (color - middle), e)
                for p in powers
                if (e := found.exponent(Case("smooth", fit, power(p), d)))
            ]
            yield with_bars(f"$d = {d}$", points, color)

    return Figure(
        id="exponent-against-p",
        title="Other losses",
        source=SHORT + "eqs. 2.3 and 3.4; figure 8 tests it with networks",
        caption="Exponents times d of |f - c|^p with the best c for that p, d side by side. "
        "Dashed: (k + 1) p, nothing fitted.",
        panels=tuple(
            Panel(
                f"piecewise {fit}, k = {k}",
                Axis("power $p$"),
                Axis(r"$\alpha d$"),
                tuple(series(fit, k)),
            )
            for fit, k in (("constant", 0), ("linear", 1))
        ),
    )


def _steps(found: Losses) -> Figure:
    def panel(title: str, target: str, expected: float) -> Panel:
        series = tuple(
            with_bars(f"$d = {d}$", _step_slopes(found, Case(target, "linear", MSE, d)), color)
            for color, d in enumerate(found.dims)
        )
        ends = (1.0, float(found.window[1]))
        line = Series("expected", ends, (expected, expected), kind="reference", color=None)
        return Panel(
            title,
            Axis("cubes per axis $n$", "log"),
            Axis(r"$\alpha d$ of one step"),
            (line, *series),
        )

    return Figure(
        id="slopes-from-step-to-step",
        title="Where the power law begins",
        source=SHORT + "section 2.1",
        caption="Slopes of piecewise linear fits from a grid to that of half the side, 95 % "
        f"intervals. Exponents are fitted from n = {found.window[0]} on. Smooth functions: on "
        "grids as coarse as the functions' scale the slope is not yet 4. ReLU networks: 3 as soon "
        "as the grid resolves single kinks.",
        panels=(
            panel("smooth functions", "smooth", 4.0),
            panel("ReLU networks", "network", 3.0),
        ),
    )


def _step_slopes(found: Losses, case: Case) -> Iterator[tuple[float, Estimate]]:
    sizes = found.sizes(case)
    for n, finer in pairwise(sizes):
        if (slope := found.exponent_between(case, n, finer)) and math.isfinite(slope.stderr):
            yield math.sqrt(n * finer), slope
