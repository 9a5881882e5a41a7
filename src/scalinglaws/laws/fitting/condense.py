"""Large tables: the same optimum and intervals, from fewer points.

The optimum is found on a sample and finished on every point. Around it the sum of squares is
then carried by runs of neighbouring x: with r_i the residuals at the optimum theta_0 and f the
law, sum (r_i + f(x_i; theta) - f(x_i; theta_0))^2 changes only by the mean r and the mean change
of f in each run, up to the variation of that change within the run. Both are kept.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scalinglaws.laws.fitting.objective import SQUARES
from scalinglaws.laws.fitting.optimise import Optimum, Problem
from scalinglaws.laws.law import Theta

_MANY = 5000  # points; below this nothing is condensed


def best_fit(problem: Problem) -> Optimum:
    """The optimum over every point, from all starts of the law."""
    if len(problem.log_L) <= _MANY:
        return problem.best(problem.starts())
    stride = -(-len(problem.log_L) // _MANY)
    order = np.lexsort(problem.log_X)[::stride]
    weight = np.broadcast_to(problem.weight, problem.log_L.shape)[order]
    sample = replace(
        problem, log_X=problem.log_X[:, order], log_L=problem.log_L[order], weight=weight
    )
    starts = sample.starts()
    rough = sample.best(starts)
    # With a start at which the constants are the sample's rivals: E = 0, or E > 0.
    rival = [s for s in starts if (np.isneginf(s) != np.isneginf(rough.theta)).any()]
    optimum = problem.best([rough.theta, *sorted(rival, key=sample.F)[:1]])
    return replace(optimum, starts=rough.starts, agreed=rough.agreed)


def condensed(problem: Problem, theta: Theta) -> Problem:
    """A small problem whose F follows this one's around theta; itself if it is small.

    Only for squares of equal weight and laws of one variable, where neighbours are neighbours in
    x.
    """
    n = len(problem.log_L)
    alike = problem.loss is SQUARES and len(problem.weight) == 1
    if n <= _MANY or len(problem.log_X) > 1 or not alike:
        return problem
    (log_x,) = problem.log_X
    order = np.argsort(log_x)
    first = np.linspace(0, n, _MANY, endpoint=False).astype(int)
    count = np.diff(np.append(first, n)).astype(float)
    mean_x = np.add.reduceat(log_x[order], first)[None] / count
    mean_r = np.add.reduceat(problem.residual(theta)[order], first) / count
    log_L = problem.law.log_loss(theta, mean_x) + mean_r
    within = problem.F(theta) - float(count @ mean_r**2)
    return Problem(problem.law, mean_x, log_L, weight=count, within=within)
