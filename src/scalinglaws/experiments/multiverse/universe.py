"""The slope of 4/alpha on d by every way through the forks, and what it depends on."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.errors import BadInput
from scalinglaws.estimate import LEVEL, Estimate, two_sided
from scalinglaws.experiments.multiverse import forks
from scalinglaws.experiments.multiverse.forks import FORKS, WORST_OUT, Way, Ways
from scalinglaws.experiments.students.depths import Lengths
from scalinglaws.experiments.students.families import AUTHORS, Family, Trim, families, four_over
from scalinglaws.experiments.students.lines import Systematics, systematics
from scalinglaws.laws.line import fit_through_origin
from scalinglaws.result import Row

Name = tuple[int, int]  # k, teacher
EVERY = Trim(one_in=sys.maxsize)  # no trial is left out


@dataclass(frozen=True)
class World:
    """What one way finds: the slope, and 4/alpha and d of every family behind it."""

    way: Way
    slope: Estimate
    points: Mapping[Name, tuple[Estimate, Estimate]]  # 4/alpha, d

    @property
    def holds_one(self) -> bool:
        return self.slope.lo <= 1 <= self.slope.hi


@dataclass(frozen=True)
class Multiverse:
    """Every world that the rows allow. ways: the levels of each fork, the usual one first.

    lost: ways that lead nowhere, say to fewer than two values of k with a positive alpha.
    moved: by loss, what moves the slope and no world's statistical error contains.
    """

    worlds: tuple[World, ...]
    ways: Ways
    lost: int
    moved: Mapping[str, Systematics]

    @property
    def median(self) -> Estimate | None:
        """The median slope; the interval holds LEVEL of the slopes."""
        if not self.worlds:
            return None
        tail = (1 - LEVEL) / 2
        slopes = [w.slope.value for w in self.worlds]
        lo, median, hi = np.quantile(slopes, [tail, 0.5, 1 - tail]).tolist()
        return Estimate(median, (hi - lo) / (2 * two_sided(LEVEL)), lo, hi)

    @property
    def nearest(self) -> list[World]:
        """The usual world, and those one fork away."""
        own = forks.usual(self.ways)
        return [w for w in self.worlds if forks.apart(w.way, own) <= 1]


def multiverse(rows: Sequence[Row], steps: int, inits: Sequence[str]) -> Multiverse:
    """Of students trained for so many steps, and for half as many."""
    every = families(rows, EVERY)
    trials = {f.loss: max(len(size.L) for size in f.sizes) for f in every}
    without = [
        f for loss in trials for f in families(rows, _worst_out(trials[loss])) if f.loss == loss
    ]
    worst_out = min(trials.values(), default=0) >= AUTHORS.one_in
    ways = forks.ways_of(
        sorted(trials, reverse=True),  # MSE first
        [init for init in inits if any(f.kin.init == init for f in every)],
        half=any(f.steps == steps // 2 for f in every),
        post=any(size.d_post for f in every for size in f.sizes),
        narrow=any(len(f.held) < len(f.sizes) for f in every),
        worst_out=worst_out,
    )
    by_trials = {False: Lengths.of(every, steps), True: Lengths.of(without, steps)}
    alphas: dict[Way, dict[Name, Estimate]] = {}
    ds: dict[Way, dict[Name, Estimate]] = {}
    worlds: list[World] = []
    lost = 0
    for way in forks.every_way(ways):
        if (of := way.of_alpha) not in alphas:
            kept = by_trials[way.average.endswith(WORST_OUT)].both
            alphas[of] = {
                name: a
                for name, f in _own(kept, way, steps)
                if (a := forks.alpha(f, way)) and a.value > 0 and math.isfinite(a.stderr)
            }
        if (of_d := way.of_d) not in ds:
            own = _own(by_trials[False].both, way, steps)
            ds[of_d] = {name: d for name, f in own if (d := forks.dimension(f, way))}
        world = _world(way, alphas[of], ds[of_d])
        worlds += [world] if world else []
        lost += world is None
    usual_init = next(iter(ways["init"]), "")
    moved = {loss: _moved(by_trials[worst_out], loss, usual_init) for loss in trials}
    return Multiverse(tuple(worlds), ways, lost, moved)


def _moved(lengths: Lengths, loss: str, init: str) -> Systematics:
    """As in teacher-student, whose students have one initialisation."""
    full, halves = (
        [f for f in of if (f.loss, f.kin.init) == (loss, init)]
        for of in (lengths.full, lengths.halves)
    )
    return systematics(full, halves, lambda lines: lines.through_origin)


def _worst_out(trials: int) -> Trim:
    """One of so many; none of one."""
    return Trim(one_in=max(trials, 2))


def _own(found: Sequence[Family], way: Way, steps: int) -> list[tuple[Name, Family]]:
    length = steps if way.steps == "full length" else steps // 2
    own = [f for f in found if (f.loss, f.kin.init, f.steps) == (way.loss, way.init, length)]
    return [((f.k, f.teacher_seed), f) for f in own]


def _world(way: Way, alphas: Mapping[Name, Estimate], ds: Mapping[Name, Estimate]) -> World | None:
    points = {name: (four_over(alphas[name]), ds[name]) for name in alphas if name in ds}
    if len({k for k, _ in points}) < 2:
        return None
    fours, d = zip(*points.values(), strict=True)
    try:
        slope = fit_through_origin(
            [e.value for e in d],
            [e.value for e in fours],
            sigma_x=[e.stderr for e in d],
            sigma_y=[e.stderr for e in fours],
        )
    except BadInput:  # errors that swamp the points
        return None
    return World(way, slope, points)


@dataclass(frozen=True)
class Share:
    """Of the variance of log slope over all worlds, the part that a fork's main effect is."""

    fork: str
    degrees: int
    share: float


def variance_shares(found: Multiverse) -> list[Share]:
    """The analysis of variance by main effects, largest first; what is left is interactions.

    A fork's share is what the sum of squares grows by without it: in a full cross of all ways,
    the classical decomposition, whose shares add up.
    """
    y = np.log([w.slope.value for w in found.worlds])
    total = float(((y - y.mean()) ** 2).sum())
    open_forks = [fork for fork in FORKS if len(found.ways[fork]) > 1]
    columns = {fork: _indicators(found, fork) for fork in open_forks}
    if not open_forks or not total > 0:
        return []
    whole = _residual(y, list(columns.values()))
    shares = [
        Share(
            fork,
            columns[fork].shape[1],
            (_residual(y, [c for f, c in columns.items() if f != fork]) - whole) / total,
        )
        for fork in open_forks
    ]
    rest = len(y) - 1 - sum(share.degrees for share in shares)
    return [
        *sorted(shares, key=lambda share: -share.share),
        Share("interactions", rest, whole / total),
    ]


def _indicators(found: Multiverse, fork: str) -> Float[ndarray, "worlds levels-1"]:
    """A column for every way but the first."""
    at = np.array([w.way[fork] for w in found.worlds])
    return np.stack([at == level for level in found.ways[fork][1:]], axis=1).astype(float)


def _residual(y: Float[ndarray, " worlds"], columns: Sequence[Float[ndarray, "worlds _"]]) -> float:
    """The sum of squares that these effects leave."""
    design = np.hstack([np.ones((len(y), 1)), *columns])
    theta, *_ = np.linalg.lstsq(design, y, rcond=None)
    return float(((y - design @ theta) ** 2).sum())
