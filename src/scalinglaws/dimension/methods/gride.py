"""Gride: d from the ratio of two neighbours' distances further out, at one scale or all.

Denti, Doimo, Laio & Mira 2022, doi:10.1038/s41598-022-20991-1. With n1 = 1 and n2 = k its density
is Sharma & Kaplan's eq. B.14 (whose exponent k-1 should read k-2), with n1 = 1 and n2 = 2 TwoNN's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.dimension.arguments import whole
from scalinglaws.dimension.errorbars import neighbor_stderr
from scalinglaws.dimension.neighbors import Neighbors, as_neighbors, neighbors
from scalinglaws.dimension.result import Dimension
from scalinglaws.dimension.sharing import PAIR
from scalinglaws.errors import BadInput
from scalinglaws.estimate import LEVEL, Estimate

N1 = 10  # by default: looks at the same 20 neighbours as mle
FARTHEST = 64  # neighbours a scan of points looks at


def gride(X: Any, n1: int = N1, *, level: float = LEVEL) -> Dimension:
    """The maximum-likelihood d of mu = r_n2/r_n1, n2 = 2 n1, of points or Neighbors X.

    In a Poisson process of constant density mu has the density (Denti et al., eq. 4)

        f(mu) = d (mu^d - 1)^(n2-n1-1) / (B(n2-n1, n1) mu^(d(n2-1)+1)),   mu >= 1.

    Its score is solved to rounding with n-1 for n, as DADApy has it: at n1 = 1 this is exactly
    `twonn`. The larger n1, the larger the scale at which d is measured, r_n2, the smaller the
    error, and the more boundaries and curvature are seen.

    The result's k is n1; neighbours up to 2 n1 are used.
    Raises BadInput for n1 < 1, too few points, or if r_n2 = r_n1 at every point.
    """
    n1 = whole("n1", n1)
    if n1 < 1:
        raise BadInput(f"gride counts neighbours from 1: n1 >= 1, got n1 = {n1}")
    nb = as_neighbors(X, 2 * n1)
    x = np.log(nb.r[:, 2 * n1 - 1] / nb.r[:, n1 - 1])
    if not x.any():
        raise BadInput(
            f"gride n1={n1}: neighbours {n1} to {2 * n1} of every one of {len(x)} points are "
            "equally far, as on a lattice; use larger n1"
        )
    d = _maximum(x, n1)
    stderr = neighbor_stderr(_influence(x, n1, d), x, nb, 2 * n1, d, PAIR)
    found = Dimension.of(Estimate.normal(d, stderr, level), nb, 2 * n1, "gride")
    return replace(found, k=n1)


def gride_scan(X: Any, k: int = FARTHEST, *, level: float = LEVEL) -> tuple[Dimension, ...]:
    """Gride at n1 = 1, 2, 4, ... as far as k neighbours go: d against scale.

    Each result's scale is the median of its r_n2. Scales at which every point is tied are left
    out.

    k: neighbours sought where X is points, fewer where there are fewer; all that Neighbors X
        hold are used whatever k.
    Raises BadInput where no scale gives a d.
    """
    k = whole("k", k)
    nb = X if isinstance(X, Neighbors) else neighbors(X, k, or_fewer=True)
    n1s = [2**i for i in range((nb.k // 2).bit_length())]
    apart = [n1 for n1 in n1s if (nb.r[:, 2 * n1 - 1] > nb.r[:, n1 - 1]).any()]
    if not apart:
        raise BadInput(
            f"no scale gives a d: with {nb.k} neighbours, r_2n is r_n at every point for all n"
        )
    return tuple(gride(nb, n1, level=level) for n1 in apart)


def _maximum(x: Float[ndarray, " m"], n1: int) -> float:
    """The root of d times the score of x = log mu, its m replaced by m-1:

        m-1 + (n1-1) sum_i phi(d x_i) - (2 n1 - 1) d sum_i x_i = 0,   phi(t) = t/(1 - e^-t).

    It falls with d, and 1 + t/2 <= phi(t) <= 1 + t for t >= 0 holds the root between the two
    ends below (which meet at n1 = 1).
    """
    from scipy.optimize import brentq

    m, total = len(x), float(x.sum())

    def score(d: float) -> float:
        return m - 1 + (n1 - 1) * float(_phi(d * x).sum()) - (2 * n1 - 1) * d * total

    low, high = 2 * (m * n1 - 1) / (3 * n1 - 1) / total, (m * n1 - 1) / n1 / total
    eps = float(np.finfo(float).eps)
    return float(brentq(score, low / 2, 2 * high, xtol=low * eps, rtol=4 * eps))  # pyright: ignore


def _influence(x: Float[ndarray, " m"], n1: int, d: float) -> Float[ndarray, " m"]:
    """Score over information, both observed: (d s_i) d / (d^2 I), with t = d x and

    d s_i = 1 + (n1-1) phi(t_i) - (2 n1 - 1) t_i,   d^2 I = 1 + (n1-1) mean phi(t) phi(-t).
    """
    t = d * x
    scores = 1 + (n1 - 1) * _phi(t) - (2 * n1 - 1) * t
    information = 1 + (n1 - 1) * (_phi(t) * _phi(-t)).mean()
    return d * (scores - scores.mean()) / information


def _phi(t: Float[ndarray, " m"]) -> Float[ndarray, " m"]:
    """t / (1 - e^-t), 1 at 0."""
    from scipy.special import exprel

    return 1 / exprel(-t)
