"""Scaling laws of data made of percolation clusters. Brill 2024, arXiv:2412.07942.

The k-th largest cluster is met with probability p_k ~ k^-(1+alpha). A learner that spends n_k
degrees of freedom (DOF) on it is left with the loss min(1, n_k^-(c/D_f)): c = 2 for a piecewise
constant learner, 4 for a piecewise linear one; D_f is the clusters' fractal dimension (the paper
writes D, and script D for the number of examples, which is D here as everywhere).

Rank is continuous, from 1 on. Sums over real clusters differ: see `realised_loss`.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput

Values = Float[ndarray, "*shape"] | np.float64


class Closure(StrEnum):
    """What fixes the last learnt rank k_br.

    PAPER: its cluster gets exactly one DOF, n_{k_br} = 1.
    OPTIMUM: the loss is stationary in k_br. As n^-(c/D_f) is convex only where it is below 1, the
    least worthwhile share is n_{k_br} = (1 + c/D_f)^(D_f/c), 2.25 at c/D_f = 1/2. Exponents are
    the same; the loss at alpha = 1 is lower by 1.6 % (c/D_f = 1/2) to 14 % (2) at N = 500.
    """

    PAPER = "paper"
    OPTIMUM = "optimum"

    def last_share(self, c_over_Df: float) -> float:
        """n_{k_br}."""
        return 1.0 if self is Closure.PAPER else (1 + c_over_Df) ** (1 / c_over_Df)


def _positive(**values: ArrayLike) -> None:
    for name, value in values.items():
        if not (np.asarray(value) > 0).all():
            raise BadInput(f"{name} must be positive")


def allocation_exponent(alpha: float, c_over_Df: float) -> float:
    """b of the optimal share n_k ~ k^(b-1): b = 1 - (1+alpha)/(1 + c/D_f).

    Stationarity of sum p_k n_k^-(c/D_f) at fixed sum n_k: p_k n_k^-(1 + c/D_f) is the same for
    all k. b > 0 (c/D_f > alpha): most DOF go to the many small clusters, which act as quanta;
    b < 0: to the few large ones, which act as manifolds.
    """
    _positive(alpha=alpha, c_over_Df=c_over_Df)
    return 1 - (1 + alpha) / (1 + c_over_Df)


def _log_integral(log_k: Values, b: float) -> Values:
    """(1 - k^-b)/b, which is log k at b = 0."""
    from scipy.special import exprel

    return log_k * exprel(-b * log_k)


def parameters_for(
    k_br: ArrayLike, alpha: float, c_over_Df: float, closure: Closure = Closure.PAPER
) -> Values:
    """N(k_br) = n_{k_br} k_br (1 - k_br^-b)/b, the integral of n_k = n_{k_br} (k/k_br)^(b-1).

    With K clusters in all the laws hold for N up to N(K), K (1 - K^-b)/b in the paper's closure:
    beyond, there is no further cluster to learn.
    """
    k = np.asarray(k_br, dtype=np.float64)
    b = allocation_exponent(alpha, c_over_Df)
    if not (k >= 1).all():
        raise BadInput("ranks start at 1")
    return closure.last_share(c_over_Df) * k * _log_integral(np.log(k), b)


def break_rank(
    N: ArrayLike, alpha: float, c_over_Df: float, closure: Closure = Closure.PAPER
) -> Values:
    """k_br(N), the inverse of `parameters_for`: clusters of higher rank get nothing."""
    from scipy.optimize.elementwise import find_root
    from scipy.special import exprel, lambertw

    _positive(N=N)
    b = allocation_exponent(alpha, c_over_Df)
    x = np.asarray(N, dtype=np.float64) / closure.last_share(c_over_Df)

    def excess(u: Values, log_x: Values) -> Values:
        return u + np.log(u * exprel(-b * u)) - log_x

    # u = log k_br solves x = e^u (1 - e^-bu)/b, which lies between u e^u and u e^((1-b)u).
    rates = sorted((1.0, 1 - b))
    lo, hi = (lambertw(rate * x).real / rate for rate in reversed(rates))
    root = find_root(excess, (lo / 2, 2 * hi), args=(np.log(x),))
    return np.exp(root.x)


def allocate(
    N: float, k: ArrayLike, alpha: float, c_over_Df: float, closure: Closure = Closure.PAPER
) -> Values:
    """n_k = n_{k_br} (k/k_br)^(b-1) for k <= k_br, else 0: the optimal DOF of the clusters k.

    Over whole ranks these add to more than N (2.04 at N = 1, alpha = 1, c/D_f = 1/2), for N
    is their integral from rank 1; the paper's experiment uses them so.
    """
    rank = np.asarray(k, dtype=np.float64)
    k_br = break_rank(N, alpha, c_over_Df, closure)
    b = allocation_exponent(alpha, c_over_Df)
    return np.where(rank <= k_br, closure.last_share(c_over_Df) * (rank / k_br) ** (b - 1), 0.0)


def model_loss(
    N: ArrayLike, alpha: float, c_over_Df: float, closure: Closure = Closure.PAPER
) -> Values:
    """L(N), unlimited data: alpha k_br^-alpha [n_{k_br}^-(1 + c/D_f) N/k_br + 1/alpha].

    In units of the loss of a learner that knows nothing; the paper shows L(N)/L(1).
    Falls as N^-min(alpha, c/D_f); at c/D_f = alpha as (log N)^(1+alpha) N^-alpha.
    """
    k_br = break_rank(N, alpha, c_over_Df, closure)
    last = closure.last_share(c_over_Df)
    learnt = last ** -(1 + c_over_Df) * np.asarray(N, dtype=np.float64) / k_br
    return k_br**-alpha * (alpha * learnt + 1)


def model_limit(N: ArrayLike, alpha: float, c_over_Df: float) -> Values:
    """The large-N form of `model_loss` (paper's closure), in the same units.

    c/D_f > alpha: (1/b + 1/alpha) alpha (bN)^-alpha; c/D_f < alpha:
    alpha |b|^-(1+c/D_f) N^-(c/D_f);
    c/D_f = alpha: alpha (log N)^(1+alpha) N^-alpha, approached only as log log N / log N.
    """
    _positive(N=N)
    n = np.asarray(N, dtype=np.float64)
    b = allocation_exponent(alpha, c_over_Df)
    if b > 0:
        return (alpha / b + 1) * (b * n) ** -alpha
    if b < 0:
        return alpha * abs(b) ** -(1 + c_over_Df) * n**-c_over_Df
    return alpha * np.log(n) ** (1 + alpha) * n**-alpha


def data_exponent(alpha: float) -> float:
    """alpha/(1+alpha): the share of clusters never seen in D examples falls as D to minus this."""
    _positive(alpha=alpha)
    return alpha / (1 + alpha)


def data_loss(D: ArrayLike, alpha: float, c_over_Df: float) -> Values:
    """L(D), unlimited model: each cluster gets n_k = D p_k, p_k = alpha k^-(1+alpha).

    With x = alpha D, a = alpha/(1+alpha) and r = c/D_f, L = (r x^-a - a x^-r)/(r - a), and
    x^-r (1 + r log x) at r = a. Nothing is learnt (L = 1) while x <= 1.
    Falls as D^-min(a, r).
    """
    from scipy.special import exprel

    _positive(D=D, c_over_Df=c_over_Df)
    slow, fast = sorted((data_exponent(alpha), c_over_Df))  # L is symmetric in a and r
    log_x = np.log(np.maximum(alpha * np.asarray(D, dtype=np.float64), 1.0))
    return np.exp(-slow * log_x) * (1 + slow * log_x * exprel((slow - fast) * log_x))


def data_limit(D: ArrayLike, alpha: float, c_over_Df: float) -> Values:
    """The large-D form of `data_loss`: its slower power with its prefactor."""
    _positive(D=D, c_over_Df=c_over_Df)
    a, r = data_exponent(alpha), c_over_Df
    x = alpha * np.asarray(D, dtype=np.float64)
    if r == a:
        return x**-r * r * np.log(x)
    return x**-a * r / (r - a) if r > a else x**-r * a / (a - r)


def examples_for(K: float, alpha: float) -> float:
    """D at which the K-th cluster has one example, D p_K = 1: K^(1+alpha)/alpha.

    With K clusters in all `data_loss` holds up to here: beyond, all are seen.
    """
    _positive(K=K, alpha=alpha)
    return K ** (1 + alpha) / alpha


def realised_loss(sizes: ArrayLike, n: ArrayLike, c_over_Df: float) -> float:
    """The loss that an allocation leaves on clusters of known sizes.

    sum_k p_k max(n_k, 1)^-(c/D_f) with p_k = s_k / sum s: what the laws become once the draw of
    clusters is known. A cluster without a DOF keeps its whole loss.

    sizes: (K,) sites of each cluster. n: (K,) DOF of each, any number >= 0.
    """
    _positive(sizes=sizes, c_over_Df=c_over_Df)
    s, dof = np.asarray(sizes, dtype=np.float64), np.asarray(n, dtype=np.float64)
    if s.shape != dof.shape or not (dof >= 0).all():
        raise BadInput("each cluster needs one number of DOF >= 0")
    return float(np.average(np.maximum(dof, 1.0) ** -c_over_Df, weights=s))
