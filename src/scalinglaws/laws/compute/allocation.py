"""What a budget buys and what a loss costs, by a fitted joint law, with intervals.

N*(C), D*(C) and L*(C) of `compute_optimal`, and the least C with L*(C) = loss; intervals are
percentiles over a bootstrap's laws.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput
from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.laws.compute.compute_optimal import ComputeOptimal, JointLaw, compute_optimal
from scalinglaws.laws.compute.flops import SIX_ND, FlopRule
from scalinglaws.laws.fitting.bootstrap import Bootstrap, Drawn
from scalinglaws.laws.fitting.status import collinear
from scalinglaws.laws.law import Law

_LAWS = 200, 10  # of a bootstrap's, whose optima are sought: so many, or so many beyond each end
_GRIDS = (25, 9, 9)  # trial C for a loss, each between two neighbours of the one before
_REACH = 1e12  # times the fitted range of C, either way


@dataclass(frozen=True)
class Allocation:
    """The best N and D, their cost C and their loss L; nan where the law has none."""

    C: Estimate
    N: Estimate
    D: Estimate
    L: Estimate


def buys(drawn: Bootstrap, C: float, *, flops: FlopRule = SIX_ND) -> Allocation:
    """The best that C FLOPs buy. Raises BadInput for a C that is not positive and finite."""
    _require_joint(drawn)
    level = drawn.fit.level

    def bought(law: Law) -> tuple[float, ...]:
        best = _optimal(law, C, flops)
        return float(best.N), float(best.D), float(best.L)

    return Allocation(Estimate(C, 0.0, C, C, level), *_each(drawn, bought))


def costs(drawn: Bootstrap, loss: float, *, flops: FlopRule = SIX_ND) -> Allocation:
    """The least compute that reaches the loss, and how it is spent; infinite ends where some law
    of the bootstrap never reaches it."""
    _require_joint(drawn)
    if not 0 < loss < math.inf:
        raise BadInput(f"a target loss must be positive and finite, not {loss}")
    N, D = drawn.fit.X
    C = flops.C(N, D)
    ends = (float(C.min()) / _REACH, float(C.max()) * _REACH)
    C_, N_, D_ = _each(drawn, lambda law: _reaching(law, ends, loss, flops))
    return Allocation(C_, N_, D_, Estimate(loss, 0.0, loss, loss, drawn.fit.level))


def _each(drawn: Bootstrap, answer: Callable[[Law], tuple[float, ...]]) -> list[Estimate]:
    """Each number of the answer, with an interval that holds those of all laws that the data do
    not exclude; open where the fitted N and D rise together, which shows no allocation."""
    level, best = drawn.fit.level, answer(drawn.fit.law)
    if collinear(drawn.fit.problem):
        return [Estimate(value, math.inf, 0.0, math.inf, level) for value in best]
    by_law = [
        list(zip(*map(answer, _laws(one, level)), strict=True))
        for one in (drawn.drawn, *drawn.others)
    ]
    return [
        _hull([_estimate(value, draws[i], level) for draws in by_law])
        for i, value in enumerate(best)
    ]


def _hull(estimates: Sequence[Estimate]) -> Estimate:
    lo, hi = min(one.lo for one in estimates), max(one.hi for one in estimates)
    return replace(estimates[0], lo=lo, hi=hi)


def _reaching(
    law: Law, ends: tuple[float, float], loss: float, flops: FlopRule
) -> tuple[float, float, float]:
    """C, N and D of the least C; infinite where no C up to the last reaches the loss, nan where
    the first does."""
    log_C = log_L = np.empty(0)
    for points in _GRIDS:
        on = _optimal(law, np.geomspace(*ends, points), flops)
        reached = np.flatnonzero(loss >= on.L)
        if not len(reached):
            return math.inf, math.inf, math.inf
        if not reached[0]:
            return math.nan, math.nan, math.nan
        pair = slice(reached[0] - 1, reached[0] + 1)
        ends = (float(on.C[pair][0]), float(on.C[pair][1]))
        log_C, log_L = np.log(on.C[pair]), np.log(on.L[pair])
    C = math.exp(float(np.interp(-math.log(loss), -log_L, log_C)))
    at: ComputeOptimal = _optimal(law, C, flops)
    return C, float(at.N), float(at.D)


def _optimal(law: Law, C: ArrayLike, flops: FlopRule) -> ComputeOptimal:
    return compute_optimal(cast(JointLaw, law), C, flops=flops)


def _laws(drawn: Drawn, level: float) -> Iterable[Law]:
    """As many of the draws' laws as are worth the time; those beyond double precision out."""
    usual, beyond = _LAWS
    most = max(usual, math.ceil(2 * beyond / (1 - level)))
    for theta in drawn.theta[:: max(1, len(drawn.theta) // most)]:
        try:
            yield drawn.law.at(theta)
        except BadInput:
            continue


def _estimate(value: float, draws: Sequence[float], level: float = LEVEL) -> Estimate:
    """Percentiles in which a draw that has no answer lies beyond all that have one."""
    if math.isnan(value):
        return Estimate(math.nan, math.nan, math.nan, math.nan, level)
    ordered = np.sort(np.where(np.isnan(draws), np.inf, draws))
    lo, hi = (
        float(np.quantile(ordered, q, method="nearest")) for q in ((1 - level) / 2, (1 + level) / 2)
    )
    finite = ordered[np.isfinite(ordered)]
    spread = float(finite.std(ddof=1)) if len(finite) == len(ordered) else math.inf
    return Estimate(value, spread, lo, hi, level)


def _require_joint(drawn: Bootstrap) -> None:
    if drawn.fit.law.variables != 2:
        raise BadInput(f"{drawn.fit.law.name} is a law of one x: it cannot split a budget")
