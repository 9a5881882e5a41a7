"""Tables of multiverse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.multiverse import forks
from scalinglaws.experiments.multiverse.forks import FORKS
from scalinglaws.experiments.multiverse.universe import Multiverse, World, variance_shares
from scalinglaws.result import Table, Value

TITLES = {
    "loss": "loss",
    "init": "initialisation",
    "steps": "training steps",
    "count": "count of parameters",
    "start": "widths",
    "fit": "fit of L(N)",
    "average": "average over trials",
    "layer": "activations",
    "method": "estimator of d",
}


def ways(found: Multiverse) -> Table:
    """The slope by every way at every fork: over all ways at the others, and by their usual one."""
    losses = found.ways["loss"]
    by_way = {w.way: w.slope for w in found.worlds}
    rows: list[tuple[Estimate | Value, ...]] = [
        ("all", "", *_spread(found.worlds), *(None for _ in losses))
    ]
    for fork in FORKS:
        for level in found.ways[fork]:
            worlds = [w for w in found.worlds if w.way[fork] == level]
            departing = (replace(_usual(found, loss), **{fork: level}) for loss in losses)
            alone = [
                by_way.get(way) if way.loss == loss else None
                for loss, way in zip(losses, departing, strict=True)
            ]
            rows.append((TITLES[fork], level, *_spread(worlds), *alone))
    return Table(
        id="ways",
        title="The slope of 4/alpha on d, by every way at every fork",
        columns=(
            "fork",
            "way",
            "analyses",
            "median slope",
            "lowest",
            "highest",
            "share whose interval holds 1",
            *(f"slope, all else as usual, {loss}" for loss in losses),
        ),
        rows=tuple(rows),
        note="First of each fork: teacher-student's own way. The analyses are of the same "
        "students: their share is no probability. Intervals are statistical, of one analysis.",
    )


def _spread(worlds: Sequence[World]) -> tuple[Value, ...]:
    slopes = [w.slope.value for w in worlds]
    if not slopes:
        return (0, None, None, None, None)
    share = sum(w.holds_one for w in worlds) / len(worlds)
    return (len(slopes), float(np.median(slopes)), min(slopes), max(slopes), share)


def variance(found: Multiverse) -> Table:
    """Which fork matters."""
    rows = [
        (TITLES.get(share.fork, share.fork), share.degrees, share.share)
        for share in variance_shares(found)
    ]
    return Table(
        id="variance",
        title="What the slope depends on: analysis of variance of log slope",
        columns=("fork", "degrees of freedom", "share of the variance"),
        rows=tuple(rows),
        note="Main effects; interactions are what they leave. Shares add up where no way is lost.",
    )


def points(found: Multiverse) -> Table:
    """4/alpha and d of every family: as usual, and how far the ways take them."""
    own = {w.way.loss: w for w in found.worlds if w.way == _usual(found, w.way.loss)}
    rows: list[tuple[Estimate | Value, ...]] = []
    for loss in found.ways["loss"]:
        worlds = [w for w in found.worlds if w.way.loss == loss]
        for name in sorted({name for w in worlds for name in w.points}):
            every = [w.points[name] for w in worlds if name in w.points]
            four, d = own[loss].points.get(name, (None, None)) if loss in own else (None, None)
            fours, ds = ([pair[i].value for pair in every] for i in (0, 1))
            rows.append((loss, *name, four, min(fours), max(fours), d, min(ds), max(ds)))
    return Table(
        id="points",
        title="4/alpha and d of every family, over all ways",
        columns=(
            "loss",
            "k",
            "teacher",
            "4/alpha, as usual",
            "lowest",
            "highest",
            "d, as usual",
            "lowest d",
            "highest d",
        ),
        rows=tuple(rows),
    )


def _usual(found: Multiverse, loss: str) -> forks.Way:
    """Of that loss."""
    return forks.usual({**found.ways, "loss": (loss,)})
