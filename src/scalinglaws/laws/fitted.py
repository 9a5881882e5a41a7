"""A fitted law: parameters with intervals, forecasts, and the x that a loss needs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.errors import BadInput
from scalinglaws.estimate import Estimate
from scalinglaws.laws.law import LOG_MAX, Law, exp
from scalinglaws.laws.optimise import Optimum, Problem
from scalinglaws.laws.profile import Interval, Profile
from scalinglaws.laws.quantile import gaussian, student

FAR = 2.0  # a forecast farther outside the fitted range than this factor is an extrapolation


class FitStatus(StrEnum):
    """The gravest thing to know about a fit or a forecast; the notes tell the rest."""

    UNREACHABLE = "unreachable"  # no x gives that loss
    UNBOUNDED = "unbounded"  # an interval has an end that the data leave open
    FEW_POINTS = "few-points"  # fewer than two points per parameter
    NO_TREND = "no-trend"  # the exponent's interval holds 0, or the loss does not fall
    BOUND_HIT = "bound-hit"  # a constant is best at exactly 0
    EXTRAPOLATED = "extrapolated"  # more than a factor 2 outside the fitted range
    EXACT = "exact"  # no residuals: nothing to take the noise from
    OK = "ok"

    @classmethod
    def gravest(cls, *statuses: FitStatus) -> FitStatus:
        return min(statuses, key=list(cls).index, default=cls.OK)


@dataclass(frozen=True)
class Objective:
    """What was minimised, and the value reached."""

    name: str
    delta: float | None
    value: float


@dataclass(frozen=True)
class Answer:
    """The x at which the law reaches a loss; nan where none does."""

    loss: float
    x: Estimate
    status: FitStatus


@dataclass(frozen=True)
class Candidate:
    """A fitted law close enough to the best to be counted in every interval."""

    law: Law
    problem: Problem  # all points
    optimum: Optimum
    profile: Profile


@dataclass(frozen=True)
class Fit:
    """A law fitted to a table.

    params: by name, with profile intervals. X, L: the points, a row of X per column of x.
    residual_sd: s of log L, the scatter of a single run. candidates: the law itself first.
    """

    law: Law
    y: str
    x: tuple[str, ...]
    params: Mapping[str, Estimate]
    X: Float[ndarray, "v n"]
    L: Float[ndarray, " n"]
    objective: Objective
    residual_sd: float
    level: float
    status: FitStatus
    notes: tuple[str, ...]
    candidates: tuple[Candidate, ...]

    @property
    def n(self) -> int:
        return len(self.L)

    @property
    def dof(self) -> int:
        return self.n - len(self.params)

    @property
    def range(self) -> dict[str, tuple[float, float]]:
        """Least and greatest value of each column of x."""
        ends = zip(self.X.min(axis=1).tolist(), self.X.max(axis=1).tolist(), strict=True)
        return dict(zip(self.x, ends, strict=True))

    def predict(self, at: Mapping[str, float] | float) -> Estimate:
        """The loss of a new run at x: the law's interval and a run's own scatter, in quadrature.

        arm^2 = (profile arm of log L)^2 + t^2 s^2.
        """
        return self._loss(at, student(self.level, self.dof) * self.residual_sd)

    def mean(self, at: Mapping[str, float] | float) -> Estimate:
        """The law's loss at x: the interval of the law alone."""
        return self._loss(at, 0.0)

    def solve(self, loss: float) -> Answer:
        """The x at which the law reaches `loss`: every x at which some law within the limit does.

        An end is open (infinite) where such a law never reaches it.
        """
        if not (math.isfinite(loss) and loss > 0):
            raise BadInput(f"a target loss must be positive and finite, not {loss}")
        x = self.law.invert(loss)
        if not 0 < x < math.inf:
            nowhere = Estimate(math.nan, math.nan, math.nan, math.inf, self.level)
            return Answer(loss, nowhere, FitStatus.UNREACHABLE)
        spans = [self._span(candidate, loss, x) for candidate in self.candidates]
        lo, hi = exp(min(lo for lo, _ in spans)), exp(max(hi for _, hi in spans))
        open_ended = lo == 0 or math.isinf(hi)
        # The standard error of log x, as one of x.
        stderr = math.inf if open_ended else x * math.log(hi / lo) / 2 / gaussian(self.level)
        status = FitStatus.UNBOUNDED if open_ended else self.status_at(x)
        return Answer(loss, Estimate(x, stderr, lo, hi, self.level), status)

    def beyond(self, at: Mapping[str, float] | float) -> float:
        """The factor by which x lies outside the fitted range; 1 inside."""
        (log_x,) = self._log_x(at).T
        log_X = np.log(self.X)
        outside = np.maximum(log_X.min(axis=1) - log_x, log_x - log_X.max(axis=1))
        return exp(max(0.0, float(outside.max())))

    def status_at(self, at: Mapping[str, float] | float) -> FitStatus:
        """Whether a forecast at x is an extrapolation."""
        return FitStatus.EXTRAPOLATED if self.beyond(at) > FAR else FitStatus.OK

    def _span(self, candidate: Candidate, loss: float, x: float) -> Interval:
        best = candidate.law.invert(loss)
        if 0 < best < math.inf:
            return candidate.profile.log_x(math.log(loss), math.log(best))
        # This law, itself within the limit, never gets there.
        return math.log(x), math.inf

    def _loss(self, at: Mapping[str, float] | float, scatter: float) -> Estimate:
        log_x = self._log_x(at)
        log_L = float(self.law.log_loss(self.law.theta, log_x)[0])
        spans = [candidate.profile.log_loss(log_x) for candidate in self.candidates]
        down = math.hypot(log_L - min(lo for lo, _ in spans), scatter)
        up = math.hypot(max(hi for _, hi in spans) - log_L, scatter)
        loss, stderr = exp(log_L), (down + up) / 2 / gaussian(self.level)
        return Estimate(loss, loss * stderr, exp(log_L - down), exp(log_L + up), self.level)

    def _log_x(self, at: Mapping[str, float] | float) -> Float[ndarray, "v 1"]:
        point = at if isinstance(at, Mapping) else {self.x[0]: at}
        if set(point) != set(self.x):
            raise BadInput(f"a forecast needs {', '.join(self.x)}; got {', '.join(point)}")
        for name, value in point.items():
            if not 0 < value < math.exp(LOG_MAX):
                raise BadInput(f"a forecast needs a positive, finite {name}, not {value}")
        return np.log([[float(point[name])] for name in self.x])
