"""A target that varies continuously within a cluster: a random walk along its edges."""

from __future__ import annotations

import numba
import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from scalinglaws.errors import BadInput
from scalinglaws.percolation.bethe import Parents


def random_walk(parent: Parents, rng: np.random.Generator) -> Float64[ndarray, " s"]:
    """y_i = y_parent(i) + N(0, 1), then standardised over the cluster: mean 0, variance 1.

    Before that, sites a graph distance l apart differ by N(0, l); l ~ s^(1/2) across a critical
    cluster, so E (y_i - y_j)^2 ~ l/s^(1/2) after it (Brill 2024, experiments).
    """
    if len(parent) < 2:
        raise BadInput("a cluster of one site has no variance to standardise by")
    y = rng.standard_normal(len(parent))
    _add_up(parent, y)
    return (y - y.mean()) / y.std()


@numba.njit(cache=True, nogil=True)
def _add_up(parent, y):  # pyright: ignore[reportMissingParameterType]
    for i in range(1, len(parent)):
        y[i] += y[parent[i]]
