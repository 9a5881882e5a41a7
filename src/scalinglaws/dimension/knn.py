"""The k-neighbour relation: d from the distribution of mu_k = r_k/r_1.

Sharma & Kaplan 2020, eqs. 2.7, 2.8, B.15, B.16, and their published code's conventions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.dimension.errorbars import neighbor_stderr
from scalinglaws.dimension.neighbors import as_neighbors, log_mu
from scalinglaws.dimension.result import Dimension
from scalinglaws.errors import BadInput
from scalinglaws.estimate import LEVEL, Estimate

FITTED = 0.9  # share of the points in the fit: the authors' code, not in the paper
DROPPED = 2  # largest ratios never used: the last has F = 1 and y infinite (same code)


@dataclass(frozen=True)
class KnnLine:
    """The points of eq. B.16 in order, of which the first `fitted` make the fit y = d x."""

    x: Float[ndarray, " m"]  # log mu_k, ascending
    y: Float[ndarray, " m"]  # -log(1 - F^(1/(k-1)))
    fitted: int
    d: float


def knn(X: Any, k: int = 2, *, level: float = LEVEL) -> Dimension:
    """d by a line through the origin on the k-neighbour relation of points or Neighbors X.

    C(mu_k) = (1 - mu_k^-d)^(k-1) (eq. B.15) makes y = -log(1 - C^(1/(k-1))) equal d log mu_k
    (eq. B.16). With C estimated by F = i/n over the sorted mu_k, the two largest dropped, d is
    the least-squares slope through the origin of the first 90 %, as in the authors' code.

    Raises BadInput for k < 2, too few points, or points too tied to have a slope.
    """
    if k < 2:
        raise BadInput(f"knn compares r_k with r_1 and needs k >= 2, got k = {k}")
    nb = as_neighbors(X, k)
    x = log_mu(nb, k)
    line = knn_line(x, k)
    stderr = neighbor_stderr(_influence(x, line), nb, k)
    return Dimension.of(Estimate.normal(line.d, stderr, level), nb, k, "knn")


def knn_line(log_mu_k: Float[ndarray, " n"], k: int) -> KnnLine:
    """The sorted points of eq. B.16 and their fit; what a plot of the relation shows."""
    n = len(log_mu_k)
    m = n - DROPPED
    fitted = int(FITTED * m)
    x = np.sort(log_mu_k)[:m]
    F = np.arange(1, m + 1) / n
    y = -np.log1p(-(F ** (1 / (k - 1))))
    xx = x[:fitted] @ x[:fitted]
    if not xx > 0:
        raise BadInput(
            f"knn k={k} has no slope to fit: {n} points are too few or their {k} nearest "
            "neighbours equally far; use more points or larger k"
        )
    return KnnLine(x, y, fitted, float(x[:fitted] @ y[:fitted] / xx))


def _influence(log_mu_k: Float[ndarray, " n"], line: KnnLine) -> Float[ndarray, " n"]:
    """Influence of every point on the slope, an L-statistic of the sorted x.

    d = A/B with A = int y(u) Q(u) du and B = int Q(u)^2 du over u < 0.9, Q the quantile function
    of log mu_k. The influence of a value x on d is minus the integral over t from x to the end
    of the fit of (y(F(t)) - 2 d t) dt / B, up to a constant (Serfling 1980, section 8.1.1).
    """
    n, m = len(log_mu_k), line.fitted
    x, y = line.x[:m], line.y[:m]
    steps = y[:-1] * np.diff(x) - line.d * np.diff(x**2)
    psi = np.zeros(n)
    psi[: m - 1] = -np.cumsum(steps[::-1])[::-1]
    psi /= x @ x / n
    of_point = np.empty(n)
    of_point[np.argsort(log_mu_k)] = psi - psi.mean()
    return of_point
