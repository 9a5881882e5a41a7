"""The bias of a finite sample, by simulation of a stated reference family.

Reported beside the raw d, never instead of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import ceil, inf, isfinite, log, sqrt
from statistics import fmean

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.dimension.arguments import whole, whole_seed
from scalinglaws.dimension.methods.table import CORRECTABLE, METHODS
from scalinglaws.dimension.methods.twonn_line import OTHER_DISCARD
from scalinglaws.dimension.neighbors import Neighbors
from scalinglaws.dimension.reference import Family, on_member, on_spheres
from scalinglaws.dimension.result import Dimension
from scalinglaws.errors import BadInput
from scalinglaws.estimate import Estimate

SPHERE = "sphere"
POINTS = 20_000  # simulated for each d: mle k=20 then has its mean to 0.2 %
DISTANCES = 4_000_000  # simulated for each d at most
FEWEST = 100  # simulated for each d, below which their own error says too little
SETS = 200  # data sets for each d at most: E is known to a fourteenth of one's own error
# Points from which on an estimator's own bias at so many independent values is below 1 % (measured
# on S^5: knn and twonn-line at n = 15, 30, 60, 120 read 12, 6, 3, 1.2 % above their limit).
MANY = 200
STEP = 1.1  # between the d simulated: straight lines in logarithms are right to 0.1 %
FARTHEST = 30.0  # no correction beyond this factor
COSTLIEST = 2e8  # of a family, in coordinates drawn: about 20 s on one core
SEARCH = 100  # queries whose search costs about what drawing the points does
FEWEST_D = 5  # are simulated in any correction
MOSTLY_ASSUMED = 1.5  # the factor from which on a note says so


@dataclass(frozen=True)
class Corrected:
    """The d of that member of the reference family on which the estimator would read raw.d.

    The interval is the raw one carried over, widened by the error of the simulation. It holds if
    the points fill their manifold as the reference does, and says nothing of whether they do. By
    the sphere, not to be trusted (2500 points, mle k=20; `benchmarks/dimension_correction.py`):

    - near boundaries, which put d low by more than a sphere does: [0, 1]^20 reads 14.4 -> 18.1;
    - with curvature or folds, which put d high: the torus of d = 20 reads 23.4 -> 35.2;
    - with noise, quantised coordinates or clusters, which set d at small scales for reasons of
      their own: 50 clusters of d = 20 read 9.0 -> 10.1;
    - where density varies much: heavy tails of d = 20 read 18.8 -> 25.8, and even a Gaussian, of
      d = 10, 20, 60, reads 10.3, 19.8, 54.4;
    - far from the raw d: where `notes` say so, more comes from the reference than from the data.
    """

    d: float
    stderr: float
    lo: float
    hi: float  # infinite beyond what the reference reads
    reference: str
    raw: Dimension
    notes: tuple[str, ...] = ()

    @property
    def estimate(self) -> Estimate:
        return Estimate(self.d, self.stderr, self.lo, self.hi, self.raw.level)


def corrected(
    raw: Dimension, reference: str | Family = SPHERE, *, seed: int = 0, points: int = POINTS
) -> Corrected:
    """The d at which members of the reference, measured as the data were, read raw.d on average.

    E[d-hat](d) is simulated with raw's estimator, k and n (twonn-line and knn as by default) at d
    that enclose the raw interval, and inverted.

    reference: "sphere", the unit sphere S^d, any d >= 1, or a family (n, d, rng) -> points, for
        whole d, such as those of `scalinglaws.data.manifolds`. The sphere needs no search: its
        cost does not depend on n.
    points: simulated for each d, 100 or more; of a family, or where raw.n is below 200, in data
        sets of raw.n, 200 at most.
    The simulated points of a sphere share no neighbours. A bias of shared ones is seen below about
    15 points: S^5 by `twonn` comes out 3 % high at 15 points, 11 % at 8.
    Raises BadInput for an estimate whose estimator is not simulated here, a raw d that is not
    positive and finite, or a family on which it does not read higher the larger d is or whose
    members are too large to draw so many of.
    """
    if raw.method not in CORRECTABLE:
        raise BadInput(f"no correction for {raw.method}, only for {', '.join(CORRECTABLE)}")
    points, seed = whole("points", points), whole_seed(seed)
    if points < FEWEST:
        raise BadInput(
            f"a correction takes {FEWEST} simulated points or more, got points = {points}"
        )
    if isinstance(reference, str) and reference != SPHERE:
        raise BadInput(
            f"reference {reference!r:.60} is neither 'sphere' nor a function (n, d, rng) -> points"
        )
    if not 0 < raw.d < inf or not isfinite(raw.stderr):
        raise BadInput(
            f"{raw.method} reads d = {raw.d:g} with error {raw.stderr:g}: only a d that is "
            "positive and finite, with an error, has a correction"
        )
    if any(note.startswith(OTHER_DISCARD) for note in raw.notes):
        raise BadInput(
            f"{raw.method} is simulated at its default only, this one has {raw.notes[0]}: measure "
            "again with the default"
        )
    found = _readings(raw, reference, seed, points)
    slope = found.slope(raw.d)
    e = raw.estimate.map_monotone(found.d_of, slope)
    if e.value < inf:
        e = e.with_systematic(slope * found.stderr_of(raw.d))
    else:
        e = replace(e, stderr=inf)
    name = reference if isinstance(reference, str) else reference.__name__
    return Corrected(e.value, e.stderr, max(e.lo, 0.0), e.hi, name, raw, _notes(e, raw, name))


@dataclass(frozen=True)
class Readings:
    """What an estimator reads, on average, on members of a reference; and its inverse.

    Between the d simulated log E is a straight line in log d, below the first E is proportional
    to d.
    """

    d: Float[ndarray, " j"]  # ascending
    E: Float[ndarray, " j"]  # ascending
    stderr: Float[ndarray, " j"]  # of E, from the simulation

    def d_of(self, reading: float) -> float:
        """The d at which E is `reading`; infinite beyond the last."""
        if reading <= self.E[0]:
            return max(reading, 0.0) * float(self.d[0] / self.E[0])
        return float(np.exp(np.interp(log(reading), np.log(self.E), np.log(self.d), right=inf)))

    def slope(self, reading: float) -> float:
        """The derivative of `d_of`."""
        after = int(np.searchsorted(self.E, reading))
        d_over_E = self.d_of(reading) / reading
        if after in (0, len(self.E)):
            return d_over_E
        ends = slice(after - 1, after + 1)
        return float(np.diff(np.log(self.d[ends]))[0] / np.diff(np.log(self.E[ends]))[0]) * d_over_E

    def stderr_of(self, reading: float) -> float:
        return float(np.interp(reading, self.E, self.stderr))


def _readings(raw: Dimension, reference: str | Family, seed: int, points: int) -> Readings:
    """E at d from where it is below the raw interval to where it is above, as far as that goes."""
    simulate = _simulation(raw, reference, seed, points)
    # A sphere's d need be no whole number, a family's must.
    whole = ceil if callable(reference) else float
    d = max(1.0, whole(raw.d))
    nodes = [(d, *simulate(d))]
    while nodes[0][1] > raw.lo and (d := nodes[0][0]) > 1:
        d = max(1.0, d - whole(d - d / STEP))
        nodes.insert(0, (d, *simulate(d)))
    farthest = FARTHEST * max(raw.d, 1.0)
    while nodes[-1][1] < raw.hi and (d := nodes[-1][0]) < farthest:
        # Below the interval nothing is looked up. E grows no faster than d, so this leap to its
        # lower end falls short of it.
        leap = max(STEP, raw.lo / nodes[-1][1])
        d = d + whole(min(d * leap, farthest * STEP) - d)
        nodes.append((d, *simulate(d)))
    found = Readings(*np.array(nodes).T)
    if (np.diff(found.E) <= 0).any():
        raise BadInput(
            f"{raw.method} does not read higher the larger d is on this reference: "
            f"{found.E.round(2).tolist()} at d = {found.d.tolist()}; take another, or more points"
        )
    return found


def _simulation(
    raw: Dimension, reference: str | Family, seed: int, points: int
) -> Callable[[float], tuple[float, float]]:
    """d -> E[d-hat] and its standard error. Every d has the same seeds."""
    method = METHODS[raw.method]
    k = raw.k * method.reach
    total = max(FEWEST, min(points, DISTANCES // k))
    # In data sets like the raw one, whose estimates have its bias; but points of a sphere come one
    # by one, and many of them have none that is seen, in one set as in several.
    m = min(raw.n, total) if callable(reference) or raw.n < MANY else total
    sets = min(SETS, ceil(total / m))
    # Streams that no data can have come from by the same seed, as [seed] alone might.
    streams = np.random.SeedSequence(seed).spawn(sets)

    def drawn(d: float) -> Iterator[Neighbors]:
        rngs = map(np.random.default_rng, streams)
        if callable(reference):
            return (on_member(reference, m, raw.n, int(d), k, rng) for rng in rngs)
        return on_spheres(sets, m, raw.n, d, k, next(rngs))

    spent = 0.0

    def simulate(d: float) -> tuple[float, float]:
        nonlocal spent
        if callable(reference):
            columns = reference(1, int(d), np.random.default_rng(seed)).shape[1]
            cost = sets * raw.n * columns * (1 + m / SEARCH)
            spent += cost
            if max(spent, FEWEST_D * cost) > COSTLIEST:
                raise BadInput(
                    f"too costly: {sets} data sets of {raw.n} points in {columns} columns, and as "
                    "many at other d; take the sphere, whose cost does not depend on n or d, or "
                    "simulate fewer points"
                )
        found = [method.measure(None, nb, raw.k, raw.level) for nb in drawn(d)]
        return fmean(one.d for one in found), sqrt(sum(one.stderr**2 for one in found)) / sets

    return simulate


def _notes(e: Estimate, raw: Dimension, name: str) -> tuple[str, ...]:
    notes: list[str] = []
    if e.value >= MOSTLY_ASSUMED * raw.d:
        notes.append(
            f"more than {MOSTLY_ASSUMED:g} times the raw d: this says more of the {name} than of "
            "the data"
        )
    if e.hi == inf:
        notes.append(
            f"{raw.n} points of the {name} read below the raw interval's end at any d up to "
            f"{FARTHEST:g} times it: the correction has no upper end"
        )
    return tuple(notes)
