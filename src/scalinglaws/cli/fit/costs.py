"""What a budget buys and what a loss costs, by the fitted law."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from scalinglaws.cli.fit.asked import Answer
from scalinglaws.cli.fit.forecasts import Ahead, Forecast
from scalinglaws.errors import BadInput

if TYPE_CHECKING:
    from scalinglaws.laws import Fit, FitStatus
    from scalinglaws.laws.compute.allocation import Allocation
    from scalinglaws.laws.fitting.bootstrap import Bootstrap

# Times the cheapest and the dearest run. Farther out a law's falling terms near the rounding of
# its floor, and the best split with them.
_REACH = 1e12


def solved(ahead: Ahead, target: float) -> Answer:
    """Of a law of one x: the x that reaches a loss."""
    from scalinglaws.laws import FitStatus

    found = ahead.fitted.solve(target)
    status, name = found.status, found.variable
    if status not in (FitStatus.UNREACHABLE, FitStatus.UNBOUNDED):
        (there,) = ahead.at([{name: found.x.value}])
        status = FitStatus.gravest(status, there.status)
    return Answer(
        f"target-loss={target:g}", name, found.x, status, f"{name} for a loss of {target:g}"
    )


def at_budget(ahead: Ahead, budget: float) -> tuple[Answer, Forecast]:
    """Of a law of compute alone: the loss of a run of that cost."""
    (there,) = ahead.at([{"C": budget}])
    about = f"loss of a new run of {budget:g} FLOPs"
    return Answer(f"budget-flops={budget:g}", "loss", there.loss, there.status, about), there


def costs(ahead: Ahead, drawn: Bootstrap, target: float) -> list[Answer]:
    """Of a joint law: the least compute that reaches a loss, and its split."""
    from scalinglaws.laws import FitStatus
    from scalinglaws.laws.compute.allocation import costs as least

    found = least(drawn, target)
    N, D = drawn.fit.x
    status = _status(drawn.fit, found)
    if status not in (FitStatus.UNREACHABLE, FitStatus.UNBOUNDED):
        (there,) = ahead.at([_split(drawn.fit, found)])
        status = FitStatus.gravest(status, there.status)
    return [
        Answer(
            f"target-loss={target:g}",
            name,
            estimate,
            status,
            f"{name} for a loss of {target:g}, at least compute",
        )
        for name, estimate in (("C", found.C), (N, found.N), (D, found.D))
    ]


def buys(ahead: Ahead, drawn: Bootstrap, budget: float) -> tuple[list[Answer], Forecast | None]:
    """Of a joint law: the best N and D for a budget, and the loss of a new run of that size."""
    from scalinglaws.laws import FitStatus
    from scalinglaws.laws.compute.allocation import buys as best

    _require_within_reach(drawn.fit, budget)
    found = best(drawn, budget)
    N, D = drawn.fit.x
    status, loss, there = _status(drawn.fit, found), found.L, None
    if status is not FitStatus.UNREACHABLE:
        (there,) = ahead.at([_split(drawn.fit, found)])
        status, loss = FitStatus.gravest(status, there.status), there.loss
    ask, of = f"budget-flops={budget:g}", f"for {budget:g} FLOPs"
    answers = [
        Answer(ask, N, found.N, status, f"best {N} {of}"),
        Answer(ask, D, found.D, status, f"best {D} {of}"),
        Answer(ask, "loss", loss, status, f"loss of a new run of that {N} and {D}"),
    ]
    return answers, there


def remarks(fitted: Fit, answers: list[Answer]) -> Iterator[str]:
    """What to know about what losses cost."""
    from scalinglaws.laws import FitStatus

    first = {one.ask: one for one in reversed(answers)}  # of what a joint law says three times
    for one in first.values():
        loss = one.ask.removeprefix("target-loss=")
        if one.status is FitStatus.UNREACHABLE:
            yield f"{one.ask}: no {one.x} does: {fitted.law.formula(*fitted.x)}"
        elif loss == one.ask:
            continue  # a budget's: its forecast says the rest
        elif math.isinf(one.estimate.hi):
            yield (
                f"loss {loss}: the interval is open, for some law within it never reaches that loss"
            )
        elif one.status is FitStatus.UNSUPPORTED:
            yield f"loss {loss}: an interval by the law alone; back-tests do not vouch so far out"
        elif one.status is FitStatus.EXTRAPOLATED:
            yield f"loss {loss}: an interval by the law alone, not widened by back-tests"


def _split(fitted: Fit, found: Allocation) -> dict[str, float]:
    return dict(zip(fitted.x, (found.N.value, found.D.value), strict=True))


def _status(fitted: Fit, found: Allocation) -> FitStatus:
    """Of the split itself, whatever back-tests say."""
    from scalinglaws.laws import FitStatus
    from scalinglaws.laws.compute.flops import SIX_ND
    from scalinglaws.laws.fitting.fitted import FAR

    N, D = found.N.value, found.D.value
    if not (0 < N < math.inf and 0 < D < math.inf):
        return FitStatus.UNREACHABLE
    if math.isinf(found.N.hi) or math.isinf(found.D.hi):
        return FitStatus.UNBOUNDED
    spent = SIX_ND.C(*fitted.X)  # N and D may both lie in range, and no run have cost as much
    if not spent.min() / FAR <= found.C.value <= spent.max() * FAR:
        return FitStatus.EXTRAPOLATED
    return fitted.status_at(_split(fitted, found))


def _require_within_reach(fitted: Fit, budget: float) -> None:
    from scalinglaws.laws.compute.flops import SIX_ND

    spent = SIX_ND.C(*fitted.X)
    if not spent.min() / _REACH <= budget <= spent.max() * _REACH:
        raise BadInput(
            f"--budget-flops {budget:g}: more than {_REACH:g} times outside what the table's runs "
            f"cost, {spent.min():.3g} to {spent.max():.3g} FLOPs"
        )
