"""The variance s^2 that a fit's residuals show, in the units in which its intervals are bounded.

With psi the derivative of the loss, the rise of F from its minimum to the true law is s^2 times a
chi-square of p degrees of freedom,

    s^2 = E psi^2 / E psi'

(Ronchetti & Heritier 1994, doi:10.1080/01621459.1994.10476822): for squares the residual variance,
for |r| the inverse of twice the residuals' density at zero.
"""

from __future__ import annotations

import math

import numpy as np

from scalinglaws.laws.fitting.objective import SQUARES
from scalinglaws.laws.fitting.optimise import Problem
from scalinglaws.laws.law import Theta


def variance(problem: Problem, theta: Theta) -> float:
    """s^2, not below rounding; infinite when no degree of freedom is left."""
    dof = len(problem.log_L) - len(theta)
    if not dof:
        return math.inf
    if problem.loss is SQUARES:
        return max(problem.F(theta) / dof, rounding(problem))
    r, loss = problem.residual(theta), problem.loss
    spread = float(np.sum(problem.weight * loss.psi(r) ** 2)) / dof
    return max(spread / _mean_curvature(problem, theta), rounding(problem))


def rounding(problem: Problem) -> float:
    """Variance of log L that rounding alone leaves."""
    return (8 * np.finfo(float).eps * max(1.0, float(np.abs(problem.log_L).max()))) ** 2


def _mean_curvature(problem: Problem, theta: Theta) -> float:
    """E psi'. Where few residuals are below the loss's scale, from their density about zero: of
    the n^(2/3) smallest but the p that any fit makes small."""
    r, loss = np.abs(problem.residual(theta)), problem.loss
    n, p = len(r), len(theta)
    count = min(max(math.ceil(1.5 * n ** (2 / 3)), 2 * p), n)
    reach = float(np.partition(r, count - 1)[count - 1])
    if loss.scale >= reach:
        return max(float(np.mean(loss.curvature(r))), 1 / n * float(loss.curvature(np.zeros(1))[0]))
    return float(loss.curvature(np.zeros(1))[0]) * (count - p) / n * loss.scale / reach
