"""Exact k nearest neighbours, computed once and shared by every estimator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from scalinglaws.dimension.arguments import whole, whole_seed
from scalinglaws.dimension.cloud import Cloud, power_of_two
from scalinglaws.dimension.engines import TIE, search
from scalinglaws.dimension.points import as_rows, distinct, survey
from scalinglaws.errors import BadInput


@dataclass(frozen=True)
class Neighbors:
    """The k nearest neighbours of m query points among n distinct points, themselves left out.

    r: distances, ascending in each row, in the data's units; those within 1e-12 are equal.
    index: which points these are, counted among the distinct ones.
    queries: whose neighbours these are, counted likewise; all n points unless fewer were asked.
    rows: rows[i] is the row of the caller's data where distinct point i first stands.
    """

    r: Float[ndarray, "m k"]
    index: Int[ndarray, "m k"]
    queries: Int[ndarray, " m"]
    rows: Int[ndarray, " n"]
    n: int  # distinct points
    ambient: int  # columns
    duplicates: int  # rows that repeat an earlier one, removed before the search
    engine: str  # how the candidates were found; the distances do not depend on it

    @property
    def k(self) -> int:
        return self.r.shape[1]

    @property
    def tied(self) -> float:
        """The share of points whose first two neighbours are equally far: quantised data."""
        return float((self.r[:, 0] == self.r[:, min(1, self.k - 1)]).mean())


def neighbors(
    X: Any, k: int, *, queries: int | None = None, seed: int = 0, or_fewer: bool = False
) -> Neighbors:
    """The exact k nearest neighbours, Euclidean, of every distinct row of X.

    Rows that repeat an earlier one are removed first. Distances are computed from float64
    differences of the coordinates as given, so neither an offset nor near-duplicates cost
    digits, and data of any scale that float64 holds gives the same ratios.

    X: any array-like of (points, coordinates), finite.
    queries: the neighbours of this many of the points only, drawn at random by `seed`; they are
        sought among all points. As many as there are, or more: all.
    or_fewer: where fewer than k other distinct points exist, take them all instead of refusing.
    Raises BadInput (rows that are not finite are named; k must be below the number of distinct
    points).
    """
    k, queries = whole("k", k), None if queries is None else whole("queries", queries)
    seed = whole_seed(seed)
    points = as_rows(X)
    if k < 1:
        raise BadInput(f"neighbours are counted from 1: k >= 1, got k = {k}")
    surveyed = survey(points)
    rows = distinct(points, surveyed.hashes)
    n = len(rows)
    if n == 1:
        what = f"all {len(points)} points are equal" if len(points) > 1 else "there is one point"
        raise BadInput(f"{what}: d is measured from distances between distinct points")
    if or_fewer:
        k = min(k, n - 1)
    if n <= k:
        raise BadInput(
            f"{k} neighbours need at least {k + 1} distinct points, got {n}: "
            "use more points or smaller k"
        )
    unit = power_of_two(surveyed.largest)
    asked = _drawn(n, queries, seed)
    r, index, engine = search(Cloud(points, rows, 1 / unit), k, asked)
    return Neighbors(
        r=_tied(_unscaled(r, unit)),
        index=index,
        queries=asked,
        rows=rows,
        n=n,
        ambient=points.shape[1],
        duplicates=len(points) - n,
        engine=engine,
    )


def as_neighbors(X: Any, k: int) -> Neighbors:
    """X itself when it is Neighbors with enough of them, else the neighbours of points X."""
    if not isinstance(X, Neighbors):
        return neighbors(X, k)
    if X.k < k:
        raise BadInput(f"these Neighbors hold {X.k} per point, k = {k} needs neighbors(X, {k})")
    return X


def log_mu(nb: Neighbors, k: int) -> Float[ndarray, " m"]:
    """log(r_k/r_1) of every query point."""
    return np.log(nb.r[:, k - 1] / nb.r[:, 0])


def _drawn(n: int, queries: int | None, seed: int) -> Int[ndarray, " m"]:
    """The query points in ascending order."""
    if queries is None or queries >= n:
        return np.arange(n)
    if queries < 2:
        raise BadInput(f"an estimate needs 2 query points or more, got queries = {queries}")
    return np.sort(np.random.default_rng(seed).choice(n, queries, replace=False))


def _tied(r: Float[ndarray, "m k"]) -> Float[ndarray, "m k"]:
    """Distances closer than rounding made one: a lattice stays one when turned or scaled."""
    for j in range(1, r.shape[1]):
        near, far = r[:, j - 1], r[:, j]
        far[far - near <= TIE * far] = near[far - near <= TIE * far]
    return r


def _unscaled(r: Float[ndarray, "m k"], unit: float) -> Float[ndarray, "m k"]:
    with np.errstate(over="ignore", under="ignore"):
        true = r * unit
    if (true < np.finfo(np.float64).tiny).any() or not np.isfinite(true).all():
        raise BadInput(
            "some distances between distinct points leave the range of float64 "
            "(2e-308 to 2e308): rescale the data"
        )
    return true
