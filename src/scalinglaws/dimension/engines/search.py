"""The k nearest neighbours by the engine that is quickest for the points, and their proof."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from scalinglaws.dimension.cloud import Cloud
from scalinglaws.dimension.engines.candidates import TIE, asked
from scalinglaws.dimension.engines.differences import differences
from scalinglaws.dimension.engines.pick import pick
from scalinglaws.dimension.engines.product import product
from scalinglaws.dimension.engines.recheck import recheck
from scalinglaws.errors import BadInput
from scalinglaws.threads import one_product_per_thread

SQUARABLE = 1e-150  # of the largest coordinate: below, squared differences underflow
SMALL = 1 << 28  # m n D up to which plain differences take less than the import of numba: 0.2 s
MOST = 256  # neighbours; of more the other engines' sorting by insertion takes longest
FEW = 1 << 30  # m n D up to which queries in doubt go straight to plain differences

Found = tuple[Float[ndarray, "m k"], Int[ndarray, "m k"], str]


def search(cloud: Cloud, k: int, queries: Int[ndarray, " m"]) -> Found:
    """Distances, indices and the engine's name for the k nearest neighbours of the queries.

    Candidates come from the engine that is quickest for these points. Their distances are
    computed anew from coordinate differences; a query whose candidates could, by the engine's
    rounding, lack a neighbour nearer than the k-th (by more than 1e-12 of it) is searched again
    with products in float64, and if the doubt remains by differences alone. So every distance
    is right to rounding whatever the engine.
    """
    if len(queries) * cloud.n * cloud.D <= SMALL or k > MOST:
        r, index = differences(cloud, k, queries)
        name = "differences"
    else:
        r, index, name = _by_candidates(cloud, k, queries)
    if r[:, 0].min() < SQUARABLE:
        raise BadInput(
            "some distinct points differ by less than 1e-150 of the largest coordinate: "
            "float64 cannot square that; remove such near-repeats or the outliers"
        )
    return r, index, name


def _by_candidates(cloud: Cloud, k: int, queries: Int[ndarray, " m"]) -> Found:
    c, m = asked(k, cloud.n), len(queries)
    r, index = np.empty((m, k)), np.empty((m, k), dtype=np.intp)
    left = np.arange(m)
    with one_product_per_thread() as threads:
        name, quickest = pick(cloud, c, queries, threads)
        for find in (quickest, lambda some: product(cloud, c, some, np.float64, threads)):
            found = find(queries[left])
            recheck(cloud, queries[left], found.index, left, r, index, threads)
            left = left[found.floor < r[left, -1] * (1 - TIE)]
            if len(left) * cloud.n * cloud.D <= FEW:
                break
    if len(left):
        r[left], index[left] = differences(cloud, k, queries[left])
    return r, index, name
