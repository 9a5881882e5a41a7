"""Figures of vetted-teachers as data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.bars import Number, with_bars
from scalinglaws.experiments.students.families import Family, four_over
from scalinglaws.experiments.students.lines import on_the_lines
from scalinglaws.experiments.teacher_student import figures
from scalinglaws.experiments.vetted_teachers.claims import RANDOM_SLOPE, VETTED_SLOPE
from scalinglaws.experiments.vetted_teachers.statistics import Both, Group
from scalinglaws.result import Axis, Figure, Panel, Series

_PAPER = {"vetted": VETTED_SLOPE, "random": RANDOM_SLOPE}
_SPREAD = 0.1  # of k on the axis, between vetted and random
Point = tuple[Estimate, float, Estimate]  # 1/alpha, k, d


def against_exponent(found: Both) -> Figure:
    """The paper's figure 14, and the same without vetting."""
    panels = (
        Panel(
            title=f"{name} teachers",
            x=Axis("$1/\\alpha$"),
            y=Axis("features $k$, dimension $d$"),
            series=tuple(_series(group, _PAPER[name])),
        )
        for name, group in found.groups
    )
    return Figure(
        id="features-and-dimension",
        title="Features and dimension against the inverse exponent, with and without vetting",
        source="Sharma & Kaplan 2020, figure 14 (vetted) and figure 6 left (random)",
        caption="Number of features k and dimension d of the last hidden layer (TwoNN, 12 000 "
        "points, largest width) against 1/alpha, students [9, n, n, 2] of teachers "
        "[9, 240, 240, 2]. Bars: 95 % intervals, statistical; a horizontal bar that would end "
        "outside 0.5 to 2 times its point is not drawn. The paper finds that vetting lowers the "
        "slope of k from 5.48 to 4.61 and leaves that of d as it was; its intercepts are not "
        "stated: drawn through the mean of our points.",
        panels=tuple(panels),
    )


def _series(group: Group, slope: float) -> list[Series]:
    points: list[Point] = [
        (four_over(f.exponent.alpha).map_monotone(lambda v: v / 4, 0.25), float(f.k), d)
        for f in group.full
        if on_the_lines(f) and (d := f.d) is not None
    ]
    if not points:
        return []
    x = [p[0].value for p in points]
    ends = np.array([0.9 * min(x), 1.08 * max(x)])
    series = [
        with_bars("$k$", ((_near(inverse), k) for inverse, k, _ in points), 0),
        with_bars("$d$", ((_near(inverse), d) for inverse, _, d in points), 1),
    ]
    lines = group.lines
    if lines is not None and lines.features is not None:
        label = f"$k$: slope ${lines.features.slope.as_math}$"
        series.append(_line(label, ends, lines.features.predict(ends), 0))
    if lines is not None and lines.free is not None and lines.free.slope.value > 0:
        d_slope = four_over(lines.free.slope)
        # 4/alpha = a + b d turned around.
        d = (4 * ends - lines.free.intercept.value) / lines.free.slope.value
        series.append(_line(f"$d$: slope ${d_slope.as_math}$", ends, d, 1))
    centre = np.mean([k for _, k, _ in points]) + slope * (ends - np.mean(x))
    series.append(
        replace(_line(f"the paper, $k$: {slope}", ends, centre, 0), kind="reference", color=None)
    )
    return series


def _line(label: str, x: np.ndarray, y: np.ndarray, color: int) -> Series:
    return Series(label, tuple(x.tolist()), tuple(y.tolist()), "line", color=color)


def _near(x: Estimate) -> Number:
    """Without a bar where it would end outside 0.5 to 2 times its point."""
    return x if x.value / 2 < x.lo and x.hi < 2 * x.value else x.value


def loss_against_size(found: Both) -> Figure:
    """L(N) of both, in panels of their own."""
    own = [
        (name, figures.loss_against_size(group.full, ()))
        for name, group in found.groups
        if group.full
    ]
    panels = (replace(panel, title=f"{name} teachers") for name, f in own for panel in f.panels)
    return Figure(
        id="loss-against-size",
        title="Loss of students against their size, with and without vetting",
        source="Sharma & Kaplan 2020, figure 14, whose exponents these are",
        caption="KL divergence of students [9, n, n, 2] of the first seed's teachers. Points: "
        "log-mean over the kept trials, with its standard error. Lines: the fit whose alpha is "
        "used, to the plain means, a power law that may end in a floor or a break; alpha with its "
        "standard error.",
        panels=tuple(panels),
    )


def linearity(found: Both) -> Figure:
    """What vetting did: the score of the teacher, and d / k, against k."""
    colors = {name: i for i, (name, _) in enumerate(found.groups)}
    scores = [
        Series(
            name,
            x=tuple(float(f.k) for f in group.full),
            y=tuple(
                found.linearity.get((f.kin.teacher, f.teacher_seed, f.k), math.nan)
                for f in group.full
            ),
            color=colors[name],
        )
        for name, group in found.groups
    ]
    dimensions = [
        with_bars(name, measured, colors[name])
        for name, group in found.groups
        if (measured := list(_over_k(group.full, _SPREAD * (colors[name] - 0.5))))
    ]
    raw = sorted({(f.k, f.d_inputs["twonn"].value / f.k) for f in found.vetted.full if f.d_inputs})
    dimensions.append(
        Series(
            "raw inputs",
            tuple(float(k) for k, _ in raw),
            tuple(share for _, share in raw),
            "reference",
            color=None,
        )
    )
    return Figure(
        id="vetting",
        title="What vetting does to a teacher and to its students' dimension",
        source="Sharma & Kaplan 2020, A.3",
        caption="Left: A.3's score of the teachers' logits, R^2 of linear regressions on slices "
        "along the axes, 1 for a linear function. Right: d of the students' last hidden layer over "
        "k, vetted and random beside each other, with that of the raw inputs, held below 1 by "
        "the estimator's bias alone.",
        panels=(
            Panel("", Axis("features $k$"), Axis("$R^2$ of slices"), tuple(scores)),
            Panel("", Axis("features $k$"), Axis("$d / k$"), tuple(dimensions)),
        ),
    )


def _over_k(found: Sequence[Family], aside: float) -> Iterator[tuple[float, Estimate]]:
    """d / k of each family."""
    for f in found:
        if (d := f.d) is not None:
            yield f.k + aside, d.map_monotone(lambda of, k=f.k: of / k, 1 / f.k)
