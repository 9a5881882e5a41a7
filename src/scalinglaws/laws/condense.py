"""Large tables: the same optimum and intervals, from fewer points.

The optimum is found on a sample and finished on every point. Around it the sum of squares is
then carried by runs of neighbouring x: with r_i the residuals at the optimum theta_0 and f the
law, sum (r_i + f(x_i; theta) - f(x_i; theta_0))^2 changes only by the mean r and the mean change
of f in each run, up to the variation of that change within the run. Both are kept.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scalinglaws.laws.law import Theta
from scalinglaws.laws.optimise import Optimum, Problem

_MANY = 5000  # points; below this nothing is condensed


def best_fit(problem: Problem) -> Optimum:
    """The optimum over every point, from all starts of the law."""
    if len(problem.log_L) <= _MANY:
        return problem.minimise(problem.starts())
    stride = -(-len(problem.log_L) // _MANY)
    order = np.lexsort(problem.log_X)[::stride]
    sample = Problem(problem.law, problem.log_X[:, order], problem.log_L[order])
    rough = sample.minimise(sample.starts())
    optimum = problem.minimise([*sample.starts()[:1], rough.theta])
    return replace(optimum, starts=rough.starts, agreed=rough.agreed)


def condensed(problem: Problem, theta: Theta) -> Problem:
    """A small problem whose SS follows this one's around theta; itself if it is small.

    Only for laws of one variable, where neighbours are neighbours in x.
    """
    n = len(problem.log_L)
    if n <= _MANY or len(problem.log_X) > 1:
        return problem
    (log_x,) = problem.log_X
    order = np.argsort(log_x)
    first = np.linspace(0, n, _MANY, endpoint=False).astype(int)
    count = np.diff(np.append(first, n)).astype(float)
    mean_x = np.add.reduceat(log_x[order], first)[None] / count
    mean_r = np.add.reduceat(-problem.residual(theta)[order], first) / count
    log_L = problem.law.log_loss(theta, mean_x) + mean_r
    within = problem.SS(theta) - float(count @ mean_r**2)
    return Problem(problem.law, mean_x, log_L, np.sqrt(count), within)
