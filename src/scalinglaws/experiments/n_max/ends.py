"""Where the power law of one family of students ends, by each rule.

Sharma & Kaplan 2020 (arXiv 2004.10802), sections 2.2.2, 3.1, A.1, figures 2, 12.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.students.families import Family
from scalinglaws.laws.line import fit_line
from scalinglaws.laws.ranges.n_max import RangeEnd, find_n_max

_NEAREST = 5  # sizes that a loss is interpolated between
_FEWEST = 5  # sizes that show an end


@dataclass(frozen=True)
class End:
    """N_max of a family, beside the dimension d of what it learnt.

    level: the loss at which it was read; 0 for the end of the power law.
    log_N: natural logarithm of N_max.
    seen: measured within the sizes that were trained. One that is extrapolated, or whose
        interval is open, is no evidence.
    """

    family: Family
    d: Estimate
    level: float
    log_N: Estimate
    seen: bool


def at_level(family: Family, d: Estimate, level: float) -> End | None:
    """Where L(N) falls to `level`: figure 2, with L = 6e-3.

    Between the sizes: from the straight line through the nearest five. Beyond them: by the
    family's own power law, A N^-alpha = level; None where that has no end.
    """
    x, y = _log_law(family)
    passed = np.flatnonzero((y[:-1] > math.log(level)) & (y[1:] <= math.log(level)))
    if len(passed):
        found = _interpolated(x, y, int(passed[0]), math.log(level))
        return End(family, d, level, found, seen=math.isfinite(found.half_width))
    alpha = family.exponent.alpha.value
    if alpha <= 0:
        return None
    log_N = (family.exponent.log_A - math.log(level)) / alpha
    return End(family, d, level, _open(log_N), seen=False)


def at_range_end(family: Family, d: Estimate) -> End | None:
    """The end of the power law, with its interval: figure 12.

    None where the law of least C_p has no end, or with fewer than five sizes.
    """
    end = find_end(family)
    if end is None or not math.isfinite(end.N_max.value):
        return None
    N = end.N_max
    log_N = Estimate(
        math.log(N.value),
        N.stderr / N.value,
        math.log(N.lo) if N.lo > 0 else -math.inf,
        math.log(N.hi),
        N.level,
    )
    return End(family, d, 0.0, log_N, seen=math.isfinite(log_N.half_width))


def find_end(family: Family, entropy: float = 0.0) -> RangeEnd | None:
    """The end of the power law of entropy + L(N), blind to how much of it is entropy."""
    if len(family.held) < _FEWEST:
        return None
    N = [size.N_all for size in family.held for _ in size.L]
    return find_n_max(N, [entropy + L for size in family.held for L in size.L])


def at_circle(family: Family, d: Estimate) -> End | None:
    """The last size that A.1's circle rule keeps, the paper's own N_max: it has no error.

    None where it keeps all.
    """
    if family.circle_sizes == len(family.held):
        return None
    log_N = math.log(family.held[family.circle_sizes - 1].N_all)
    return End(family, d, 0.0, _open(log_N), seen=False)


def _log_law(family: Family) -> tuple[Float[ndarray, " w"], Float[ndarray, " w"]]:
    points = [(math.log(s.N_all), math.log(s.L_log_mean)) for s in family.sizes]
    x, y = np.array(sorted(points)).T
    return x, y


def _interpolated(
    x: Float[ndarray, " w"], y: Float[ndarray, " w"], before: int, log_level: float
) -> Estimate:
    """Where the line through the sizes about the passage reaches the level.

    About x0 the line is c + b (x - x0); with x0 the passage itself, the error of c is all.
    """
    x0 = float(np.interp(-log_level, -y[before : before + 2], x[before : before + 2]))
    nearest = np.sort(np.argsort(np.abs(x - x0), kind="stable")[:_NEAREST])
    slope = fit_line(x[nearest], y[nearest]).slope.value
    if slope >= 0:
        return _open(x0)
    x0 += (float(y[nearest].mean() + slope * (x0 - x[nearest].mean())) - log_level) / -slope
    c = fit_line(x[nearest] - x0, y[nearest]).intercept
    return c.map_monotone(lambda log_L: x0 + (log_L - log_level) / -slope, 1 / slope)


def _open(value: float) -> Estimate:
    """A number without a measured error."""
    return Estimate(value, math.inf, -math.inf, math.inf)
