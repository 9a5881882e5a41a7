"""What was asked of a fitted law: forecasts, costs, budgets, optima and comparisons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scalinglaws.cli.fit.asked import Answer, Asked, fewest_draws
from scalinglaws.cli.fit.costs import at_budget, buys, costs, remarks, solved
from scalinglaws.cli.fit.forecasts import Ahead, Forecast, stacked
from scalinglaws.cli.fit.measured import Columns, compared, optima

if TYPE_CHECKING:
    from scalinglaws.estimate import Estimate
    from scalinglaws.laws import FitStatus
    from scalinglaws.laws.fitting.bootstrap import Bootstrap

DRAWS = 400  # of the bootstrap that a joint law's budgets rest on where none is asked for


@dataclass(frozen=True)
class Answers:
    """status: the gravest of the fit's, the forecasts' and the answers'."""

    params: Mapping[str, Estimate]
    forecasts: Sequence[Forecast]
    answers: Sequence[Answer]
    status: FitStatus
    notes: Sequence[str]


def answer(ahead: Ahead, columns: Columns, asked: Asked) -> Answers:
    """All of it. Raises BadInput for questions that this table cannot answer."""
    from scalinglaws.laws import FitStatus

    fitted = ahead.fitted
    joint = fitted.law.variables == 2
    drawn = _drawn(ahead, asked, needed=joint and bool(asked.targets or asked.budgets))
    params = {
        name: drawn.interval(name, fitted.level) if drawn and asked.bootstrap else estimate
        for name, estimate in fitted.params.items()
    }
    forecasts = ahead.at(asked.points)
    bought: list[Forecast | None] = []
    answers: list[Answer] = []
    for target in asked.targets:
        answers += costs(ahead, drawn, target) if joint and drawn else [solved(ahead, target)]
    for budget in asked.budgets:
        if joint and drawn:
            found, there = buys(ahead, drawn, budget)
            answers += found
        else:
            one, there = at_budget(ahead, budget)
            answers.append(one)
        bought.append(there)
    beyond = [one for one in (*forecasts, *bought) if one and one.outside > 1]
    notes = [note for one in beyond for note in one.notes]
    notes += stacked(fitted, beyond)
    notes += _of_intervals(ahead, drawn, asked)
    if joint and (asked.targets or asked.budgets):
        N, D = fitted.x
        notes.append(f"compute is 6 {N} {D} FLOPs, and its best split by the fitted law")
    notes += remarks(fitted, answers)
    if asked.isoflop:
        found, said = optima(fitted, columns, asked.tolerance or 0.0)
        answers += found
        notes += said
    if asked.compare:
        found, said = compared(fitted, columns, asked.compare)
        answers += found
        notes += said
    status = FitStatus.gravest(fitted.status, *(one.status for one in (*forecasts, *answers)))
    return Answers(params, forecasts, answers, status, list(dict.fromkeys(notes)))


def _drawn(ahead: Ahead, asked: Asked, *, needed: bool) -> Bootstrap | None:
    if not (needed or asked.bootstrap):
        return None
    from scalinglaws.laws.fitting.bootstrap import bootstrap

    draws = asked.bootstrap or max(DRAWS, fewest_draws(asked.level))
    return bootstrap(ahead.fitted, draws, scheme=asked.scheme, seed=asked.seed)


def _of_intervals(ahead: Ahead, drawn: Bootstrap | None, asked: Asked) -> Iterator[str]:
    """What the intervals rest on, where that is not the profile likelihood of independent runs."""
    if drawn:
        of = f"percentiles of {len(drawn.drawn.theta)} refits, {drawn.scheme} bootstrap"
        if asked.bootstrap:
            yield (
                f"intervals of the parameters: {of} of {drawn.groups} groups; forecasts by profile "
                "likelihood"
            )
        else:
            yield f"best sizes and costs: {of}"
    if asked.group:
        yield f"intervals of the law: by {ahead.fitted.independent} groups of {asked.group}"
        alone = [("--isoflop", asked.isoflop), ("--compare", asked.compare)]
        if alike := " and ".join(option for option, given in alone if given):
            yield (
                f"{alike}: runs of one {asked.group} are taken as independent of each other, and "
                "intervals may be too narrow"
            )
