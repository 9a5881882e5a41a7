"""Figures of p-loss as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.bars import Marker, with_bars
from scalinglaws.experiments.p_loss.settings import MSE
from scalinglaws.experiments.p_loss.statistics import OfP, Powers
from scalinglaws.experiments.students.figures import curve
from scalinglaws.result import Axis, Figure, Panel, Series

_Ratios = tuple[str, dict[float, Estimate], float, Marker]


def exponent_against_power(full: Powers) -> Figure:
    """alpha against p, the paper's figure 8, and the ratios to p = 2."""
    return Figure(
        id="exponent-against-power",
        title="The exponent and the power of the loss",
        source="Sharma & Kaplan 2020, figure 8",
        caption="Left: alpha of students that minimise |y - y*|^p, of each teacher; bars: 95 % "
        "intervals, statistical. Right: alpha(p) / alpha(2), mean over teachers; open: the same of "
        "the p-th moments of the students that minimise p = 2, set off a little to the right. The "
        "paper finds alpha = 2 p / d, with d about 7.",
        panels=(
            Panel("", Axis("power $p$"), Axis("$\\alpha$"), tuple(_exponents(full))),
            Panel("", Axis("power $p$"), Axis("$\\alpha(p) / \\alpha(2)$"), tuple(_ratios(full))),
        ),
    )


def _exponents(full: Powers) -> Iterator[Series]:
    several = len(full.students) > 1
    for color, (seed, of) in enumerate(full.students.items()):
        label = f"teacher {seed}" if several else "students of $|y - y^*|^p$"
        yield with_bars(label, ((p, f.exponent.alpha) for p, f in sorted(of.items())), color)
    if full.d is None:
        return
    ends, d = (0.0, 1.05 * max((MSE, *full.ps))), full.d.value
    theory = tuple(2 * p / d for p in ends)
    if full.slope is not None:
        ours = tuple(full.slope.value * y for y in theory)
        label = f"ours: ${full.slope.as_math}$ times $2p/d$"
        yield Series(label, ends, ours, "line", color=None)
    label = f"theory: $\\alpha = 2p/d$, $d = {d:.2f}$"
    yield Series(label, ends, theory, "reference", color=None)


def _ratios(full: Powers) -> Iterator[Series]:
    trained = {p: e for p in full.ps if (e := full.ratio(p)) is not None}
    moments = {p: e for p in full.ps if (e := full.moment_ratio(p)) is not None}
    each: tuple[_Ratios, ...] = (
        ("students of $|y - y^*|^p$", trained, 0.0, "filled"),
        ("moments of the $p = 2$ students", moments, 0.06, "open"),
    )
    for color, (label, found, aside, marker) in enumerate(each):
        points = [
            (p + aside, e.map_monotone(lambda ratio, p=p: ratio * p / MSE, p / MSE))
            for p, e in found.items()
        ]
        yield with_bars(label, points, color, marker)
    ends = (0.0, 1.05 * max((MSE, *full.ps)))
    yield Series("theory: $p / 2$", ends, tuple(p / MSE for p in ends), "reference", color=None)


def loss_against_size(full: Powers) -> Figure:
    """L(N) of every p, and the moments of the p = 2 students, of the first teacher."""
    first = min(full.students)
    students, moments = full.students[first], full.moments.get(first, {})
    measured = {**moments, MSE: students[MSE]} if MSE in students else moments
    each = (
        ("students of $|y - y^*|^p$", students),
        ("students of $p = 2$: moments", measured),
    )
    return Figure(
        id="loss-against-size",
        title="Loss of students against their size, for every power",
        source="Sharma & Kaplan 2020, section 3.2.2",
        caption="The first teacher. Points: log-mean over the kept trials, with its standard "
        "error. Lines: the fit whose alpha, in the table, is used. Left: each family minimises "
        "what is drawn. Right: students that minimise p = 2, measured by other powers.",
        panels=tuple(_losses(title, of) for title, of in each if of),
    )


def _losses(title: str, of: OfP) -> Panel:
    colors = {p: color for color, p in enumerate((1.0, 1.5, 2.0, 3.0, 4.0))}
    colors |= {p: color for color, p in enumerate(sorted(set(of) - set(colors)), len(colors))}
    return Panel(
        title=title,
        x=Axis("parameters $N$", "log"),
        y=Axis("test mean of $|y - y^*|^p$", "log"),
        series=tuple(
            replace(series, label=f"$p = {p:g}$" if series.label else "")  # alpha: in the table
            for p, f in sorted(of.items())
            for series in curve(f, "", colors[p])
        ),
    )
