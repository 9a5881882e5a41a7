"""The k-neighbour relation: d from the distribution of mu_k = r_k/r_1.

Sharma & Kaplan 2020, eqs. 2.7, 2.8, B.15, B.16, and their published code's conventions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.dimension.arguments import whole
from scalinglaws.dimension.errorbars import neighbor_stderr
from scalinglaws.dimension.methods.line import Line, line_through_origin, slope_influence
from scalinglaws.dimension.neighbors import as_neighbors, log_mu
from scalinglaws.dimension.result import Dimension
from scalinglaws.dimension.sharing import LINE
from scalinglaws.errors import BadInput
from scalinglaws.estimate import LEVEL, Estimate

FITTED = 0.9  # share of the points in the fit: the authors' code, not in the paper
DROPPED = 2  # largest ratios never used: the last has F = 1 and y infinite (same code)


def knn(X: Any, k: int = 2, *, level: float = LEVEL) -> Dimension:
    """d by a line through the origin on the k-neighbour relation of points or Neighbors X.

    C(mu_k) = (1 - mu_k^-d)^(k-1) (eqs. 2.7, B.15) makes y = -log(1 - C^(1/(k-1))) equal d log mu_k
    (eqs. 2.8, B.16, printed without their minus sign; B.10 at k = 3). With C estimated by F = i/n
    over the sorted mu_k, the two largest dropped, d is the least-squares slope through the origin
    of the first 90 %, as in the authors' code.

    Raises BadInput for k < 2, too few points, or points too tied to have a slope.
    """
    k = whole("k", k)
    if k < 2:
        raise BadInput(f"knn compares r_k with r_1 and needs k >= 2, got k = {k}")
    nb = as_neighbors(X, k)
    x = log_mu(nb, k)
    line = knn_line(x, k)
    stderr = neighbor_stderr(slope_influence(x, line), x, nb, k, line.d, LINE)
    return Dimension.of(Estimate.normal(line.d, stderr, level), nb, k, "knn")


def knn_line(log_mu_k: Float[ndarray, " n"], k: int) -> Line:
    """The sorted points of eq. B.16 and their fit; what a plot of the relation shows."""
    n = len(log_mu_k)
    m = n - DROPPED
    F = np.arange(1, m + 1) / n
    y = -np.log1p(-(F ** (1 / (k - 1))))
    return line_through_origin(np.sort(log_mu_k)[:m], y, int(FITTED * m), f"knn k={k}")
