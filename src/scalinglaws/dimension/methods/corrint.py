"""The correlation dimension: how the number of pairs grows with their distance.

Grassberger & Procaccia 1983, doi:10.1016/0167-2789(83)90298-1, at two radii that the neighbours
set (k1, k2), as the R package ider (Hino 2017) has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from scalinglaws.dimension.arguments import whole
from scalinglaws.dimension.engines import TIE
from scalinglaws.dimension.methods.pairs import pairs_within
from scalinglaws.dimension.neighbors import Neighbors, as_neighbors
from scalinglaws.dimension.result import Dimension
from scalinglaws.errors import BadInput
from scalinglaws.estimate import LEVEL, Estimate


def corrint(
    X: Any, k1: int = 10, k2: int = 20, *, nb: Neighbors | None = None, level: float = LEVEL
) -> Dimension:
    """The correlation dimension of points or Neighbors X between two radii.

    C(r), the share of pairs nearer than r, grows as r^d:

        d-hat = log(C(r2)/C(r1)) / log(r2/r1),   r1, r2 = the medians of r_k1, r_k2.

    Distances within 1e-12 of a radius are not below it. Pairs of query points with all others
    count where the neighbours are those of a subset.

    The error is that of a U-statistic: of independent points only pairs that share one are
    correlated, and the sum over those pairs of pairs is exact, shared neighbours included. The
    radii are taken as given: where C is a power law d does not depend on them. The interval
    covers the estimator's own mean.

    nb: the neighbours of points X, where they are known already. The pairs they do not hold are
        searched, at about the cost of the neighbours again; Neighbors alone do where none lack.
    Raises BadInput unless 1 <= k1 < k2, for too few points, for r1 = r2 (ties), or where pairs
    are needed that Neighbors alone do not hold.
    """
    k1, k2 = whole("k1", k1), whole("k2", k2)
    if not 1 <= k1 < k2:
        raise BadInput(f"corrint compares two radii and needs 1 <= k1 < k2, got {k1} and {k2}")
    points = None if isinstance(X, Neighbors) else X
    nb = as_neighbors(X if nb is None else nb, k2)
    r1, r2 = (float(np.median(nb.r[:, k - 1])) for k in (k1, k2))
    c1, c2 = _count(nb, r1, r2, points)
    if not (r1 < r2 * (1 - TIE) and c1.pairs > 0):
        tied = int((nb.r[:, k1 - 1] == nb.r[:, k2 - 1]).sum())
        raise BadInput(
            f"corrint has no two radii with pairs within: neighbours {k1} and {k2} of {tied} of "
            f"{len(nb.r)} points are equally far, as on a lattice; use larger k, further apart"
        )
    length = np.log(r2 / r1)
    d = float(np.log(c2.pairs / c1.pairs) / length)
    stderr = float(_stderr_log_ratio(c1, c2) / length)
    notes = (f"pairs between the median distances of neighbours {k1} and {k2}",)
    return Dimension.of(Estimate.normal(d, stderr, level), nb, k2, "corrint", notes)


@dataclass(frozen=True)
class Counts:
    """Ordered pairs (query, other point) nearer than one radius."""

    of_point: Int[ndarray, " n"]  # those a point stands in, at either end
    pairs: int
    ends: int  # query points at their ends: twice the pairs where all points are queries


def _count(nb: Neighbors, r1: float, r2: float, points: Any) -> tuple[Counts, Counts]:
    radii = (r1 * (1 - TIE), r2 * (1 - TIE))
    is_query = np.zeros(nb.n, dtype=bool)
    is_query[nb.queries] = True
    of_point = np.zeros((2, nb.n), dtype=np.intp)
    pairs, both = [0, 0], [0, 0]
    for i, j, r in pairs_within(nb, radii[1], points):
        for w, radius in enumerate(radii):
            near = r < radius
            np.add.at(of_point[w], i[near], 1)
            np.add.at(of_point[w], j[near], 1)
            pairs[w] += int(near.sum())
            both[w] += int(is_query[j[near]].sum())
    c1, c2 = (Counts(of_point[w], pairs[w], pairs[w] + both[w]) for w in (0, 1))
    return c1, c2


def _stderr_log_ratio(c1: Counts, c2: Counts) -> float:
    """Of log(C(r2)/C(r1)), over draws of independent points.

    A pair adds v = 1/c2 - [r < r1]/c1, of mean zero, to the linearised log-ratio, once for every
    query at its ends (w = v or 2v). The variance is the sum of w w' over pairs of pairs with a
    point in common: sum_l (sum of w at point l)^2 counts a pair with itself twice, so once is
    taken off (Lee 1990, U-Statistics, section 1.3). It is never below the sum of w^2, what is
    left where the number of neighbours varies no more than independent pairs make it.
    """
    at_point = c2.of_point / c2.pairs - c1.of_point / c1.pairs
    alone = c1.ends * (1 / c2.pairs - 1 / c1.pairs) ** 2 + (c2.ends - c1.ends) / c2.pairs**2
    return max(float(at_point @ at_point) - alone, alone) ** 0.5
