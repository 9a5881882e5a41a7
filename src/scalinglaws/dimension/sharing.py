"""How much neighbours that points share add to the variance of an estimate of d.

Every estimate here is a smooth function of one statistic x_i per point, of ratios of distances to
its first k neighbours; psi_i is what x_i does to it. Of m independent points

    m^2 var(d-hat) = sum_i E psi_i^2 + sum_(i != j) E psi_i psi_j.

Where a point lies, and so its own d, is independent of all others: only what is left of psi at a
given place is correlated, through neighbours in common. Where points are locally uniform that
correlation is the same whatever the density, for x is made of ratios, so that the second sum is
(rho - 1) w sum_i E psi_i^2: w the share of the variance that is not differences between places,
rho a number of the estimator, k and d alone. It is 1.5 to 2 but for the mean of local estimates
at small d, where neighbours' estimates repel each other and it is below 1.

`benchmarks/dimension_sharing.py` measures rho on flat tori; the experiment id-errors holds the
errors made with it against these and against manifolds on which it was not measured, and shows
where they fail: densities that vary within k neighbours (a Gaussian in 20 dimensions; heavy tails,
where the mean of local estimates has no honest error at all and `mle_harmonic` serves). Beyond
k = 50 and d = 20 the nearest rho measured is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log

import numpy as np
from jaxtyping import Float
from numpy import ndarray

K_MEASURED = (2.0, 50.0)  # between which rho was measured; beyond, the nearer is taken


@dataclass(frozen=True)
class Sharing:
    """rho of one kind of estimator, and the law of its x where d is one number.

    log_rho: a least-squares fit to rho measured at d = 1..20 (pairs of radii: 1..10) and
        k = 2..50 on 1500 to 4500 replicates of 1000 points; one is known to 3 or 4 %, the fit to
        about 2, but for pairs of radii: 4.
    relative_variance: var(x) / E[x]^2 at one d, a number of k alone.
    d_measured: between which d; beyond, the nearer is taken.
    """

    log_rho: Callable[[float, float], float]
    relative_variance: Callable[[int], float]
    d_measured: tuple[float, float] = (1.0, 20.0)

    def rho(self, d: float, k: int) -> float:
        """True variance over that of independent points."""
        return exp(self.log_rho(_within(d, self.d_measured), _within(k, K_MEASURED)))

    def within(self, x: Float[ndarray, " m"], k: int) -> float:
        """The share of the variance of x that is not differences in d between places.

        With x = y/d_i, y of one law, E[var(x|d_i)] = var(y)/E[y^2] E[x^2]. It is 1 at most: what
        chance puts above is cut, in the measurement of rho too.
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
PAIR = Sharing(_pair, lambda k: _relative_variance_of_log_ratio(k // 2, k), (1.0, 10.0))
