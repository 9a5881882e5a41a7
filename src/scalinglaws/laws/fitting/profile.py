"""Profile intervals: where the least F at a fixed value stays below a limit.

A value of a parameter, of log L at some x, or of the log x that gives some L, belongs to the
interval when the best law that has it satisfies
    F <= F_min + t^2 s^2,
for squares the likelihood-ratio interval with its F(1, n - p) threshold (Bates & Watts 1988,
Nonlinear Regression Analysis and Its Applications, section 6.1); for another loss the ratio test
of M-estimates, s^2 of `noise` (Ronchetti & Heritier 1994, doi:10.1080/01621459.1994.10476822).
An end the data do not bound is infinite.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.laws.fitting.optimise import Optimum, Problem
from scalinglaws.laws.law import LOG_MAX, Kind, Theta, exp

# Steps outward before an end counts as open; most ends lie within the first two.
_DOUBLINGS = (np.arange(1, 3), np.arange(3, 9), np.arange(9, 41))
_TOGETHER = 8  # values of a profile that are tried at once
_ROUNDS = 2  # of closing in on an end, each to a ninth; the rest is interpolated
_MANY = 16  # starts that free a descent which got stuck
_STIFFNESS = 30.0  # weight of a pinned point over what all the data say about log L there

Interval = tuple[float, float]
Values = Float[ndarray, " m"]


class Excess(Protocol):
    """F over the limit at each value; `thorough` descends from many starts."""

    def __call__(self, values: Values, thorough: bool = False, /) -> Values: ...


@dataclass(frozen=True)
class Profile:
    """A fitted problem, its variance s^2 and the limit on F that bounds intervals."""

    problem: Problem
    optimum: Optimum
    s2: float
    limit: float

    def parameter(self, index: int) -> Interval:
        """The interval of a parameter, in its natural units."""
        kind, best = self.problem.law.kinds[index], float(self.optimum.theta[index])
        if math.isinf(self.limit):
            return (0.0 if kind.is_log else -math.inf), math.inf
        step = self._two_errors(index)

        def excess(values: Values, thorough: bool = False) -> Values:
            starts = self._starts(thorough)
            return self.problem.least_at(starts, index, values) - self.limit

        if kind.may_vanish:
            of = self.problem.log_L if kind is Kind.CONSTANT else self.problem.log_X
            return self._vanishing(excess, math.exp(best), step, exp(float(of.min())))
        lo, hi = self._end(excess, best, -step), self._end(excess, best, step)
        return (exp(lo), exp(hi)) if kind.is_log else (lo, hi)

    def _vanishing(self, excess: Excess, E: float, step: float, least: float) -> Interval:
        """Searched in E itself, so that E = 0 is a place like any other."""
        step = min(max(E * step, 1e-3 * least), max(E, least))

        def excess_E(values: Values, thorough: bool = False) -> Values:
            with np.errstate(divide="ignore"):
                return excess(np.log(values), thorough)

        at_zero = float(excess_E(np.zeros(1), True)[0])
        lo = 0.0 if at_zero <= 0 else self._end(excess_E, E, -step, limit=0.0)
        return lo, self._end(excess_E, E, step)

    def log_loss(self, log_x: Float[ndarray, "v 1"]) -> Interval:
        """The interval of the law's log L at x: of the mean, not of a new run."""
        if math.isinf(self.limit):
            return -math.inf, math.inf
        best = float(self.problem.law.log_loss(self.optimum.theta, log_x)[0])
        step = 2 * self._error_of_log_loss(log_x)

        def excess(log_L: Values, thorough: bool = False) -> Values:
            at = np.broadcast_to(log_x, (len(log_x), len(log_L)))
            return self._excess_through(at, log_L, self._error_of_log_loss(log_x), thorough)

        return self._end(excess, best, -step), self._end(excess, best, step)

    def log_x(
        self, log_L: float, best: float, variable: int, given: Float[ndarray, " w"]
    ) -> Interval:
        """The interval of the log x[variable] at which the law passes log L, the logs of the other
        variables as given; `best` is the law's own."""
        if math.isinf(self.limit):
            return -math.inf, math.inf
        step = 0.05 * float(np.ptp(self.problem.log_X[variable])) + 0.05

        error = self._error_of_log_loss(np.insert(given, variable, best)[:, None])

        def excess(log_x: Values, thorough: bool = False) -> Values:
            others = np.broadcast_to(given[:, None], (len(given), len(log_x)))
            at = np.insert(others, variable, log_x, axis=0)
            return self._excess_through(at, np.full(len(log_x), log_L), error, thorough)

        lo = self._end(excess, best, -step, limit=-LOG_MAX)
        return lo, self._end(excess, best, step, limit=LOG_MAX)

    def _end(self, excess: Excess, inside: float, step: float, limit: float | None = None) -> float:
        """Laws of up to three parameters have one valley."""
        return _crossing(excess, inside, step, limit, valleys=len(self.optimum.theta) > 3)

    def _excess_through(
        self, log_x: Float[ndarray, "v m"], log_L: Values, error: float, thorough: bool
    ) -> Values:
        weight = _STIFFNESS**2 * self.s2 / error**2
        starts = self._starts(thorough)
        return self.problem.least_through(starts, log_x, log_L, weight) - self.limit

    def _error_of_log_loss(self, log_x: Float[ndarray, "v 1"]) -> float:
        gradient = self.problem.law.log_loss_gradient(self.optimum.theta, log_x)[0]
        variance = float(gradient @ self._covariance() @ gradient)
        return math.sqrt(max(variance, 1e-6 * self.s2 / len(self.problem.log_L)))

    def _starts(self, thorough: bool) -> list[Theta]:
        """The optimum, and the best start at each other set of constants that are 0; or many."""
        if thorough:
            return [self.optimum.theta, *self._fresh[:_MANY]]
        first = {tuple(np.isneginf(start)): start for start in reversed(self._fresh)}
        first.pop(tuple(np.isneginf(self.optimum.theta)), None)
        return [self.optimum.theta, *first.values()]

    @cached_property
    def _fresh(self) -> list[Theta]:
        """The law's own starts, the best first."""
        return sorted(self.problem.starts(), key=self.problem.F)

    def _covariance(self) -> Float[ndarray, "p p"]:
        J = self.problem.gradient_rows(self.optimum.theta) * self._root_weight
        return self.s2 * np.linalg.pinv(J.T @ J, hermitian=True)

    @property
    def _root_weight(self) -> Float[ndarray, "n 1"]:
        return np.sqrt(np.reshape(self.problem.weight, (-1, 1)))

    def _two_errors(self, index: int) -> float:
        """Two standard errors of the coordinate: a first step, and no more than that."""
        return 2 * math.sqrt(max(float(self._covariance()[index, index]), 0.0)) or 1.0


def _crossing(
    excess: Excess, inside: float, step: float, limit: float | None, *, valleys: bool
) -> float:
    """Where `excess` turns positive on the way from `inside` by growing steps, for good.

    valleys: a law of several terms may have valleys apart, one term doing in one what another does
    elsewhere; the interval reaches over all that a look beyond the first end finds. Infinite when
    there is no end, be it up to `limit`.
    """
    values, found, within, sure = np.array([inside]), np.array([-math.inf]), 0, 0
    for doublings in _DOUBLINGS:
        with np.errstate(over="ignore"):
            ahead = inside + step * (2.0**doublings - 1)
        if limit is not None:
            beyond = (ahead - limit) * np.sign(step) >= 0
            ahead = np.append(ahead[~beyond], [limit] if beyond.any() else [])
        was_beyond = not found[-1] <= 0
        values, found = np.append(values, ahead), np.append(found, excess(ahead))
        within, sure = _last_within(excess, values, found, sure)
        ended = within < len(values) - 1 and (was_beyond or not valleys)
        if ended or (limit is not None and values[-1] == limit):
            break
    if within == len(values) - 1:
        return math.copysign(math.inf, step)
    (near, far), (F_near, F_far) = (v[within : within + 2].tolist() for v in (values, found))
    return _close_in(excess, near, F_near, far, F_far, valleys=valleys)


def _last_within(excess: Excess, values: Values, found: Values, sure: int) -> tuple[int, int]:
    """The last value within the limit, and the one after it, which lies beyond in earnest: where
    descents got stuck many starts free them, and `found` is put right. sure: known to be beyond."""
    last = int(np.flatnonzero(found <= 0)[-1])
    for i in range(last + 1, len(values)):
        if i != sure:
            found[i] = excess(values[i : i + 1], True)[0]
        if not found[i] <= 0:  # what overflows is far beyond
            return i - 1, i
    return len(values) - 1, 0


def _close_in(
    excess: Excess, near: float, F_near: float, far: float, F_far: float, *, valleys: bool
) -> float:
    """The end between a value within the limit and one beyond it."""
    for _ in range(_ROUNDS):
        values = np.linspace(near, far, _TOGETHER + 2)[1:-1]
        found = excess(values)
        first = _first_beyond(excess, values, found, earnest=valleys)
        if first:
            near, F_near = float(values[first - 1]), float(found[first - 1])
        if first < len(values):
            far, F_far = float(values[first]), float(found[first])
    share = -F_near / (F_far - F_near) if math.isfinite(F_far) and math.isfinite(F_near) else 0.5
    return near + min(max(share, 0.0), 1.0) * (far - near)


def _first_beyond(excess: Excess, values: Values, found: Values, *, earnest: bool) -> int:
    """The first value beyond the limit, as `_last_within` has it where in earnest."""
    for i in np.flatnonzero(~(found <= 0)):
        if earnest:
            found[i] = excess(values[i : i + 1], True)[0]
        if not found[i] <= 0:
            return int(i)
    return len(values)
