"""What is weak about a fit: a status, and sentences that say it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.laws.fitting.candidates import Candidate
from scalinglaws.laws.fitting.noise import rounding
from scalinglaws.laws.fitting.optimise import Problem
from scalinglaws.laws.law import Kind

_PERPLEXITY = 12.0  # nats: a median loss above it is no cross-entropy of text
_UNBALANCED = 1e-4  # stationarity beyond which an optimum is not reached


class FitStatus(StrEnum):
    """The gravest thing to know about a fit or a forecast; the notes tell the rest."""

    UNREACHABLE = "unreachable"  # no x gives that loss
    UNBOUNDED = "unbounded"  # an interval has an end that the data leave open
    COLLINEAR = "collinear"  # the x of a joint law rise together: its terms are not told apart
    FEW_POINTS = "few-points"  # fewer than two points per parameter
    NO_TREND = "no-trend"  # the exponent's interval holds 0, or the loss does not fall
    NOT_CONVERGED = "not-converged"  # the pulls of the points do not balance
    BOUND_HIT = "bound-hit"  # a constant is best at exactly 0
    UNSUPPORTED = "unsupported"  # farther out than back-tests on the table can vouch for
    EXTRAPOLATED = "extrapolated"  # more than a factor 2 outside the fitted range
    EXACT = "exact"  # no residuals: nothing to take the noise from
    OK = "ok"

    @classmethod
    def gravest(cls, *statuses: FitStatus) -> FitStatus:
        return min(statuses, key=list(cls).index, default=cls.OK)


def statuses(best: Candidate, params: Mapping[str, Estimate]) -> Iterator[FitStatus]:
    """All that apply."""
    law, problem = best.law, best.problem
    for kind, estimate in zip(law.kinds, params.values(), strict=True):
        open_below = estimate.lo == (0.0 if kind.is_log else -math.inf)
        if math.isinf(estimate.hi) or (open_below and not kind.may_vanish):
            yield FitStatus.UNBOUNDED
        if kind is Kind.EXPONENT and estimate.lo <= 0:
            yield FitStatus.NO_TREND
        if kind.may_vanish and estimate.value == 0:
            yield FitStatus.BOUND_HIT
    if law.variables > 1 and collinear(problem):
        yield FitStatus.COLLINEAR
    if len(problem.log_L) < 2 * len(params):
        yield FitStatus.FEW_POINTS
    if best.profile.s2 <= rounding(problem):
        yield FitStatus.EXACT
    elif best.optimum.stationarity > _UNBALANCED:
        yield FitStatus.NOT_CONVERGED


def notes(
    found: Sequence[Candidate],
    params: Mapping[str, Estimate],
    flags: Sequence[FitStatus],
    x: Sequence[str],
) -> Iterator[str]:
    """In plain words."""
    best, *others = found
    optimum, n = best.optimum, len(best.problem.log_L)
    yield from _of_table(best.problem, x)
    if FitStatus.UNBOUNDED in flags:
        yield "the data leave an end of an interval open"
    if FitStatus.FEW_POINTS in flags:
        yield f"{n} points for {len(params)} parameters"
    if FitStatus.NO_TREND in flags:
        rises = any(
            kind is Kind.EXPONENT and params[name].hi < 0
            for name, kind in zip(params, best.law.kinds, strict=True)
        )
        yield (
            "the loss rises with x: an exponent lies below 0"
            if rises
            else "the loss does not fall beyond doubt: the interval of the exponent holds 0"
        )
    if FitStatus.BOUND_HIT in flags:
        at_zero = [
            name
            for name, kind in zip(params, best.law.kinds, strict=True)
            if kind.may_vanish and params[name].value == 0
        ]
        yield f"the best {' and '.join(at_zero)} is exactly 0: these data show no such floor"
    if FitStatus.EXACT in flags:
        yield "no residuals beyond rounding: the intervals say nothing about noise"
    if FitStatus.NOT_CONVERGED in flags:
        yield (
            f"the optimum was not reached: the points' pulls are off balance by "
            f"{optimum.stationarity:.1g} of their size"
        )
    sure = FitStatus.BOUND_HIT in flags or FitStatus.EXACT in flags
    if optimum.agreed == 1 < optimum.starts and not sure:
        yield f"only 1 of {optimum.starts} starts found this optimum"
    for other in others:
        yield (
            f"the data do not exclude {other.law.name}, {other.law.formula(*x)}: "
            "the intervals allow for it"
        )


def _of_table(problem: Problem, x: Sequence[str]) -> Iterator[str]:
    if repeats := _repeats(problem):
        yield (
            f"{repeats} points repeat another's x and loss exactly: each weighs in the fit, its "
            "intervals count copies once"
        )
    median = math.exp(min(float(np.median(problem.log_L)), 700.0))
    if median > _PERPLEXITY:
        yield (
            f"losses of about {median:.3g} look like perplexities or another unit: laws with a "
            "floor are of losses in nats, log perplexity"
        )
    if len(x) == 2 and (same := collinear(problem)):
        yield (
            f"{x[0]} and {x[1]} rise together (correlation of their logs {same:.4f}): the table "
            "does not tell their terms apart, and says nothing off that line"
        )


def collinear(problem: Problem) -> float:
    """Correlation of log N and log D where it leaves one direction almost bare."""
    r = float(np.corrcoef(problem.log_X)[0, 1])
    return r if abs(r) > 0.995 else 0.0


def _repeats(problem: Problem) -> int:
    """Points that repeat another's x and loss to the last digit."""
    rows = np.concatenate([problem.log_X, problem.log_L[None]])
    rows = rows[:, np.lexsort(rows)]
    return int((np.diff(rows, axis=1) == 0).all(axis=0).sum())
