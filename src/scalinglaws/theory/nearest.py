"""How far the nearest neighbours are, and how likely d makes it.

Sharma & Kaplan 2020 (arXiv:2004.10802), appendix B, in the order of its equations. Points of
constant density rho on a manifold of dimension d; r_1 <= r_2 <= ... the distances from one of
them to its neighbours, mu_i = r_i / r_1. `dimension.methods` turns these laws into estimates:
B.13 is `mle`, and B.16, with 2.8 and B.10, is `knn`.

Printed otherwise, and put right here: B.4 and the first line of B.5 have r_1^d in the exponent
where the farthest distance, r_2^d, belongs; the second line of B.7 has mu_3 r_3^d for
mu_3^d r_1^d; B.14 has the power k-1, with which it has no integral of one; 2.8, B.10 and B.16
lack a minus sign.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from scalinglaws.errors import BadInput


def count_probability(n: Int[ndarray, " n"], V: float, rho: float = 1.0) -> Float[ndarray, " n"]:
    """P_n = (rho V)^n e^(-rho V) / n!, of n points in a volume V (B.1)."""
    from scipy.special import gammaln

    return np.exp(n * math.log(rho * V) - rho * V - gammaln(np.asarray(n) + 1.0))


def count_generator(x: float, V: float, rho: float = 1.0) -> float:
    """G = sum_n P_n x^n = e^((x - 1) rho V) (B.2): (1 - rho dV + x rho dV)^(V / dV), dV -> 0."""
    return math.exp((x - 1) * rho * V)


def ball(d: float) -> float:
    """omega_d = pi^(d/2) / Gamma(d/2 + 1), the volume of the unit ball."""
    return math.pi ** (d / 2) / math.gamma(d / 2 + 1)


def nearest_density(r1: Float[ndarray, " n"], d: float, rho: float = 1.0) -> Float[ndarray, " n"]:
    """P(r_1) = d rho omega_d r_1^(d-1) e^(-rho omega_d r_1^d) (B.3)."""
    return distances_density(r1[:, None], d, rho)


def distances_density(r: Float[ndarray, "n k"], d: float, rho: float = 1.0) -> Float[ndarray, " n"]:
    """P(r_1..r_k) = (rho omega_d d)^k e^(-rho omega_d r_k^d) prod_i r_i^(d-1): B.4 at k = 2.

    No point lies within r_k but those on the shells, so r_k^d is in the exponent; B.4 and B.5
    print r_1^d.
    """
    a = rho * ball(d)
    return (a * d) ** r.shape[1] * np.exp(-a * r[:, -1] ** d) * np.prod(r ** (d - 1), axis=1)


def ratios_density(mu: Float[ndarray, "n k-1"], d: float) -> Float[ndarray, " n"]:
    """P(mu_2..mu_k) = (k-1)! d^(k-1) prod_{i<k} mu_i^(d-1) / mu_k^(1 + d (k-1)) (B.11).

    B.5 at k = 2 and B.7 at k = 3. With r_i = mu_i r_1, of Jacobian r_1^(k-1), the integral of
    `distances_density` over r_1 is int r_1^(kd-1) e^(-a mu_k^d r_1^d) dr_1 = Gamma(k) / (d
    (a mu_k^d)^k): the density of points drops out. B.7 prints mu_3 r_3^d in that exponent.
    """
    _check(d, k := mu.shape[1] + 1)
    inner = np.prod(mu[:, :-1] ** (d - 1), axis=1)
    return math.factorial(k - 1) * d ** (k - 1) * inner / mu[:, -1] ** (1 + d * (k - 1))


def ratio_density(mu_k: Float[ndarray, " n"], d: float, k: int = 2) -> Float[ndarray, " n"]:
    """P(mu_k) = (k-1) d (mu_k^d - 1)^(k-2) / mu_k^((k-1) d + 1): B.14, with k-2 for its k-1.

    The derivative of `ratio_cumulative`; B.5 at k = 2 and B.8 at k = 3.
    """
    _check(d, k)
    return (k - 1) * d * (1 - mu_k**-d) ** (k - 2) / mu_k ** (d + 1)  # mu^(d (k-2)) cancelled


def ratio_cumulative(mu_k: Float[ndarray, " n"], d: float, k: int = 2) -> Float[ndarray, " n"]:
    """C(mu_k) = (1 - mu_k^-d)^(k-1) (2.7, B.15); B.6 at k = 2 and B.9 at k = 3."""
    _check(d, k)
    return (1 - mu_k**-d) ** (k - 1)


def dimension_of(
    mu_k: Float[ndarray, " n"], C: Float[ndarray, " n"], k: int = 2
) -> Float[ndarray, " n"]:
    """d = -log(1 - C^(1/(k-1))) / log mu_k (2.8, B.16; B.10 at k = 3), printed with no minus."""
    return -np.log1p(-(C ** (1 / (k - 1)))) / np.log(mu_k)


def likeliest_dimension(mu: Float[ndarray, "n k-1"]) -> Float[ndarray, " n"]:
    """d = (k-1) / ((k-1) log mu_k - sum_{1<j<k} log mu_j) (B.12), where B.11 is largest.

    One point's; its mean is d (k-1) / (k-2), so B.13 has k-2 above.
    """
    log_mu = np.log(mu)
    k = mu.shape[1] + 1
    return (k - 1) / ((k - 1) * log_mu[:, -1] - log_mu[:, :-1].sum(axis=1))


def _check(d: float, k: int) -> None:
    if not (d > 0 and k >= 2):
        raise BadInput(f"ratios of distances need d > 0 and k >= 2, not d={d}, k={k}")
