"""Every pair of points nearer than a radius, the exact way, few at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from scalinglaws.dimension.cloud import BLOCK, power_of_two
from scalinglaws.dimension.neighbors import Neighbors
from scalinglaws.dimension.points import as_points
from scalinglaws.errors import BadInput

ROWS = 256  # queries per search: their lists of near points are what takes memory

Pairs = tuple[Int[ndarray, " p"], Int[ndarray, " p"], Float[ndarray, " p"]]


def pairs_within(nb: Neighbors, radius: float, X: Any = None) -> Iterator[Pairs]:
    """Blocks of (query, other point, distance < radius) over all queries of nb, in any order.

    Points are counted among the distinct ones. What the neighbours in nb do not show, the pairs
    of points with more of them than nb holds, is searched in X.

    X: the points nb was made from.
    Raises BadInput where X is needed and not given, or is not what nb was made from.
    """
    shown = (nb.r[:, -1] >= radius) | (nb.k == nb.n - 1)
    if not shown.all() and X is None:
        raise BadInput(
            f"{(~shown).sum()} of {len(shown)} points have more than {nb.k} others within "
            f"{radius:.3g}: give the points themselves, or Neighbors with more per point"
        )
    rows = max(1, BLOCK // nb.k)
    for start in range(0, len(shown), rows):
        block = slice(start, start + rows)
        i, place = np.nonzero((nb.r[block] < radius) & shown[block, None])
        yield nb.queries[block][i], nb.index[block][i, place], nb.r[block][i, place]
    if not shown.all():
        yield from _searched(nb, radius, X, nb.queries[~shown])


def _searched(nb: Neighbors, radius: float, X: Any, queries: Int[ndarray, " m"]) -> Iterator[Pairs]:
    """The pairs of these queries, by scikit-learn's search within a radius.

    The search is wide enough for its own rounding; the distances are computed anew from
    coordinate differences.
    """
    from sklearn.neighbors import NearestNeighbors

    points = as_points(X)
    if points.shape != (nb.n + nb.duplicates, nb.ambient):
        raise BadInput(f"these Neighbors are of other points than these, of shape {points.shape}")
    unit = power_of_two(points)
    scaled = points[nb.rows] / unit
    scaled -= scaled.mean(axis=0)
    tree = nb.engine == "KD-tree"  # what was quick for the neighbours is quick for the pairs
    if tree:
        _, axes = np.linalg.eigh(scaled.T @ scaled)
        scaled = scaled @ axes[:, ::-1]
    search = NearestNeighbors(algorithm="kd_tree" if tree else "brute").fit(scaled)
    wide = _wider(scaled[queries], radius / unit)
    for start in range(0, len(queries), ROWS):
        block = queries[start : start + ROWS]
        found = search.radius_neighbors(scaled[block], wide, return_distance=False)
        i, j = np.repeat(block, [len(near) for near in found]), np.concatenate(found)
        step = max(1, BLOCK // nb.ambient)
        for first in range(0, len(i), step):
            pair = slice(first, first + step)
            gap = points[nb.rows[i[pair]]] / unit - points[nb.rows[j[pair]]] / unit  # (pair, D)
            r = np.sqrt(np.einsum("pd,pd->p", gap, gap)) * unit
            near = (r < radius) & (i[pair] != j[pair])
            yield i[pair][near], j[pair][near], r[near]


def _wider(queries: Float[ndarray, "m D"], radius: float) -> float:
    """The radius at which no pair within `radius` is lost to rounding.

    A squared distance comes out wrong by at most 2 (D+5)^1.5 eps (|x|^2 + |y|^2), as in the
    search for neighbours, and |y| <= |x| + radius.
    """
    x = np.linalg.norm(queries, axis=1).max()
    eps = np.finfo(np.float64).eps
    rounding = 2 * (queries.shape[1] + 5) ** 1.5 * eps * (x**2 + (x + radius) ** 2)
    return float(np.sqrt(radius**2 + rounding))
