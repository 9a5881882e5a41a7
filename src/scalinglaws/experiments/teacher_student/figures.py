"""Figures of teacher-student as data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.students.depths import over_depths
from scalinglaws.experiments.students.families import Family, four_over
from scalinglaws.experiments.students.figures import CAPTION, curve, floats
from scalinglaws.experiments.students.lines import Slopes, on_the_lines
from scalinglaws.experiments.students.widths import holds
from scalinglaws.experiments.teacher_student.claims import FEATURES
from scalinglaws.result import Axis, Figure, Panel, Series

_LOSS = {"mse": "mean-squared error", "kl": "KL divergence (nats)"}


def _colors(full: Sequence[Family]) -> dict[int, int]:
    return {k: number for number, k in enumerate(sorted({f.k for f in full}))}


def loss_against_size(full: Sequence[Family], depths: Sequence[Family]) -> Figure:
    """L(N) with its fits, the paper's figures 5 and 13."""
    colors = _colors(full)
    first = min(f.teacher_seed for f in full)
    panels = [
        Panel(
            title=_LOSS[loss],
            x=Axis("parameters $N$", "log"),
            y=Axis(f"test loss $L$, {_LOSS[loss]}", "log"),
            series=tuple(
                series
                for f in full
                if f.loss == loss and f.teacher_seed == first
                for series in (
                    *curve(f, f"$k = {f.k}$", colors[f.k]),
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
        _scatter(loss, color, [(d, four) for f, d, four in points if f.loss == loss])
        for loss, color in colors.items()
    ]
    right = [
        _scatter(
            loss, color, [(_quarter(four), _exact(f.k)) for f, _, four in points if f.loss == loss]
        )
        for loss, color in colors.items()
    ]
    left += _dimension_lines(found.through_origin, 1.1 * max(d.value for _, d, _ in points))
    right += _feature_lines(found, [(four.value / 4, f.k) for f, _, four in points])
    return Figure(
        id="exponent-against-dimension",
        title="The exponent and the dimension",
        source="Sharma & Kaplan 2020, figure 6",
        caption="Left: 4/alpha against the intrinsic dimension d of the last hidden layer (TwoNN, "
        "12 000 points, largest width). Right: number of features against 1/alpha. Bars: 95 % "
        "intervals, statistical; training length moves every 4/alpha together and is in the "
        "claim's interval. The paper finds 4/alpha close to d, and a slope of "
        f"{FEATURES.expected} on the right for k = 2..19 (its intercept is not stated; drawn "
        "through the mean of our points).",
        panels=(
            Panel("", Axis("intrinsic dimension $d$"), Axis("$4/\\alpha$"), tuple(left)),
            Panel("", Axis("$1/\\alpha$"), Axis("features $k$"), tuple(right)),
        ),
    )


def _dimension_lines(slope: Estimate, top: float) -> list[Series]:
    x, ours = (0.0, top), (0.0, slope.value * top)
    lo, hi = (0.0, slope.lo * top), (0.0, slope.hi * top)
    return [
        Series(f"ours: slope ${slope.as_math}$", x, ours, "line", color=None),
        Series("its 95 % interval, statistical", x, ours, "band", lo=lo, hi=hi, color=None),
        Series("theory: $4/\\alpha = d$", x, x, "reference", color=None),
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


def _scatter(label: str, color: int, points: Sequence[tuple[Estimate, Estimate]]) -> Series:
    """Points with their intervals; an open end is drawn without a bar."""

    def ends(estimates: Sequence[Estimate], name: str) -> tuple[float, ...]:
        found = [getattr(e, name) for e in estimates]
        return tuple(
            v if math.isfinite(v) else e.value for v, e in zip(found, estimates, strict=True)
        )

    x, y = [p[0] for p in points], [p[1] for p in points]
    return Series(
        label={"mse": "MSE", "kl": "KL"}[label],
        x=tuple(e.value for e in x),
        y=tuple(e.value for e in y),
        lo=ends(y, "lo"),
        hi=ends(y, "hi"),
        x_lo=ends(x, "lo"),
        x_hi=ends(x, "hi"),
        color=color,
    )


def _quarter(four: Estimate) -> Estimate:
    return four.map_monotone(lambda v: v / 4, 0.25)


def _exact(value: float) -> Estimate:
    return Estimate(value, 0.0, value, value)


def dimension_against_width(full: Sequence[Family]) -> Figure:
    """d against width, the paper's figure 3."""
    colors = _colors(full)
    panels: list[Panel] = []
    for loss in sorted({f.loss for f in full}):
        series: list[Series] = []
        first = min(f.teacher_seed for f in full)
        for f in (f for f in full if f.loss == loss and f.teacher_seed == first):
            for wide in (True, False):
                series += _dimensions(f, colors[f.k], wide)
            if "twonn" in f.d_inputs:
                d = f.d_inputs["twonn"].value
                widths = (float(f.sizes[0].n), float(f.sizes[-1].n))
                series.append(Series("", widths, (d, d), "reference", color=colors[f.k]))
        panels.append(
            Panel(
                _LOSS[loss],
                Axis("width $n$", "log"),
                Axis("intrinsic dimension $d$"),
                tuple(series),
            )
        )
    return Figure(
        id="dimension-against-width",
        title="The dimension of the last hidden layer against the student's width",
        source="Sharma & Kaplan 2020, figure 3 left",
        caption="TwoNN on 12 000 points, 95 % intervals. Filled: n >= 3k, which judge constancy; "
        "open: narrower students. Dashed: d of the raw inputs, same estimator and number of "
        "points. The paper finds d constant to about 10 %, growing slowly with size.",
        panels=tuple(panels),
    )


def _dimensions(f: Family, color: int, wide: bool) -> list[Series]:
    measured = [(s.n, s.d["twonn"]) for s in f.sizes if "twonn" in s.d and holds(s.n, f.k) == wide]
    if not measured:
        return []
    return [
        Series(
            label=f"$k = {f.k}$" if wide else "",
            x=tuple(float(n) for n, _ in measured),
            y=tuple(d.value for _, d in measured),
            lo=tuple(d.lo for _, d in measured),
            hi=tuple(d.hi for _, d in measured),
            color=color,
            marker="filled" if wide else "open",
        )
    ]
