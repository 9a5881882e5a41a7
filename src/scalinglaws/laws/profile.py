"""Profile intervals: where the least sum of squares at a fixed value stays below a limit.

A value of a parameter, of log L at some x, or of the log x that gives some L, belongs to the
interval when the best law that has it satisfies
    SS <= SS_min + t^2 s^2,
the likelihood-ratio interval with its F(1, n - p) threshold (Bates & Watts 1988, Nonlinear
Regression Analysis and Its Applications, section 6.1). An end the data do not bound is infinite.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.laws.law import LOG_MAX, Kind, Theta, exp
from scalinglaws.laws.optimise import Effort, Optimum, Pin, Problem

_DOUBLINGS = 40  # steps outward before an end counts as open
_SHARPNESS = 1e-4  # of an end, relative to its distance from the optimum
# A descent along a profile may end early: one that creeps towards E = 0 has a rival at E = 0.
_EFFORT = Effort(tolerance=1e-9, evaluations=60)
_STIFFNESS = 30.0  # weight of a pinned point over what all the data say about log L there

Interval = tuple[float, float]


@dataclass(frozen=True)
class Profile:
    """A fitted problem, its residual variance s^2 and the limit on SS that bounds intervals."""

    problem: Problem
    optimum: Optimum
    s2: float
    limit: float

    def parameter(self, index: int) -> Interval:
        """The interval of a parameter, in its natural units."""
        kind, best = self.problem.law.kinds[index], float(self.optimum.theta[index])
        if math.isinf(self.limit):
            return (-math.inf if kind is Kind.EXPONENT else 0.0), math.inf
        starts, step = self._starts(), self._two_errors(index)

        def excess(value: float) -> float:
            return (
                self.problem.minimise(starts, hold={index: value}, effort=_EFFORT).SS - self.limit
            )

        if kind is Kind.CONSTANT:
            return self._constant(excess, math.exp(best), step)
        lo, hi = _crossing(excess, best, -step), _crossing(excess, best, step)
        return (lo, hi) if kind is Kind.EXPONENT else (exp(lo), exp(hi))

    def _constant(self, excess: Callable[[float], float], E: float, step: float) -> Interval:
        """Searched in E itself, so that E = 0 is a place like any other."""
        least = float(np.exp(self.problem.log_L.min()))
        step = min(max(E * step, 1e-3 * least), least)

        def excess_E(value: float) -> float:
            return excess(math.log(value) if value > 0 else -math.inf)

        lo = 0.0 if excess_E(0.0) <= 0 else _crossing(excess_E, E, -step, limit=0.0)
        return lo, _crossing(excess_E, E, step)

    def log_loss(self, log_x: Float[ndarray, "v 1"]) -> Interval:
        """The interval of the law's log L at x: of the mean, not of a new run."""
        if math.isinf(self.limit):
            return -math.inf, math.inf
        best = float(self.problem.law.log_loss(self.optimum.theta, log_x)[0])
        step = 2 * self._error_of_log_loss(log_x)

        def excess(log_L: float) -> float:
            return self._through(log_x, log_L) - self.limit

        return _crossing(excess, best, -step), _crossing(excess, best, step)

    def log_x(self, log_L: float, best: float) -> Interval:
        """The interval of the log x at which the law passes log L; `best` is the law's own."""
        if math.isinf(self.limit):
            return -math.inf, math.inf
        step = 0.05 * float(np.ptp(self.problem.log_X)) + 0.05

        def excess(log_x: float) -> float:
            return self._through(np.array([[log_x]]), log_L) - self.limit

        lo = _crossing(excess, best, -step, limit=-LOG_MAX)
        return lo, _crossing(excess, best, step, limit=LOG_MAX)

    def _through(self, log_x: Float[ndarray, "v 1"], log_L: float) -> float:
        """The least SS of all laws through that point."""
        weight = _STIFFNESS * math.sqrt(self.s2) / self._error_of_log_loss(log_x)
        pin = Pin(log_x, log_L, weight)
        return self.problem.minimise(self._starts(), pin=pin, effort=_EFFORT).SS

    def _error_of_log_loss(self, log_x: Float[ndarray, "v 1"]) -> float:
        gradient = self.problem.law.log_loss_gradient(self.optimum.theta, log_x)[0]
        variance = float(gradient @ self._covariance() @ gradient)
        return math.sqrt(max(variance, 1e-6 * self.s2 / len(self.problem.log_L)))

    def _starts(self) -> list[Theta]:
        """From the optimum, from E = 0 and, where that is the optimum, from an E > 0."""
        best, fresh = self.optimum.theta, self.problem.starts()
        return [best, *(fresh[:1] if np.isfinite(best).all() else fresh[2:3])]

    def _covariance(self) -> Float[ndarray, "p p"]:
        J = self.problem.jacobian(self.optimum.theta)
        return self.s2 * np.linalg.pinv(J.T @ J, hermitian=True)

    def _two_errors(self, index: int) -> float:
        """Two standard errors of the coordinate: a first step, and no more than that."""
        return 2 * math.sqrt(max(float(self._covariance()[index, index]), 0.0)) or 1.0


def _crossing(
    excess: Callable[[float], float], inside: float, step: float, limit: float | None = None
) -> float:
    """Where `excess` turns positive on the way from `inside` by growing steps.

    Infinite when it never does, be it up to `limit`.
    """
    from scipy.optimize import brentq  # late: slow to import

    near, far = inside, inside
    for _ in range(_DOUBLINGS):
        far += step
        if limit is not None and (far - limit) * step > 0:
            far = limit
        if not excess(far) <= 0:
            width = _SHARPNESS * abs(far - inside)
            return cast(float, brentq(excess, near, far, xtol=width))
        if far == limit:
            break
        near, step = far, 2 * step
    return math.copysign(math.inf, step)
