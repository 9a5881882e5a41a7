"""Where a sequence of measurements is constant within its errors."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.estimate import Estimate

SAME = 0.01  # of the value: smaller changes count as none, however small the errors
# Of calling constant values changing, shared by two tests. Large: a run that fails still holds
# shorter ones, while a drift that is missed passes for a plateau.
RISK = 0.2


def constant(
    y: Float[ndarray, " j"], C: Float[ndarray, "j j"], x: Float[ndarray, " j"], level: float
) -> Estimate | None:
    """The common value of y by generalised least squares, or None where y changes.

    With C the covariance of y, to the diagonal of which (1 % of y)^2 is added,

        mean = 1' C^-1 y / 1' C^-1 1,   chi2 = (y - mean)' C^-1 (y - mean)

    with j - 1 degrees of freedom. y changes where chi2 is improbable at 10 %, or its part along a
    straight line in x, of one degree, in which slow drifts show first. Where a value or an error
    is not finite nothing is known to be constant.
    """
    from scipy.special import chdtrc  # P(chi2 > x) of so many degrees of freedom

    if not (np.isfinite(y).all() and np.isfinite(C).all()):
        return None
    precision = np.linalg.inv(C + np.diag((SAME * y) ** 2))
    weight = precision.sum(axis=1)
    mean = weight @ y / weight.sum()
    off, x = y - mean, x - weight @ x / weight.sum()
    along = (x @ precision @ off) ** 2 / (x @ precision @ x)
    if min(chdtrc(len(y) - 1, off @ precision @ off), chdtrc(1, along)) < RISK / 2:
        return None
    return Estimate.normal(float(mean), float(weight.sum() ** -0.5), level)


def longest_constant(
    y: Float[ndarray, " j"],
    C: Float[ndarray, "j j"],
    n: Float[ndarray, " j"],
    factor: float,
    level: float,
) -> tuple[slice, Estimate] | None:
    """The longest run of y that is constant against log n and spans a `factor` in n.

    n: descending. Of two runs as long, the first. No run goes through a y without a finite error.
    """
    last = range(len(y))
    runs = [(i, j) for i in last for j in last[i + 1 :] if n[i] >= factor * n[j]]
    for i, j in sorted(runs, key=lambda run: run[0] - run[1]):
        run = slice(i, j + 1)
        common = constant(y[run], C[run, run], np.log(n[run]), level)
        if common is not None:
            return run, common
    return None
