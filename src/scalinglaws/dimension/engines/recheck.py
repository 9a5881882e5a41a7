"""The k nearest of each query's candidates, by exact distance."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from scalinglaws.dimension.cloud import BLOCK, Cloud, as_float, blocks, mapped
from scalinglaws.threads import share

QUERIES = 1 << 12  # per job
GATHERED = 8 * BLOCK  # coordinates read from a file at once


def recheck(
    cloud: Cloud,
    queries: Int[ndarray, " m"],
    candidates: Int[ndarray, "m c"],
    places: Int[ndarray, " m"],
    r: Float[ndarray, "all k"],
    index: Int[ndarray, "all k"],
    threads: int,
) -> None:
    """r[places] and index[places]: the k nearest of each query's candidates, itself left out.

    Distances are sums of squared differences of the coordinates as given, in float64.
    """
    from scalinglaws.dimension.engines.kernels import k_nearest

    def in_memory(some: slice) -> None:
        points = np.column_stack([queries[some], candidates[some]])
        at = cloud.rows[points]
        k_nearest(cloud.data, cloud.scale, at, points, places[some], r, index)

    def in_file(some: slice) -> None:  # each row once, in the file's order
        points = np.column_stack([queries[some], candidates[some]])
        rows, at = np.unique(cloud.rows[points], return_inverse=True)
        data = as_float(cloud.data[rows])
        k_nearest(data, cloud.scale, at.reshape(points.shape), points, places[some], r, index)

    if mapped(cloud.data):
        share(in_file, blocks(len(queries), (candidates.shape[1] + 1) * cloud.D, GATHERED), 1)
    else:
        share(in_memory, blocks(len(queries), 1, QUERIES), threads)
