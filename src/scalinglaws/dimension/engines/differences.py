"""Sums of squared differences, every pair: no cancellation, no doubt, m n D operations."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from scalinglaws.dimension.cloud import BLOCK, Cloud, blocks

Found = tuple[Float[ndarray, "m k"], Int[ndarray, "m k"]]


def differences(cloud: Cloud, k: int, queries: Int[ndarray, " m"]) -> Found:
    """Distances and indices of the k nearest of each query, itself left out, ascending."""
    r, index = np.empty((len(queries), k)), np.empty((len(queries), k), dtype=np.intp)
    for some in blocks(len(queries), max(cloud.D, min(cloud.n, BLOCK // cloud.D)), BLOCK):
        r[some], index[some] = _nearest(cloud, k, queries[some])
    return r, index


def _nearest(cloud: Cloud, k: int, queries: Int[ndarray, " m"]) -> Found:
    """The same for few queries, the points a block at a time."""
    from scipy.spatial.distance import cdist

    x = cloud.block(queries)
    r, index = np.empty((len(queries), 0)), np.empty((len(queries), 0), dtype=np.intp)
    for some in blocks(cloud.n, cloud.D, BLOCK):
        here = np.arange(cloud.n)[some]
        gap = cdist(x, cloud.block(some))
        gap[queries[:, None] == here] = np.inf
        r = np.hstack([r, gap])
        index = np.hstack([index, np.broadcast_to(here, gap.shape)])
        if r.shape[1] > k:
            nearest = np.argpartition(r, k - 1, axis=1)[:, :k]
            r, index = _at(nearest, r, index)
    return _at(np.argsort(r, axis=1, kind="stable"), r, index)


def _at(place: Int[ndarray, "m k"], r: Float[ndarray, "m c"], index: Int[ndarray, "m c"]) -> Found:
    return np.take_along_axis(r, place, axis=1), np.take_along_axis(index, place, axis=1)
