"""Figures of teacher-student as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.bars import with_bars
from scalinglaws.experiments.students.depths import over_depths
from scalinglaws.experiments.students.families import Family, four_over
from scalinglaws.experiments.students.figures import (
    CAPTION,
    LOSS_WITH_UNIT,
    colors_by_k,
    curve,
    dimensions,
    floats,
)
from scalinglaws.experiments.students.lines import Slopes, on_the_lines, slopes
from scalinglaws.experiments.teacher_student.claims import FEATURES
from scalinglaws.result import Axis, Figure, Panel, Series


def loss_against_size(full: Sequence[Family], depths: Sequence[Family]) -> Figure:
    """L(N) with its fits, the paper's figures 5 and 13."""
    colors = colors_by_k(full)
    first = min(f.teacher_seed for f in full)
    panels = [
        Panel(
            title=LOSS_WITH_UNIT[loss],
            x=Axis("parameters $N$", "log"),
            y=Axis(f"test loss $L$, {LOSS_WITH_UNIT[loss]}", "log"),
            series=tuple(
                series
                for f in full
                if f.loss == loss and f.teacher_seed == first
                for series in (
                    *curve(f, f"{loss.upper()}, $k = {f.k}$", colors[f.k]),
                    *_beside(f, depths, colors[f.k]),
                )
            ),
        )
        for loss in sorted({f.loss for f in full})
    ]
    return Figure(
        id="loss-against-size",
        title="Loss of students against their size",
        source="Sharma & Kaplan 2020, figures 5 (KL) and 13 (MSE)",
        caption="Students [20, n, n, out] of a random teacher of k features (the first teacher). "
        f"{CAPTION} Open without a bar: students of the other depths. The paper finds "
        "straight lines whose slope falls as k grows, ending at small L for small k.",
        panels=tuple(panels),
    )


def _beside(f: Family, depths: Sequence[Family], color: int) -> Iterator[Series]:
    """The sizes of the depths that are not the best."""
    own = (g for g in depths if over_depths(g.name) == over_depths(f.name))
    others = [s for g in own for s in g.sizes if g.kin != f.kin]
    if others:
        N, L = [s.N_all for s in others], [s.L_log_mean for s in others]
        yield Series("", floats(N), floats(L), color=color, marker="open")


def exponent_against_dimension(full: Sequence[Family], found: Slopes) -> Figure:
    """4/alpha against d, and k against 1/alpha: the paper's figure 6, for families on the lines."""
    points = [(f, d, four_over(f.exponent.alpha)) for f in full if on_the_lines(f) and (d := f.d)]
    colors = {loss: number for number, loss in enumerate(sorted({f.loss for f in full}))}
    left = [
        with_bars(loss.upper(), [(d, four) for f, d, four in points if f.loss == loss], color)
        for loss, color in colors.items()
    ]
    right = [
        with_bars(
            loss.upper(), [(_quarter(four), f.k) for f, _, four in points if f.loss == loss], color
        )
        for loss, color in colors.items()
    ]
    top = 1.1 * max(d.value for _, d, _ in points)
    for loss, color in colors.items():
        if own := slopes([f for f in full if f.loss == loss]):
            left += _dimension_lines(f"ours, {loss.upper()}", own.through_origin, top, color)
    left.append(Series("theory: $4/\\alpha = d$", (0.0, top), (0.0, top), "reference", color=None))
    right += _feature_lines(found, [(four.value / 4, f.k) for f, _, four in points])
    return Figure(
        id="exponent-against-dimension",
        title="The exponent and the dimension",
        source="Sharma & Kaplan 2020, figure 6",
        caption="Left: 4/alpha against the intrinsic dimension d of the last hidden layer (TwoNN, "
        "12 000 points, largest width), with each loss's line through the origin. Right: number of "
        "features against 1/alpha. Bars and bands: 95 % intervals, statistical; training length "
        "moves every 4/alpha together and is in the claim's interval. The paper finds "
        "4/alpha close to d, and a slope of "
        f"{FEATURES.expected} on the right for k = 2..19 (its intercept is not stated; drawn "
        "through the mean of our points).",
        panels=(
            Panel("", Axis("intrinsic dimension $d$"), Axis("$4/\\alpha$"), tuple(left)),
            Panel("", Axis("$1/\\alpha$"), Axis("features $k$"), tuple(right)),
        ),
    )


def _dimension_lines(name: str, slope: Estimate, top: float, color: int) -> list[Series]:
    """The line through the origin and its statistical interval, 95 %."""
    x, ours = (0.0, top), (0.0, slope.value * top)
    lo, hi = (0.0, slope.lo * top), (0.0, slope.hi * top)
    return [
        Series(f"{name}: slope ${slope.as_math}$", x, ours, "line", color=color),
        Series("", x, ours, "band", lo=lo, hi=hi, color=color),
    ]


def _feature_lines(found: Slopes, points: Sequence[tuple[float, int]]) -> list[Series]:
    x = np.array([x for x, _ in points])
    ends = np.array([0.9 * x.min(), 1.05 * x.max()])
    slope = FEATURES.expected
    centre = float(np.mean([k for _, k in points])) - slope * float(x.mean())
    lines = [
        Series(
            f"the paper: slope {slope}",
            floats(ends),
            floats(centre + slope * ends),
            "reference",
            color=None,
        )
    ]
    if found.features is not None:
        label = f"ours: slope ${found.features.slope.as_math}$"
        lines.insert(
            0,
            Series(label, floats(ends), floats(found.features.predict(ends)), "line", color=None),
        )
    return lines


def _quarter(four: Estimate) -> Estimate:
    return four.map_monotone(lambda v: v / 4, 0.25)


def dimension_against_width(full: Sequence[Family]) -> Figure:
    """d against width, the paper's figure 3."""
    colors = colors_by_k(full)
    first = min(f.teacher_seed for f in full)
    panels = [
        Panel(
            LOSS_WITH_UNIT[loss],
            Axis("width $n$", "log"),
            Axis("intrinsic dimension $d$"),
            tuple(
                series
                for f in full
                if f.loss == loss and f.teacher_seed == first
                for series in dimensions(f, colors[f.k], lambda size: size.n)
            ),
        )
        for loss in sorted({f.loss for f in full})
    ]
    return Figure(
        id="dimension-against-width",
        title="The dimension of the last hidden layer against the student's width",
        source="Sharma & Kaplan 2020, figure 3 left",
        caption="TwoNN on 12 000 points, 95 % intervals. Filled: n >= 3k, which judge constancy; "
        "open: narrower students. Dashed: d of the raw inputs, same estimator and number of "
        "points. The paper finds d constant to about 10 %, growing slowly with size.",
        panels=tuple(panels),
    )
