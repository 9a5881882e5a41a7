"""d at every point: the local estimates whose mean is eq. B.13, as figures 17 and 22 show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from scalinglaws.dimension.arguments import whole
from scalinglaws.dimension.methods.mle import log_ratio_sums
from scalinglaws.dimension.neighbors import as_neighbors
from scalinglaws.errors import BadInput
from scalinglaws.estimate import LEVEL, two_sided


@dataclass(frozen=True)
class LocalDimension:
    """d of every query point with its own interval, which covers the d around that point.

    Neighbouring points share neighbours, so their d are correlated: an interval of the mean is
    `mle`'s business.
    """

    d: Float[ndarray, " m"]  # infinite where all k neighbours are equally far
    lo: Float[ndarray, " m"]
    hi: Float[ndarray, " m"]
    rows: Int[ndarray, " m"]  # of the caller's data
    k: int
    level: float

    @property
    def infinite(self) -> int:
        """Points at which d is infinite."""
        return int(np.isinf(self.d).sum())

    @property
    def mean(self) -> float:
        """The mean of d where it is finite: `mle`'s d where it is so everywhere (eq. B.13)."""
        finite = self.d[np.isfinite(self.d)]
        return float(finite.mean()) if len(finite) else np.inf


def local_dimension(X: Any, k: int = 20, *, level: float = LEVEL) -> LocalDimension:
    """d_i = (k-2) / S_i at every point of points or Neighbors X, S_i as in `mle` (eq. B.13).

    Where the density is constant over k neighbours S_i is Gamma(k-1, 1/d), so d_i has mean d and
    standard deviation d / sqrt(k-3), and q_low / S_i to q_high / S_i, q the quantiles of
    Gamma(k-1, 1), covers d exactly as often as `level` says.

    Raises BadInput for k < 4 (as in `mle`), too few points, or unless 0 < level < 1.
    """
    from scipy.special import gammaincinv

    k = whole("k", k)
    if k < 4:
        raise BadInput(
            f"a local d needs k >= 4, got k = {k}: below, it is 0 everywhere or of infinite "
            "variance"
        )
    two_sided(level)  # the quantiles here are those of Gamma, the rule is the same
    nb = as_neighbors(X, k)
    S = log_ratio_sums(nb, k)
    tail = (1 - level) / 2
    low, high = gammaincinv(k - 1, [tail, 1 - tail])
    with np.errstate(divide="ignore"):  # S = 0: d is infinite
        d, lo, hi = ((numerator / S) for numerator in (k - 2, low, high))
    return LocalDimension(d, lo, hi, nb.rows[nb.queries], k, level)


def density_at_one_d(x: Float[ndarray, " x"], d: float, k: int) -> Float[ndarray, " x"]:
    """The density of local d where d and the density of points are the same everywhere.

    x = (k-2)/S with S of Gamma(k-1, 1/d), so with g = d (k-2) / x

        p(x) = g^(k-1) e^-g / (Gamma(k-1) x)

    of mean d and standard deviation d / sqrt(k-3).
    """
    from scipy.special import gammaln

    g = d * (k - 2) / x
    return np.exp((k - 1) * np.log(g) - g - gammaln(k - 1)) / x
