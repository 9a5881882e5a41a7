"""Error bars for estimates made of points that share neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

if TYPE_CHECKING:
    from scalinglaws.dimension.neighbors import Neighbors

EDGES_UP_TO = 5  # neighbours; measured: which sum over pairs comes nearer the true spread


def neighbor_stderr(psi: Float[ndarray, " m"], nb: Neighbors, k: int) -> float:
    """Standard error of an estimate whose influence values are psi (d-hat - E ~ mean of psi).

    psi: one value per query point, made from its first k neighbours.

    Points that share neighbours have correlated psi, so the independent sum psi_i^2 (the Fisher
    error) is too small, by a factor of about 1.3. The sandwich is Conley's (1999, J. Econometrics
    92, 1) for spatial data, with the neighbour graph in place of a map:

        n^2 var(d-hat) = sum_ij w_ij psi_i psi_j,   w_ii = 1.

    With few neighbours nearly all of the correlation is along the graph's edges, and w_ij = 1 on
    them. With many, edges reach too far, and w_ij is the share of neighbours (each point among
    its own) that i and j have in common.

    Where the pairs sum to less than nothing, by chance or because psi repel each other, the
    independent part alone is kept: the error is never below the one that ignores the sharing.
    """
    along = _along_edges if k <= EDGES_UP_TO else _by_overlap
    of_point = np.zeros(nb.n)  # influence of every point; none of those that were not asked for
    of_point[nb.queries] = psi
    independent = float(psi @ psi)
    shared = along(of_point, nb.queries, nb.index[:, :k])
    return max(independent, shared) ** 0.5 / len(psi)


def _along_edges(
    psi: Float[ndarray, " n"], queries: Int[ndarray, " m"], index: Int[ndarray, "m k"]
) -> float:
    """sum_i psi_i^2 + 2 sum psi_i psi_j over pairs of which one is among the other's neighbours."""
    n = len(psi)
    i, j = np.repeat(queries, index.shape[1]), index.ravel()
    pairs = np.unique(np.minimum(i, j) * n + np.maximum(i, j))
    return float(psi @ psi + 2 * psi[pairs // n] @ psi[pairs % n])


def _by_overlap(
    psi: Float[ndarray, " n"], queries: Int[ndarray, " m"], index: Int[ndarray, "m k"]
) -> float:
    """sum_l (sum of psi over l and all points that have l as a neighbour)^2 / (k+1).

    The same sum as over pairs with w_ij = |neighbours in common| / (k+1), never negative.
    """
    k = index.shape[1]
    users = psi + np.bincount(index.ravel(), np.repeat(psi[queries], k), minlength=len(psi))
    return float(users @ users) / (k + 1)
