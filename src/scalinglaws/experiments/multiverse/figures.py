"""The figure of multiverse as data: a specification curve."""

from __future__ import annotations

from collections.abc import Sequence

from scalinglaws.experiments.multiverse import forks
from scalinglaws.experiments.multiverse.forks import FORKS
from scalinglaws.experiments.multiverse.tables import TITLES
from scalinglaws.experiments.multiverse.universe import Multiverse, World
from scalinglaws.result import Axis, Figure, Panel, Series


def curve(found: Multiverse) -> Figure:
    """Sorted slopes with their intervals; below each, the ways that led there."""
    worlds = sorted(found.worlds, key=lambda w: w.slope.value)
    rank = tuple(float(i) for i in range(len(worlds)))
    slopes = tuple(w.slope.value for w in worlds)
    own = forks.usual(found.ways)
    usual = [i for i, w in enumerate(worlds) if w.way == own]
    ends = (rank[0], rank[-1])
    above = (
        Series("", rank, slopes, "band", _ends(worlds, "lo"), _ends(worlds, "hi"), color=0),
        Series("slope and its 95 % interval, statistical", rank, slopes, "line", color=0),
        Series("theory: $4/\\alpha = d$", ends, (1.0, 1.0), "reference", color=None),
        *(
            Series("teacher-student's own analysis", (rank[i],), (slopes[i],), color=1)
            for i in usual
        ),
    )
    open_forks = [fork for fork in FORKS if len(found.ways[fork]) > 1]
    # From the top: the first fork's first way.
    levels = [(fork, level) for fork in open_forks for level in found.ways[fork]][::-1]
    below: list[Series] = []
    for at, (fork, level) in enumerate(levels):
        own_ranks = tuple(r for r, w in zip(rank, worlds, strict=True) if w.way[fork] == level)
        color = open_forks.index(fork) % 2  # neighbouring forks are told apart
        below.append(Series("", own_ranks, (float(at),) * len(own_ranks), color=color))
    analyses = Axis("analyses, by their slope")
    return Figure(
        id="specification-curve",
        title="The slope of $4/\\alpha$ on $d$ by every way of analysing the same students",
        source="beyond Sharma & Kaplan 2020; their figure 6 is one of these analyses",
        caption="Above: the slopes of all analyses in order, with the statistical interval of "
        "each. Below: the way each of them took at every fork: "
        + "; ".join(TITLES[fork] for fork in open_forks)
        + ". A way whose points crowd on one side moves the slope to that side.",
        panels=(
            Panel("", analyses, Axis("slope of $4/\\alpha$ on $d$"), above),
            Panel("", analyses, Axis("", names=tuple(name for _, name in levels)), tuple(below)),
        ),
        stacked=True,
    )


def _ends(worlds: Sequence[World], name: str) -> tuple[float, ...]:
    return tuple(getattr(w.slope, name) for w in worlds)
