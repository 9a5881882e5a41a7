"""A fitted law: parameters with intervals, forecasts, and the x that a loss needs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.estimate import Estimate
from scalinglaws.laws.fitting.candidates import Candidate
from scalinglaws.laws.fitting.objective import MAD, SQUARES, Huber, Loss, Student
from scalinglaws.laws.fitting.optimise import Optimum, Problem
from scalinglaws.laws.fitting.profile import Interval
from scalinglaws.laws.fitting.status import FitStatus
from scalinglaws.laws.law import LOG_MAX, Law, exp
from scalinglaws.laws.quantile import gaussian, student

FAR = 2.0  # a forecast farther outside the fitted range than this factor is an extrapolation


@dataclass(frozen=True)
class Objective:
    """What was minimised, and the value reached: the sum of squares for lsq, else sum w rho."""

    name: str
    delta: float | None
    value: float

    @classmethod
    def of(cls, loss: Loss, F: float) -> Objective:
        delta = loss.scale if isinstance(loss, (Huber, Student)) else None
        return cls(loss.name, delta, F if loss is SQUARES else F / 2)


@dataclass(frozen=True)
class Answer:
    """The x[variable] at which the law reaches a loss, the other variables as given; nan where
    none does."""

    loss: float
    variable: str
    x: Estimate
    status: FitStatus
    given: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Fit:
    """A law fitted to a table.

    params: by name, with profile intervals. X, L: the points, a row of X per column of x.
    candidates: the law itself first. groups: which runs are not independent of each other.
    """

    law: Law
    y: str
    x: tuple[str, ...]
    params: Mapping[str, Estimate]
    X: Float[ndarray, "v n"]
    L: Float[ndarray, " n"]
    objective: Objective
    level: float
    status: FitStatus
    notes: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    groups: Int[ndarray, " n"]

    @property
    def n(self) -> int:
        return len(self.L)

    @property
    def dof(self) -> int:
        """Independent runs less parameters; 0 at least."""
        return max(self.independent - len(self.params), 0)

    @property
    def independent(self) -> int:
        """Groups of runs; runs where each is its own."""
        return int(self.groups.max()) + 1

    @property
    def problem(self) -> Problem:
        return self.candidates[0].problem

    @property
    def optimum(self) -> Optimum:
        return self.candidates[0].optimum

    @property
    def residuals(self) -> Float[ndarray, " n"]:
        """log L less the law's."""
        return self.problem.residual(self.optimum.theta)

    @property
    def residual_sd(self) -> float:
        """s of log L, the scatter of a single run: for squares the residual standard deviation,
        else, as outliers have no say in such a fit, a Gaussian's from the median |residual|."""
        if self.problem.loss is SQUARES:
            return math.sqrt(self.candidates[0].profile.s2)
        return MAD * float(np.median(np.abs(self.residuals)))

    @property
    def range(self) -> dict[str, tuple[float, float]]:
        """Least and greatest value of each column of x."""
        ends = zip(self.X.min(axis=1).tolist(), self.X.max(axis=1).tolist(), strict=True)
        return dict(zip(self.x, ends, strict=True))

    def predict(self, at: Mapping[str, float] | float) -> Estimate:
        """The loss of a new run at x: the law's interval and a run's own scatter, in quadrature.

        arm^2 = (profile arm of log L)^2 + t^2 s^2; for a loss other than squares the second is the
        quantile of the residuals themselves, whatever their tails.
        """
        return self.predictions([at])[0]

    def predictions(self, points: Sequence[Mapping[str, float] | float]) -> list[Estimate]:
        """`predict` at many points, in little more time than at one."""
        return self._losses(points, self._scatter())

    def _scatter(self) -> float:
        if self.problem.loss is SQUARES:
            return student(self.level, self.dof) * self.residual_sd
        if self.dof == 0:
            return math.inf
        ordered = np.sort(np.abs(self.residuals))
        rank = min(math.ceil(self.level * (self.n + 1)), self.n)
        return float(ordered[rank - 1]) * math.sqrt(self.independent / self.dof)

    def mean(self, at: Mapping[str, float] | float) -> Estimate:
        """The law's loss at x: the interval of the law alone."""
        return self.means([at])[0]

    def means(self, points: Sequence[Mapping[str, float] | float]) -> list[Estimate]:
        """`mean` at many points, in little more time than at one."""
        return self._losses(points, 0.0)

    def solve(
        self, loss: float, variable: str | None = None, given: Mapping[str, float] | None = None
    ) -> Answer:
        """The x at which the law reaches `loss`: every x at which some law within the limit does.

        variable: which column of x, the first where none is named; a joint law needs the others
        given. An end is open (infinite) where such a law never reaches the loss.
        """
        if not (math.isfinite(loss) and loss > 0):
            raise BadInput(f"a target loss must be positive and finite, not {loss}")
        name, others = variable or self.x[0], dict(given or {})
        if name not in self.x:
            raise UnknownName("column of x", name, self.x)
        log_given = self._logs(others, tuple(other for other in self.x if other != name))
        index = self.x.index(name)
        fixed = [others[other] for other in self.x if other != name]
        x = self.law.invert(loss, variable=index, given=fixed)
        if not 0 < x < math.inf:
            nowhere = Estimate(math.nan, math.nan, math.nan, math.inf, self.level)
            return Answer(loss, name, nowhere, FitStatus.UNREACHABLE, others)
        spans = [self._span(one, loss, x, index, log_given, fixed) for one in self.candidates]
        lo, hi = exp(min(lo for lo, _ in spans)), exp(max(hi for _, hi in spans))
        open_ended = lo == 0 or math.isinf(hi)
        # The standard error of log x, as one of x.
        stderr = math.inf if open_ended else x * math.log(hi / lo) / 2 / gaussian(self.level)
        status = FitStatus.UNBOUNDED if open_ended else self.status_at({name: x, **others})
        return Answer(loss, name, Estimate(x, stderr, lo, hi, self.level), status, others)

    def beyond(self, at: Mapping[str, float] | float) -> float:
        """The factor by which x lies outside the fitted range; 1 inside."""
        (log_x,) = self._log_x(at).T
        log_X = np.log(self.X)
        outside = np.maximum(log_X.min(axis=1) - log_x, log_x - log_X.max(axis=1))
        return exp(max(0.0, float(outside.max())))

    def status_at(self, at: Mapping[str, float] | float) -> FitStatus:
        """Whether a forecast at x is an extrapolation."""
        return FitStatus.EXTRAPOLATED if self.beyond(at) > FAR else FitStatus.OK

    def _span(
        self,
        candidate: Candidate,
        loss: float,
        x: float,
        variable: int,
        log_given: Float[ndarray, " w"],
        given: Sequence[float],
    ) -> Interval:
        best = candidate.law.invert(loss, variable=variable, given=given)
        if 0 < best < math.inf:
            return candidate.profile.log_x(math.log(loss), math.log(best), variable, log_given)
        return math.log(x), math.inf

    def _losses(
        self, points: Sequence[Mapping[str, float] | float], scatter: float
    ) -> list[Estimate]:
        if not points:
            return []
        log_x = np.hstack([self._log_x(at) for at in points])
        best = self.law.log_loss(self.law.theta, log_x).tolist()
        spans = np.array([candidate.profile.log_losses(log_x) for candidate in self.candidates])
        lows, highs = spans[..., 0].min(axis=0).tolist(), spans[..., 1].max(axis=0).tolist()
        return [
            self._estimate(log_L, math.hypot(log_L - lo, scatter), math.hypot(hi - log_L, scatter))
            for log_L, lo, hi in zip(best, lows, highs, strict=True)
        ]

    def _estimate(self, log_L: float, down: float, up: float) -> Estimate:
        """Of a loss, from the arms of its log."""
        loss, stderr = exp(log_L), (down + up) / 2 / gaussian(self.level)
        return Estimate(loss, loss * stderr, exp(log_L - down), exp(log_L + up), self.level)

    def _log_x(self, at: Mapping[str, float] | float) -> Float[ndarray, "v 1"]:
        return self._logs(at if isinstance(at, Mapping) else {self.x[0]: at}, self.x)[:, None]

    def _logs(self, point: Mapping[str, float], names: Sequence[str]) -> Float[ndarray, " v"]:
        least = self.law.least_x
        if set(point) != set(names):
            needs, got = (", ".join(those) or "no other x" for those in (names, point))
            raise BadInput(f"a forecast needs {needs}; got {got}")
        for name, value in point.items():
            if not 0 < value < math.exp(LOG_MAX):
                raise BadInput(f"a forecast needs a positive, finite {name}, not {value}")
            if value <= least:
                raise BadInput(f"a forecast needs {name} above {least:g}, not {value}")
        return np.log(np.array([float(point[name]) for name in names]))
