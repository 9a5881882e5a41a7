"""Maximum likelihood over k neighbours (Levina & Bickel 2005), in its two correct conventions.

Sharma & Kaplan 2020, eqs. B.11-B.13; MacKay & Ghahramani 2005 for the harmonic mean.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.dimension.arguments import whole
from scalinglaws.dimension.errorbars import neighbor_stderr
from scalinglaws.dimension.neighbors import Neighbors, as_neighbors
from scalinglaws.dimension.points import name_rows
from scalinglaws.dimension.result import Dimension
from scalinglaws.dimension.sharing import LIKELIHOOD, LOCAL_MEAN
from scalinglaws.errors import BadInput
from scalinglaws.estimate import LEVEL, Estimate


def mle(X: Any, k: int = 20, *, level: float = LEVEL) -> Dimension:
    """The mean of the unbiased local estimates of points or Neighbors X (eq. B.13).

    d_i = (k-2) / S_i, with S_i = sum_{j<k} log(r_k/r_j) over the neighbours of point i, and
    d-hat = mean of d_i. S_i is Gamma(k-1, 1/d), so d_i has mean d from k = 3 on (at k = 2 it is
    identically 0) and a variance, d^2/(k-3), from k = 4 on.

    Raises BadInput for k < 4, too few points, or points whose k neighbours are equally far.
    """
    k = whole("k", k)
    if k < 4:
        raise BadInput(
            f"mle (eq. B.13) needs k >= 4, got k = {k}: it is identically 0 at k = 2 and has "
            "infinite variance at k = 3; use twonn or mle-harmonic"
        )
    nb = as_neighbors(X, k)
    S = log_ratio_sums(nb, k)
    if not S.all():
        tied = name_rows(nb.rows[nb.queries[S == 0]])
        raise BadInput(
            f"mle k={k}: all {k} neighbours are equally far (a lattice?) in {tied}; "
            "the local d is infinite there: use larger k or mle-harmonic"
        )
    local = (k - 2) / S
    d = float(local.mean())
    stderr = neighbor_stderr(local - d, local, nb, k, d, LOCAL_MEAN)
    return Dimension.of(Estimate.normal(d, stderr, level), nb, k, "mle")


def mle_harmonic(X: Any, k: int = 20, *, level: float = LEVEL) -> Dimension:
    """The harmonic mean of local estimates: one d for the summed log-likelihoods (eq. B.11).

    d-hat = m (k-1) / sum_i S_i over m points, with S_i as in `mle`: the maximum of the product of
    all points' likelihoods, its bias of order 1/m. The harmonic mean belongs with k-1, the
    arithmetic with k-2: mixed, they are off by a factor (k-2)/(k-1).

    Raises BadInput for k < 2, too few points, or if all neighbours of all points are equally far.
    """
    k = whole("k", k)
    if k < 2:
        raise BadInput(f"mle-harmonic compares r_k with nearer neighbours: k >= 2, got k = {k}")
    nb = as_neighbors(X, k)
    S = log_ratio_sums(nb, k)
    if not S.any():
        raise BadInput(
            f"mle-harmonic k={k}: all {k} neighbours of each of {len(S)} points are equally far, "
            "as on a lattice; use larger k"
        )
    d = float((k - 1) / S.mean())
    psi = -(d**2) / (k - 1) * (S - S.mean())  # influence of d = (k-1) / mean S
    stderr = neighbor_stderr(psi, S, nb, k, d, LIKELIHOOD)
    return Dimension.of(Estimate.normal(d, stderr, level), nb, k, "mle-harmonic")


def log_ratio_sums(nb: Neighbors, k: int) -> Float[ndarray, " m"]:
    """S_i = sum_{j<k} log(r_k/r_j), the denominator of eq. B.13 for every point."""
    log_r = np.log(nb.r[:, :k])
    return (log_r[:, -1:] - log_r[:, :-1]).sum(axis=1)
