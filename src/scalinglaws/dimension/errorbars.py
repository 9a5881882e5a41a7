"""Error bars for estimates made of points that share neighbours."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray


def neighbor_stderr(psi: Float[ndarray, " n"], index: Int[ndarray, "n k"]) -> float:
    """Standard error of an estimate whose influence values are psi (d-hat - E ~ mean of psi).

    Points that share neighbours have correlated psi, so the independent sum psi_i^2 (the Fisher
    error) is too small. The sandwich sums over the edges of the symmetrised neighbour graph,

        n^2 var(d-hat) = sum_i psi_i^2 + sum_{i ~ j} psi_i psi_j,

    as Conley (1999, J. Econometrics 92, 1) does for spatial data. Where the edges sum to less
    than nothing, chance or repulsion, the independent part alone is kept: the error reported is
    never below the one that ignores the sharing.
    """
    n = len(psi)
    independent = float(psi @ psi)
    row, column = _edges(index)
    shared = 2 * float(psi[row] @ psi[column])
    return (independent + max(shared, 0.0)) ** 0.5 / n


def _edges(index: Int[ndarray, "n k"]) -> tuple[Int[ndarray, " m"], Int[ndarray, " m"]]:
    """Every unordered pair of which one is among the other's neighbours, once."""
    n, k = index.shape
    i, j = np.repeat(np.arange(n), k), index.ravel()
    pairs = np.unique(np.minimum(i, j) * n + np.maximum(i, j))
    return pairs // n, pairs % n
