"""Two-sided quantiles: Gaussian where the noise is known, Student where it was estimated."""

from __future__ import annotations

import math

from scalinglaws.estimate import two_sided


def gaussian(level: float) -> float:
    """z with P(|Z| <= z) = level."""
    return two_sided(level)


def student(level: float, dof: float) -> float:
    """t with P(|T_dof| <= t) = level; infinite when nothing is left to estimate the noise from."""
    if dof <= 0:
        return math.inf
    from scipy.special import stdtrit  # late: scipy is slow to import

    return float(stdtrit(dof, 0.5 + level / 2))
