"""What was asked of a fitted law: forecasts, costs, budgets, optima and comparisons."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Shaped
from numpy import ndarray

from scalinglaws.cli.fit.forecasts import Forecast, forecast_all
from scalinglaws.errors import BadInput

if TYPE_CHECKING:
    from scalinglaws.estimate import Estimate
    from scalinglaws.laws import Fit, FitStatus
    from scalinglaws.laws.compute.allocation import Allocation
    from scalinglaws.laws.fitting.bootstrap import Bootstrap

DRAWS = 400  # of the bootstrap that a joint law's budgets rest on where none is asked for
Columns = Mapping[str, Shaped[ndarray, " n"]]


@dataclass(frozen=True)
class Asked:
    """The questions of the command line. compare: the column that names two systems."""

    points: Sequence[Mapping[str, float]]
    targets: Sequence[float]
    budgets: Sequence[float]
    isoflop: bool
    compare: str | None
    bootstrap: int | None
    seed: int


@dataclass(frozen=True)
class Answer:
    """ask: the question, as typed. x: what the estimate is of. about: for a reader."""

    ask: str
    x: str
    estimate: Estimate
    status: FitStatus
    about: str


@dataclass(frozen=True)
class Answers:
    params: Mapping[str, Estimate]
    forecasts: Sequence[Forecast]
    answers: Sequence[Answer]
    status: FitStatus
    notes: Sequence[str]


def check(asked: Asked, x: Sequence[str]) -> None:
    """Refuse, before any data is read, what no law of these x can answer."""
    if asked.budgets and len(x) == 1 and x[0] != "C":
        raise BadInput(
            "--budget-flops needs a law of N and D (--x N --x D) or of compute (--x C): one of "
            f"{x[0]} does not know what a run costs"
        )
    for option, values in (("--budget-flops", asked.budgets), ("--target-loss", asked.targets)):
        for value in values:
            if not 0 < value < math.inf:
                raise BadInput(f"{option} {value:g}: must be positive and finite")


def answer(fitted: Fit, columns: Columns, asked: Asked) -> Answers:
    """All of it. Raises BadInput for questions that this table cannot answer."""
    from scalinglaws.laws import FitStatus

    joint = fitted.law.variables == 2
    drawn = _drawn(fitted, asked, needed=joint and bool(asked.targets or asked.budgets))
    params = {
        name: drawn.interval(name, fitted.level) if drawn and asked.bootstrap else estimate
        for name, estimate in fitted.params.items()
    }
    forecasts, notes = forecast_all(fitted, asked.points)
    notes += _of_bootstrap(drawn, asked)
    answers: list[Answer] = []
    for target in asked.targets:
        answers += _costs(drawn, target) if joint and drawn else [_solved(fitted, target)]
    for budget in asked.budgets:
        answers += _buys(drawn, budget) if joint and drawn else [_at_budget(fitted, budget)]
    if joint and (asked.targets or asked.budgets):
        N, D = fitted.x
        notes.append(f"compute is 6 {N} {D} FLOPs, and its best split by the fitted law")
    if asked.isoflop:
        found, said = _isoflop(fitted, columns)
        answers += found
        notes += said
    if asked.compare:
        found, said = _compared(fitted, columns, asked.compare)
        answers += found
        notes += said
    notes += _remarks(fitted, answers)
    status = FitStatus.gravest(fitted.status, *(forecast.status for forecast in forecasts))
    return Answers(params, forecasts, answers, status, notes)


def _drawn(fitted: Fit, asked: Asked, *, needed: bool) -> Bootstrap | None:
    if not (needed or asked.bootstrap):
        return None
    from scalinglaws.laws.fitting.bootstrap import bootstrap

    return bootstrap(fitted, asked.bootstrap or DRAWS, seed=asked.seed)


def _of_bootstrap(drawn: Bootstrap | None, asked: Asked) -> Iterator[str]:
    if drawn and asked.bootstrap:
        yield (
            f"intervals of the parameters: percentiles of {len(drawn.theta)} refits, wild "
            f"bootstrap of {drawn.groups} groups; forecasts by profile likelihood"
        )
    elif drawn:
        yield f"budgets and costs: percentiles of {len(drawn.theta)} refits, wild bootstrap"


def _solved(fitted: Fit, target: float) -> Answer:
    found = fitted.solve(target)
    name = fitted.x[0]
    ask, about = f"target-loss={target:g}", f"{name} for a loss of {target:g}"
    return Answer(ask, name, found.x, found.status, about)


def _at_budget(fitted: Fit, budget: float) -> Answer:
    """Of a law of compute alone: the loss of a run of that cost."""
    point = {"C": budget}
    about = f"loss of a new run of {budget:g} FLOPs"
    ask = f"budget-flops={budget:g}"
    return Answer(ask, "loss", fitted.predict(point), fitted.status_at(point), about)


def _costs(drawn: Bootstrap, target: float) -> Iterator[Answer]:
    from scalinglaws.laws.compute.allocation import costs

    found = costs(drawn, target)
    N, D = drawn.fit.x
    status = _status(drawn.fit, found)
    for name, estimate in (("C", found.C), (N, found.N), (D, found.D)):
        about = f"{name} for a loss of {target:g}, at least compute"
        yield Answer(f"target-loss={target:g}", name, estimate, status, about)


def _buys(drawn: Bootstrap, budget: float) -> Iterator[Answer]:
    from scalinglaws.laws.compute.allocation import buys

    found = buys(drawn, budget)
    N, D = drawn.fit.x
    status = _status(drawn.fit, found)
    for name, estimate in ((N, found.N), (D, found.D), ("loss", found.L)):
        about = f"best {name} for {budget:g} FLOPs"
        yield Answer(f"budget-flops={budget:g}", name, estimate, status, about)


def _status(fitted: Fit, found: Allocation) -> FitStatus:
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
    return fitted.status_at(dict(zip(fitted.x, (N, D), strict=True)))


def _isoflop(fitted: Fit, columns: Columns) -> tuple[list[Answer], Sequence[str]]:
    from scalinglaws.laws import FitStatus
    from scalinglaws.laws.compute.isoflop import isoflop

    found = isoflop(columns["C"], columns["N"], columns[fitted.y], level=fitted.level)
    answers = [
        Answer(f"isoflop C={best.C:g}", "N", best.N, FitStatus.OK, f"best N at C = {best.C:.3g}")
        for best in found.optima
    ]
    for name, exponent in (("a", found.a), ("b", found.b)):
        of = "N" if name == "a" else "D"
        status = FitStatus.OK if math.isfinite(exponent.half_width) else FitStatus.UNBOUNDED
        about = f"best {of} ~ C^{name}"
        answers.append(Answer("isoflop", name, exponent, status, about))
    return answers, [f"isoflop: D by {found.flops}", *found.notes]


def _compared(fitted: Fit, columns: Columns, column: str) -> tuple[list[Answer], Sequence[str]]:
    from scalinglaws.laws import FitStatus
    from scalinglaws.laws.compare import compare

    X = np.stack([columns[name] for name in fitted.x])
    found = compare(X, columns[fitted.y], columns[column], level=fitted.level)
    ask = f"compare {found.B}/{found.A}"
    about = f"loss of {found.B} over {found.A}, {found.pairs} pairs"
    answers = [Answer(ask, "ratio", found.ratio, FitStatus.OK, about)]
    if found.trend is not None:
        about = f"change of its log per e-fold of {fitted.x[0]}"
        answers.append(Answer(ask, "trend", found.trend, FitStatus.OK, about))
    return answers, found.notes


def _remarks(fitted: Fit, answers: Sequence[Answer]) -> Iterator[str]:
    """What to know about these answers."""
    for one in answers:
        if one.status == "unreachable":
            law = fitted.law.formula(*fitted.x)
            yield f"{one.ask}: no {one.x} does: {law}"
        elif math.isinf(one.estimate.hi) and one.ask.startswith("target-loss"):
            loss = one.ask.partition("=")[2]
            yield (
                f"loss {loss}: the interval is open, for some law within it never reaches that loss"
            )
