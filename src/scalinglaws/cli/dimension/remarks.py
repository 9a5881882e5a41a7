"""What a reader must know of these points and of these numbers."""

from __future__ import annotations

from collections.abc import Iterator

from scalinglaws.cli.dimension.measure import Measured
from scalinglaws.cli.dimension.methods import title
from scalinglaws.dimension import Neighbors

MANY_TIES = 0.05  # share of points; below, ties move d by less than most intervals
# Of 95 % intervals of twonn, knn k=2 and mle k=5, on flat tori of so many points, d = 2 and 5, the
# share in % that covers the estimator's mean: the least of the six. At 150 and 200 points it is 92
# to 93, the mean of the six 94; shares are known to 1 % (1500 tori each).
COVERED = {5: 46, 7: 72, 10: 78, 15: 84, 20: 86, 30: 88, 50: 90, 70: 90}
FEW = 100  # points whose neighbours are known; from here on the mean share is 93 % or more
LARGE_D = 8.0  # from here on the bias of a finite sample is seen at any usual n
COVERS = (
    "The interval covers the estimator's own mean at this number of points, not its bias: "
    "boundaries make d read low, the more so the larger d is; noise and curvature, high. "
    "It takes the points for independent draws."
)


def remarks(found: Measured) -> Iterator[str]:
    """One sentence each, the most general first."""
    if found.nb is not None:
        yield from _of_neighbours(found.nb)
    if found.nb is not None and any(e.k for e in found.estimates):
        yield from _of_few(len(found.nb.queries))
    if found.duplicates:
        yield f"{found.duplicates} rows repeat an earlier row and were left out"
    ties_set_d = found.nb is not None and found.nb.tied > MANY_TIES
    large = any(e.d > LARGE_D for e in found.estimates if e.k)  # those that look at neighbours
    if large and not ties_set_d:
        beside = (
            "" if found.corrections else "; --correct sphere puts beside it what a sphere reads"
        )
        yield (
            "a large d is biased at any usual number of points: mostly low (boundaries, few "
            f"points), high on curved manifolds{beside}"
        )
    if found.corrections:
        yield _of_correction(found.corrections[0].reference)
    for e in found.estimates:
        yield from (f"{title(e.method, e.k)}: {note}" for note in e.notes)
    for c in found.corrections:
        yield from (f"{title(c.raw.method, c.raw.k)}, corrected: {note}" for note in c.notes)
    yield from found.left_out


def _of_neighbours(nb: Neighbors) -> Iterator[str]:
    yield f"neighbours found by {nb.engine}, distances exact"
    if len(nb.queries) < nb.n:
        yield f"neighbours of {len(nb.queries)} points drawn at random, sought among all {nb.n}"
    if nb.tied > MANY_TIES:
        yield (
            f"the first two neighbours of {nb.tied:.0%} of the points are equally far, as in "
            "quantised data: estimates from few neighbours read high; trust larger k"
        )


def _of_few(m: int) -> Iterator[str]:
    if m >= FEW:
        return
    n = max((n for n in COVERED if n <= m), default=min(COVERED))
    yield (
        f"intervals from {m} points are too narrow: on flat tori of {n} points, as few as "
        f"{COVERED[n]} % of those at 95 % covered; from {FEW} points on 93 % do"
    )


def _of_correction(reference: str) -> str:
    return (
        f"corrected: the d of the {reference} on which as many points read the same on average; "
        "right only where these points fill their manifold alike, so not to be trusted where "
        "boundaries, noise, ties, clusters or folds set d"
    )
