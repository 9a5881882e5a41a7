"""Profile intervals: where the least F at a fixed value stays below a limit.

A value of a parameter, of log L at some x, or of the log x that gives some L, belongs to the
interval when the best law that has it satisfies
    F <= F_min + t^2 s^2,
for squares the likelihood-ratio interval with its F(1, n - p) threshold (Bates & Watts 1988,
Nonlinear Regression Analysis and Its Applications, section 6.1); for another loss the ratio test
of M-estimates, s^2 of `noise` (Ronchetti & Heritier 1994, doi:10.1080/01621459.1994.10476822).
An end the data do not bound is infinite. Where runs come in groups, `clusters` scales the limit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.laws.fitting.clusters import Clusters
from scalinglaws.laws.fitting.crossing import Ask, Search, Values, crossing, ends, lower_end
from scalinglaws.laws.fitting.optimise import Along, Optimum, Problem
from scalinglaws.laws.law import LOG_MAX, Kind, LogX, Theta, exp

_MANY = 16  # starts that free a descent which got stuck
_STIFFNESS = 30.0  # weight of a pinned point over what all the data say about log L there

Interval = tuple[float, float]
Starts = Float[ndarray, "m s p"]  # of each value that a search asks for
Points = Callable[[int, Values], tuple[LogX, Values]]


@dataclass(frozen=True)
class Profile:
    """A fitted problem, its variance s^2 and the limit on F that bounds intervals."""

    problem: Problem
    optimum: Optimum
    s2: float
    limit: float
    clusters: Clusters | None = None  # where runs come in groups

    @cached_property
    def parameters(self) -> list[Interval]:
        """The interval of each parameter, in its natural units."""
        kinds = self.problem.law.kinds
        if math.isinf(self.limit):
            return [(0.0 if kind.is_log else -math.inf, math.inf) for kind in kinds]
        searches = [search for index in range(len(kinds)) for search in self._ends_of(index)]
        limits = self._limits(np.eye(len(kinds)))

        def excess(asked: Sequence[tuple[int, Ask]]) -> list[Values]:
            batches = list[tuple[int, Starts]]()
            for search, ask in asked:
                index = search // 2
                with np.errstate(divide="ignore"):
                    at = np.log(ask.values) if kinds[index].may_vanish else ask.values
                along = self._from_many if ask.thorough else self._from_few
                batches.append((index, along.to(index, at)))
            found = zip(asked, self._least_at(batches), strict=True)
            return [F - limits[search // 2] for (search, _), F in found]

        found = ends(searches, excess)
        return [
            (exp(lo), exp(hi)) if kind.is_log and not kind.may_vanish else (lo, hi)
            for kind, lo, hi in zip(kinds, found[::2], found[1::2], strict=True)
        ]

    def rise(self, index: int, values: Values) -> Values:
        """(F - F_min) / s^2 with a parameter's coordinate at each of the values."""
        (F,) = self._least_at([(index, self._from_few.to(index, values))])
        return (F - self.optimum.F) / self.s2

    def log_losses(self, log_x: LogX) -> list[Interval]:
        """The interval of the law's log L at each x: of the mean, not of a new run."""
        if math.isinf(self.limit):
            return [(-math.inf, math.inf)] * log_x.shape[1]
        best = self.problem.law.log_loss(self.optimum.theta, log_x)
        errors = self._errors_of_log_loss(log_x)
        searches = [
            self._crossing(log_L, side * 2 * error)
            for log_L, error in zip(best.tolist(), errors.tolist(), strict=True)
            for side in (-1, 1)
        ]

        def points(search: int, log_L: Values) -> tuple[LogX, Values]:
            return np.repeat(log_x[:, search // 2, None], len(log_L), axis=1), log_L

        limits = self._limits(self.problem.law.log_loss_gradient(self.optimum.theta, log_x))
        found = self._ends_through(searches, points, *np.repeat([errors, limits], 2, axis=1))
        return list(zip(found[::2], found[1::2], strict=True))

    def log_x(
        self, log_L: float, best: float, variable: int, given: Float[ndarray, " w"]
    ) -> Interval:
        """The interval of the log x[variable] at which the law passes log L, the logs of the other
        variables as given; `best` is the law's own."""
        if math.isinf(self.limit):
            return -math.inf, math.inf
        step = 0.05 * float(np.ptp(self.problem.log_X[variable])) + 0.05
        searches = [self._crossing(best, side * step, side * LOG_MAX) for side in (-1, 1)]

        def points(_: int, log_x: Values) -> tuple[LogX, Values]:
            others = np.repeat(given[:, None], len(log_x), axis=1)
            return np.insert(others, variable, log_x, axis=0), np.full(len(log_x), log_L)

        at = np.insert(given, variable, best)[:, None]
        gradient = self.problem.law.log_loss_gradient(self.optimum.theta, at)
        once = [self._errors_of_log_loss(at), self._limits(gradient)]
        lo, hi = self._ends_through(searches, points, *np.repeat(once, 2, axis=1))
        return lo, hi

    def _ends_of(self, index: int) -> tuple[Search, Search]:
        """Of a parameter that may be 0 searched in itself, so that 0 is a place like any other;
        else in its coordinate."""
        kind, best = self.problem.law.kinds[index], float(self.optimum.theta[index])
        # Two standard errors: a first step, and no more than that.
        step = 2 * math.sqrt(max(float(self._covariance[index, index]), 0.0)) or 1.0
        if not kind.may_vanish:
            return self._crossing(best, -step), self._crossing(best, step)
        E, least = math.exp(best), exp(self._log_least(index))
        step = min(max(E * step, 1e-3 * least), max(E, least))
        return lower_end(E, step, valleys=self._valleys), self._crossing(E, step)

    def _log_least(self, index: int) -> float:
        """Of a constant the least loss; of an offset, in the unit that the law gives it, the least
        at which the law's own starts have it."""
        if self.problem.law.kinds[index] is Kind.CONSTANT:
            return float(self.problem.log_L.min())
        tried = [float(start[index]) for start in [self.optimum.theta, *self._fresh]]
        return min((log for log in tried if math.isfinite(log)), default=0.0)

    def _limits(self, gradient: Float[ndarray, "m p"]) -> Values:
        """The F that bounds the interval of what has this gradient by theta."""
        rise = np.full(len(gradient), self.limit - self.optimum.F)
        if self.clusters is not None:
            rise = rise * self.clusters.widening(gradient)
        return self.optimum.F + rise

    def _crossing(self, inside: float, step: float, limit: float | None = None) -> Search:
        return crossing(inside, step, limit, valleys=self._valleys)

    @property
    def _valleys(self) -> bool:
        """Laws of up to three parameters have one valley."""
        return len(self.optimum.theta) > 3

    def _least_at(self, batches: Sequence[tuple[int, Starts]]) -> list[Values]:
        """The least F at each value of these coordinates."""
        starts = [batch for _, batch in batches]
        held = np.concatenate([np.full(batch[..., 0].size, index) for index, batch in batches])
        return _least_of_each(self.problem.least_at(_in_one(starts), held), starts)

    def _ends_through(
        self, searches: Sequence[Search], points: Points, errors: Values, limits: Values
    ) -> list[float]:
        """Of searches whose values make points that the law is to pass through."""

        def excess(asked: Sequence[tuple[int, Ask]]) -> list[Values]:
            starts = list[Starts]()
            through = list[Float[ndarray, "v+2 b"]]()  # log x, log L and weight
            for search, (values, thorough) in asked:
                own = (self._from_many if thorough else self._from_few).starts
                log_x, log_L = points(search, values)
                weight = np.full(len(values), (_STIFFNESS / errors[search]) ** 2 * self.s2)
                starts.append(np.repeat(own[None], len(values), axis=0))
                through.append(np.repeat(np.vstack([log_x, log_L, weight]), len(own), axis=1))
            *log_x, log_L, weight = np.concatenate(through, axis=1)
            F = self.problem.least_through(_in_one(starts), np.array(log_x), log_L, weight)
            found = zip(asked, _least_of_each(F, starts), strict=True)
            return [least - limits[search] for (search, _), least in found]

        return ends(searches, excess)

    def _errors_of_log_loss(self, log_x: LogX) -> Values:
        gradient = self.problem.law.log_loss_gradient(self.optimum.theta, log_x)
        variance = np.einsum("mp,pq,mq->m", gradient, self._covariance, gradient)
        return np.sqrt(np.maximum(variance, 1e-6 * self.s2 / len(self.problem.log_L)))

    @cached_property
    def _from_few(self) -> Along:
        """The optimum, and the best start at each other set of constants that are 0."""
        first = {tuple(np.isneginf(start)): start for start in reversed(self._fresh)}
        first.pop(tuple(np.isneginf(self.optimum.theta)), None)
        return self.problem.along([self.optimum.theta, *first.values()])

    @cached_property
    def _from_many(self) -> Along:
        return self.problem.along([self.optimum.theta, *self._fresh[:_MANY]])

    @cached_property
    def _fresh(self) -> list[Theta]:
        """The law's own starts, the best first."""
        return sorted(self.problem.starts(), key=self.problem.F)

    @cached_property
    def _covariance(self) -> Float[ndarray, "p p"]:
        root_weight = np.sqrt(np.reshape(self.problem.weight, (-1, 1)))
        J = self.problem.gradient_rows(self.optimum.theta) * root_weight
        return self.s2 * np.linalg.pinv(J.T @ J, hermitian=True)


def _in_one(starts: Sequence[Starts]) -> Float[ndarray, "b p"]:
    return np.concatenate([batch.reshape(-1, batch.shape[-1]) for batch in starts])


def _least_of_each(F: Float[ndarray, " b"], starts: Sequence[Starts]) -> list[Values]:
    """The least F of the starts of each value."""
    parts = np.split(F, np.cumsum([batch[..., 0].size for batch in starts])[:-1])
    return [
        np.min(part.reshape(batch.shape[:2]), axis=1)
        for part, batch in zip(parts, starts, strict=True)
    ]
