"""Figures of teacher-class as data."""

from __future__ import annotations

from collections.abc import Iterator

from scalinglaws.experiments.bars import with_bars
from scalinglaws.experiments.students.figures import CAPTION, curve
from scalinglaws.experiments.teacher_class.claims import NAMES
from scalinglaws.experiments.teacher_class.settings import KINDS, Kind
from scalinglaws.experiments.teacher_class.statistics import Classes, product
from scalinglaws.result import Axis, Figure, Panel, Series
from scalinglaws.theory import manifold

_SPREAD = 0.24  # of k on the axis, between the classes


def products(found: Classes) -> Figure:
    """alpha d by class."""
    series = [s for i, kind in enumerate(KINDS) for s in _class(found, kind, i)]
    ends = (min(found.ks) - 0.6, max(found.ks) + 0.6)
    smooth, kinked = manifold.exponent(1), manifold.kink_exponent(1)
    label = f"theory: {smooth:g} (smooth), {kinked:g} (kinked)"
    for expected, named in ((smooth, label), (kinked, "")):
        series.append(Series(named, ends, (expected, expected), "reference", color=None))
    return Figure(
        id="alpha-d",
        title="What sets the 4: alpha d by the class of the teacher",
        source="Beyond Sharma & Kaplan 2020: eq. 2.5, and 3/d for jumps of the gradient",
        caption="Filled: mean over the teachers with its 95 % interval, training length in it. "
        "Open: each teacher. Classes of one k stand beside each other.",
        panels=(Panel("", Axis("features $k$"), Axis("$\\alpha d$"), tuple(series)),),
    )


def _class(found: Classes, kind: Kind, number: int) -> Iterator[Series]:
    offset = (number - 1) * _SPREAD
    known = [(k + offset, m) for k in found.ks if (m := found.mean(kind, k)) is not None]
    yield with_bars(NAMES[kind], known, number)
    each = [
        (f.k + offset + _SPREAD / 4, value)
        for f in found.full
        if f.kin.teacher_kind == kind and (value := product(f)) is not None
    ]
    yield with_bars("", each, number, "open")


def loss_against_size(found: Classes) -> Figure:
    """L(N) of the first teacher of each class, one panel per k."""
    first = min(f.teacher_seed for f in found.full)
    own = [f for f in found.full if f.teacher_seed == first]
    panels = tuple(
        Panel(
            f"$k = {k}$",
            Axis("parameters $N$", "log"),
            Axis("$L$ / variance of the target", "log"),
            tuple(
                series
                for i, kind in enumerate(KINDS)
                for f in own
                if f.k == k and f.kin.teacher_kind == kind
                for series in curve(f, NAMES[kind], i, unit=f.zero_skill)
            ),
        )
        for k in found.ks
    )
    return Figure(
        id="loss-against-size",
        title="Loss of students against their size, by the class of the teacher",
        source="As Sharma & Kaplan 2020, figure 13",
        caption="Mean squared error over the variance of the target, the first seed's teachers. "
        f"{CAPTION}",
        panels=panels,
    )
