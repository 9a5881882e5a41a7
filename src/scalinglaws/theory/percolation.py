"""Percolation: thresholds, critical exponents, and the exact cluster-size law of the Bethe lattice.

Brill 2024, arXiv:2412.07942, uses these for the distribution of clusters that data are made of;
Stauffer and Aharony, Introduction to Percolation Theory, is the general reference.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput

Values = Float[ndarray, "*shape"] | np.float64

MEAN_FIELD_TAU = 5 / 2  # from d = 6 on, and on the Bethe lattice
MEAN_FIELD_DF = 4.0


@dataclass(frozen=True)
class Lattice:
    """Thresholds and exponents of the hypercubic lattice Z^d.

    tau: clusters of s sites number n_s ~ s^-tau at p_c.
    D_f: fractal dimension of the critical clusters, s ~ r^D_f; tau = 1 + d / D_f up to d = 6.
    D_f_brill: the value Brill 2024 computes with (Stauffer and Aharony's).
    """

    d: int
    site_p_c: float
    bond_p_c: float
    tau: float
    D_f: float
    D_f_brill: float
    source: str


_JACOBSEN = "site p_c: Jacobsen 2015; bond p_c, tau, D_f exact"
_XU = "p_c: Xu, Wang, Lv & Deng 2014; tau: as in Brill 2024; D_f: tau = 1 + d/D_f"
_MERTENS = "p_c, tau: Mertens & Moore 2018, arXiv:1806.08067"
_ZHANG = f"{_MERTENS}; D_f: Zhang et al. 2020, arXiv:2004.11289"
_SIX = f"{_MERTENS} (tau numerical: exactly 5/2, with logarithms); D_f exact"
LATTICES = (
    Lattice(2, 0.59274605079, 0.5, 187 / 91, 91 / 48, 91 / 48, _JACOBSEN),
    Lattice(3, 0.31160768, 0.24881185, 2.1892, 2.523, 2.53, _XU),
    Lattice(4, 0.19688561, 0.16013122, 2.3142, 3.0446, 3.06, _ZHANG),
    Lattice(5, 0.14079633, 0.11817145, 2.419, 3.5260, 3.54, _ZHANG),
    Lattice(6, 0.109016661, 0.09420165, 2.487, MEAN_FIELD_DF, MEAN_FIELD_DF, _SIX),
    Lattice(7, 0.088951121, 0.078675230, MEAN_FIELD_TAU, MEAN_FIELD_DF, MEAN_FIELD_DF, _MERTENS),
)


def bethe_threshold(z: int) -> float:
    """p_c = 1/(z-1): one child per site on average, of sites and of bonds alike."""
    if z < 3:
        raise BadInput(f"a Bethe lattice needs z >= 3 neighbours per site; got {z}")
    return 1 / (z - 1)


def tail_exponent(tau: float) -> float:
    """P(S >= s) ~ s^-(tau-2) for the cluster of a random site: weight s n_s ~ s^(1-tau)."""
    return tau - 2


def zipf_exponent(tau: float) -> float:
    """alpha of p_k ~ k^-(1+alpha), the share of the k-th largest cluster: (3-tau)/(tau-2).

    Of K clusters of random sites the k-th has s_k ~ k^-1/(tau-2), so 1 + alpha = 1/(tau-2).
    Clusters drawn once each, not by a random site, would give 1/(tau-1) and a negative alpha:
    the size bias is essential (Brill 2024).
    """
    return (3 - tau) / (tau - 2)


def _check_bethe(z: int, p: float) -> None:
    bethe_threshold(z)
    if not 0 < p < 1:
        raise BadInput(f"a bond probability lies in (0, 1); got {p}")


def log_size_pmf(s: ArrayLike, z: int, p: float) -> Values:
    """log P(S = s) of the root's cluster on the Bethe lattice.

    With n = (z-1)(s-1) + z trials made by s sites, the hitting-time theorem (Otter 1949,
    Dwass 1969) gives P(S = s) = (z/n) Binomial(s-1; n, p). At p_c it falls as s^-3/2.

    s: sizes >= 1; real values interpolate the law smoothly. z: neighbours; p: bond probability.
    Relative error of P below 1e-9 up to s = 1e8.
    """
    _check_bethe(z, p)
    size = np.asarray(s, dtype=np.float64)
    if not (size >= 1).all():
        raise BadInput("cluster sizes start at 1")
    n = (z - 1) * (size - 1) + z
    return np.log(z / n) + _log_binomial(size - 1, n, p)


def _log_binomial(k: Values, n: Values, p: float) -> ndarray:
    """log Binomial(k; n, p) without the cancellation of log-gammas at large n.

    Loader 2000: Stirling's remainders, and the deviance k log(k/np) + (n-k) log((n-k)/nq),
    whose first orders in k - np cancel by hand.
    """
    from scipy.special import gammaln, xlog1py, xlogy

    small = k < 1000  # there log-gammas are good to 1e-9
    direct = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + xlogy(k, p) + xlog1py(n - k, -p)
    k_big = np.where(small, 1000.0, k)
    n_big = np.where(small, 1000.0 / p, n)
    excess = k_big - n_big * p
    saddle = (
        _stirling_remainder(n_big)
        - _stirling_remainder(k_big)
        - _stirling_remainder(n_big - k_big)
        - _deviance(excess, n_big * p)
        - _deviance(-excess, n_big * (1 - p))
        + 0.5 * np.log(n_big / (2 * math.pi * k_big * (n_big - k_big)))
    )
    return np.where(small, direct, saddle)


def _stirling_remainder(n: Values) -> Values:
    """log n! - [(n + 1/2) log n - n + log(2 pi)/2] for n >= 1000."""
    return 1 / (12 * n) - 1 / (360 * n**3)


def _deviance(excess: Values, mean: Values) -> Values:
    """x log(x/M) - x + M for x = M + excess."""
    e = excess / mean
    return mean * ((1 + e) * np.log1p(e) - e)


def size_pmf(s: ArrayLike, z: int, p: float) -> Values:
    """P(S = s); see `log_size_pmf`."""
    return np.exp(log_size_pmf(s, z, p))


def size_mean(z: int, p: float) -> float:
    """E[S] = (1+p) / (1 - (z-1)p) below p_c, where it is finite."""
    _check_bethe(z, p)
    if p >= bethe_threshold(z):
        raise BadInput(f"the mean cluster size diverges from p_c = {bethe_threshold(z):.6g} on")
    return (1 + p) / (1 - (z - 1) * p)


def size_probability(edges: ArrayLike, z: int, p: float) -> Float[ndarray, " bins"]:
    """P(edges[i] <= S < edges[i+1]) for increasing whole-number edges.

    Sizes below 300 are summed. Above, sum_{a <= s < b} P(s) is the integral of P from a-1/2 to
    b-1/2 (midpoint rule: relative error at most 0.16/a^2), by Gauss-Legendre in log s.
    """
    edge = np.asarray(edges, dtype=np.float64)
    if edge.ndim != 1 or len(edge) < 2 or not (np.diff(edge) > 0).all() or edge[0] < 1:
        raise BadInput("size classes need at least two increasing edges, from 1 on")
    return np.array([_bin_probability(a, b, z, p) for a, b in itertools.pairwise(edge)])


def _bin_probability(a: float, b: float, z: int, p: float) -> float:
    split = min(max(a, 300.0), b)
    head = float(size_pmf(np.arange(a, split), z, p).sum())
    if split == b:
        return head
    lo, hi = math.log(split - 0.5), math.log(b - 0.5)
    nodes, weights = np.polynomial.legendre.leggauss(16 + 4 * math.ceil(hi - lo))
    log_s = (lo + hi) / 2 + (hi - lo) / 2 * nodes
    return head + (hi - lo) / 2 * float(weights @ (size_pmf(np.exp(log_s), z, p) * np.exp(log_s)))
