"""How much neighbours that points share add to the variance of an estimate of d.

Every estimate here is made of one statistic x_i per point, a function of ratios of distances to
its neighbours. Points share neighbours, so their x are correlated. Where points are locally
uniform the correlation is the same whatever the density: it makes the variance rho times that of
independent points, rho a number of the estimator, k and d alone, which
`benchmarks/dimension_sharing.py` measures on flat tori and prints. The experiment id-errors holds
the errors made with it against manifolds on which it was not measured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log

import numpy as np
from jaxtyping import Float
from numpy import ndarray

D_MEASURED = (1.0, 20.0)  # between which rho was measured; beyond, the nearer is taken
K_MEASURED = (2.0, 50.0)


@dataclass(frozen=True)
class Sharing:
    """rho of one kind of estimator, and the law of its x where d is one number.

    log_rho: a least-squares fit to rho measured at d = 1..20 (pairs of radii: 1..10) and
        k = 2..50 on 1500 to 4500 replicates of 1000 points; one is known to 3 or 4 %, the fit to
        about 2, but for pairs of radii: 4.
    relative_variance: var(x) / E[x]^2 at one d, a number of k alone.
    """

    log_rho: Callable[[float, float], float]
    relative_variance: Callable[[int], float]

    def rho(self, d: float, k: int) -> float:
        """True variance over that of independent points."""
        return exp(self.log_rho(_within(d, D_MEASURED), _within(k, K_MEASURED)))

    def within(self, x: Float[ndarray, " m"], k: int) -> float:
        """The share of the variance of x that is not differences in d between places.

        Only it is correlated by sharing: where a point lies is its own. With x = y/d_i, y of one
        law, E[var(x|d_i)] = var(y)/E[y^2] E[x^2].
        """
        v, var = self.relative_variance(k), float(x.var())
        return min(1.0, v / (1 + v) * float(x @ x) / len(x) / var) if var > 0 else 1.0


def _within(value: float, ends: tuple[float, float]) -> float:
    return min(max(value, ends[0]), ends[1])


def _line(d: float, k: float) -> float:
    return 0.435 + 0.235 / k + (0.141 - 0.389 / k) * log(d) - 0.052 * log(k)


def _likelihood(d: float, k: float) -> float:
    return 0.574 - 0.232 / k


def _local_mean(d: float, k: float) -> float:
    v = log(d)
    return -0.547 + 1.006 / k + (0.716 - 1.067 / k) * v - 0.102 * v**2


def _pair(d: float, k: float) -> float:
    return 0.375 + 0.050 / k + (0.678 - 1.272 / k) / d


def _relative_variance_of_log_ratio(first: int, k: int) -> float:
    """Of log(r_k/r_first): a sum of exponentials of mean 1/(j d), j = first .. k-1 (Renyi 1953)."""
    j = np.arange(first, k)
    return float((1 / j**2).sum() / (1 / j).sum() ** 2)


# x = log(r_k/r_1): a straight line on the k-neighbour relation.
LINE = Sharing(_line, lambda k: _relative_variance_of_log_ratio(1, k))
# x = sum_j log(r_k/r_j), Gamma(k-1): one likelihood of all points.
LIKELIHOOD = Sharing(_likelihood, lambda k: 1 / (k - 1))
# x = (k-2) / sum_j log(r_k/r_j): the mean of local estimates.
LOCAL_MEAN = Sharing(_local_mean, lambda k: 1 / (k - 3))
# x = log(r_k/r_(k/2)): one likelihood of all points' pairs of radii.
PAIR = Sharing(_pair, lambda k: _relative_variance_of_log_ratio(k // 2, k))
