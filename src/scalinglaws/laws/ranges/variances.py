"""Noise that differs from size to size, known from few replicates each.

Smyth 2004, doi:10.2202/1544-6115.1027: true variances v_i scatter about v_0 as d_0 v_0 / chi^2_d0,
and each is estimated by the mean of its own s_i^2, at its d_i degrees of freedom, and of v_0, at
d_0. Both are known from the s_i^2 of all sizes, since e_i = log s_i^2 - psi(d_i/2) + log(d_i/2)
has mean log v_0 - psi(d_0/2) + log(d_0/2) and variance psi'(d_i/2) + psi'(d_0/2). Here log v_0 is
a line in log x, for noise mostly falls with size.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray

_FEWEST = 4  # variances that say how variances scatter
_DOUBT = 0.05  # equal variances scatter as much with this probability, and are taken as equal


def moderated(
    x: Float[ndarray, " w"], s2: Float[ndarray, " w"], dof: Float[ndarray, " w"]
) -> Float[ndarray, " w"]:
    """Each size's variance; all equal to the pooled one where they scatter no more than that.

    x: log of the sizes, along which log v_0 is a line.
    s2: variances of the replicates of each size (0 where there is one alone), at dof.
    """
    pooled = float(s2 @ dof) / float(dof.sum())
    known = (dof > 0) & (s2 > 0)
    if known.sum() < _FEWEST or _bartlett(s2[known], dof[known]) > _DOUBT:
        return np.full(len(s2), pooled)
    from scipy.special import polygamma, psi

    half = dof[known] / 2
    e = np.log(s2[known]) - psi(half) + np.log(half)
    trend = np.polynomial.Polynomial.fit(x[known], e, 1)
    scatter = float(((e - trend(x[known])) ** 2).sum()) / (len(e) - 2)
    excess = scatter - float(polygamma(1, half).mean())
    if excess <= 0:
        return np.exp(trend(x))
    d0 = 2 * _inverse_trigamma(excess)
    v0 = np.exp(trend(x) + float(psi(d0 / 2)) - math.log(d0 / 2))
    return (d0 * v0 + dof * s2) / (d0 + dof)


def _bartlett(s2: Float[ndarray, " w"], dof: Float[ndarray, " w"]) -> float:
    """Probability that equal variances scatter so much (Bartlett 1937)."""
    from scipy.special import chdtrc

    total, w = float(dof.sum()), len(dof)
    statistic = total * math.log(float(s2 @ dof) / total) - float(dof @ np.log(s2))
    correction = 1 + (float((1 / dof).sum()) - 1 / total) / (3 * (w - 1))
    return float(chdtrc(w - 1, statistic / correction))


def _inverse_trigamma(y: float) -> float:
    """x > 0 with psi'(x) = y, by Newton's steps from below (Smyth 2004, appendix)."""
    from scipy.special import polygamma

    x = 0.5 + 1 / y
    for _ in range(50):
        step = float(polygamma(1, x)) * (1 - float(polygamma(1, x)) / y) / float(polygamma(2, x))
        x += step
        if -step < 1e-10 * x:
            break
    return x
