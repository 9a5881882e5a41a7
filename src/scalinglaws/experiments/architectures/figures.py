"""Figures of architectures as data."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.architectures.settings import ACTIVATIONS
from scalinglaws.experiments.architectures.statistics import Architectures, alpha, weighted_mean
from scalinglaws.experiments.architectures.tables import NAMES
from scalinglaws.experiments.bars import with_bars
from scalinglaws.experiments.students.families import Family
from scalinglaws.experiments.students.figures import CAPTION, curve
from scalinglaws.result import Axis, Figure, Panel, Series

_SPREAD = 0.16  # of depth on the axis, between the activations


def exponents_and_dimensions(found: Architectures) -> Figure:
    """alpha and d against depth."""
    first = found.of(found.seeds[0])
    return Figure(
        id="alpha-and-d",
        title="Exponent and dimension by architecture",
        source="Beyond Sharma & Kaplan 2020: prediction 3",
        caption="Students of one teacher (the first). Left: alpha, with 95 % intervals. Right: d "
        "of the last hidden layer at the largest width within the power law (TwoNN, 12 000 "
        "points). Dashed: the mean, weighted by the errors. The activations of one depth stand "
        "beside each other. Prediction 3: one alpha for all, except through d.",
        panels=(
            _by_depth(first.full, alpha, "$\\alpha$"),
            _by_depth(first.full, lambda f: f.d, "intrinsic dimension $d$"),
        ),
    )


def _by_depth(found: Sequence[Family], of: Callable[[Family], Estimate | None], y: str) -> Panel:
    known = [(f, e) for f in found if (e := of(f)) is not None]
    series = [
        with_bars(
            NAMES[activation],
            [
                (f.kin.hidden + (i - 1.5) * _SPREAD, e)
                for f, e in known
                if f.kin.activation == activation
            ],
            i,
        )
        for i, activation in enumerate(ACTIVATIONS)
    ]
    if known:
        _, mean = weighted_mean([e for _, e in known])
        depths = [f.kin.hidden for f, _ in known]
        ends = (min(depths) - 0.4, max(depths) + 0.4)
        series.append(Series("", ends, (mean, mean), "reference", color=None))
    return Panel("", Axis("hidden layers"), Axis(y), tuple(series))


def loss_against_dimension(found: Architectures) -> Figure:
    """Whether the best have the smallest d."""
    panels = tuple(
        Panel(
            f"teacher {seed}" if len(found.seeds) > 1 else "",
            Axis("intrinsic dimension $d$"),
            Axis(f"test loss at $N = {own.N_common:.0f}$", "log"),
            tuple(
                with_bars(
                    NAMES[activation],
                    [
                        (d, own.loss(f))
                        for f in own.full
                        if f.kin.activation == activation and (d := f.d) is not None
                    ],
                    i,
                )
                for i, activation in enumerate(ACTIVATIONS)
            ),
        )
        for seed in found.seeds
        for own in (found.of(seed),)
    )
    return Figure(
        id="loss-against-d",
        title="Loss at equal size against dimension, by architecture",
        source="Beyond Sharma & Kaplan 2020: prediction 3",
        caption="Mean squared error of each architecture's fit at the largest N that all reach, "
        "against d of its largest students (95 % intervals); one point per depth. Prediction 3: "
        "the best, at the bottom, tend to be at the left.",
        panels=panels,
    )


def loss_against_size(found: Architectures) -> Figure:
    """L(N), a panel per activation, a colour per depth."""
    first = found.of(found.seeds[0]).full
    depths = sorted({f.kin.hidden for f in first})
    panels = tuple(
        Panel(
            NAMES[activation],
            Axis("parameters $N$", "log"),
            Axis("test loss $L$", "log"),
            tuple(
                series
                for f in first
                if f.kin.activation == activation
                for series in curve(f, f"{f.kin.hidden} hidden", depths.index(f.kin.hidden))
            ),
        )
        for activation in ACTIVATIONS
    )
    return Figure(
        id="loss-against-size",
        title="Loss against size, by architecture",
        source="As Sharma & Kaplan 2020, figure 13, of other students",
        caption=f"Mean squared error of students of one teacher (the first). {CAPTION}",
        panels=panels,
    )
