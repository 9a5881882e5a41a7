"""Every pair of points nearer than a radius, the exact way, few at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from scalinglaws.dimension.cloud import BLOCK, Cloud, blocks, mapped, power_of_two
from scalinglaws.dimension.engines.rounding import rounding
from scalinglaws.dimension.neighbors import Neighbors
from scalinglaws.dimension.points import as_rows, survey
from scalinglaws.errors import BadInput

ROWS = 256  # queries per search: their lists of near points are what takes memory
HELD = 8 * BLOCK  # coordinates of the queries for which a file is read once

Near = tuple[Int[ndarray, " p"], Int[ndarray, " p"]]
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
    """The pairs of these queries, their distances by coordinate differences."""
    points = as_rows(X)
    if points.shape != (nb.n + nb.duplicates, nb.ambient):
        raise BadInput(f"these Neighbors are of other points than these, of shape {points.shape}")
    unit = power_of_two(survey(points).largest)
    cloud = Cloud(points, nb.rows, 1 / unit)
    if mapped(points):
        near = _near_in_file(cloud, queries, radius / unit)
    else:
        near = _near_in_memory(cloud, queries, radius / unit, nb.engine == "KD-tree")
    for i, j in near:
        for some in blocks(len(i), cloud.D, BLOCK):
            gap = cloud.block(i[some]) - cloud.block(j[some])
            r = np.sqrt(np.einsum("pd,pd->p", gap, gap)) * unit
            within = (r < radius) & (i[some] != j[some])
            yield i[some][within], j[some][within], r[within]


def _near_in_memory(
    cloud: Cloud, queries: Int[ndarray, " m"], radius: float, tree: bool
) -> Iterator[Near]:
    """By scikit-learn's search, in a tree where that was quick for the neighbours."""
    from sklearn.neighbors import NearestNeighbors

    x = cloud.block(slice(None))
    x -= x.mean(axis=0)
    if tree:
        _, axes = np.linalg.eigh(x.T @ x)
        x = x @ axes[:, ::-1]
    search = NearestNeighbors(algorithm="kd_tree" if tree else "brute").fit(x)
    lengths = np.linalg.norm(x[queries], axis=1)
    wide = float(np.sqrt(_square_wide(lengths.max(), radius, cloud.D)))
    for start in range(0, len(queries), ROWS):
        some = queries[start : start + ROWS]
        found = search.radius_neighbors(x[some], wide, return_distance=False)
        yield np.repeat(some, [len(near) for near in found]), np.concatenate(found)


def _near_in_file(cloud: Cloud, queries: Int[ndarray, " m"], radius: float) -> Iterator[Near]:
    """By |x|^2 + |y|^2 - 2xy: for each block of queries the file is read once."""
    for asked in blocks(len(queries), cloud.D, HELD):
        x = cloud.centred(queries[asked])
        square_x = np.einsum("nd,nd->n", x, x)
        wide = _square_wide(np.sqrt(square_x), radius, cloud.D)
        for some in blocks(cloud.n, max(cloud.D, len(x)), BLOCK):
            y = cloud.centred(some)
            square = square_x[:, None] - 2 * (x @ y.T) + np.einsum("nd,nd->n", y, y)
            i, j = np.nonzero(square <= wide[:, None])
            yield queries[asked][i], j + some.start


def _square_wide(x: Float[ndarray, "*m"], radius: float, D: int) -> Float[ndarray, "*m"]:
    """The squared distance from points of length x up to which rounding may hide a near one."""
    return radius**2 + 2 * rounding(D) * (x**2 + (x + radius) ** 2)  # |y| <= |x| + radius
