"""Starts by variable projection: at given exponents, what a law is linear in is solved for.

Golub & Pereyra 1973, doi:10.1137/0710036. The residual that is linear is the relative one,
(L - sum_j c_j g_j(x)) / L, which for small residuals is the one in log L.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray


def nonnegative(
    log_basis: Sequence[Float[ndarray, " n"]], log_L: Float[ndarray, " n"]
) -> Float[ndarray, " k"]:
    """log c >= -inf of least squares 1 = sum_j c_j g_j / L, all c_j >= 0; -inf where c_j = 0."""
    from scipy.optimize import nnls  # late: slow to import

    relative = np.stack(log_basis, axis=1) - log_L[:, None]
    scale = relative.max(axis=0)  # so that no column over- or underflows
    found, _ = nnls(np.exp(relative - scale), np.ones_like(log_L))
    with np.errstate(divide="ignore"):
        return np.log(found) - scale
