"""The claims, fixed before measuring, and how the replicates are held against them."""

from __future__ import annotations

from collections.abc import Sequence

from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.experiments.law_coverage import figures, tables
from scalinglaws.experiments.law_coverage.statistics import (
    MEANS,
    PARAMETERS,
    RUNS,
    WHAT,
    Case,
    cases,
    mean,
    samples,
)
from scalinglaws.experiments.law_coverage.study import PER_PARAMETER, Settings
from scalinglaws.result import Budget, Claim, Findings, Judgement, Row

SIZES = {"many": "30 runs", "few": f"{PER_PARAMETER} runs per parameter"}
_EVERY = {  # by the name of its claim: what is judged case by case
    **{what: (what,) for what in PARAMETERS},
    "mean": MEANS,
    "run": RUNS,
}


def _said(what: str) -> str:
    """What the interval should hold, in words."""
    kind, _, horizon = what.partition(" ")
    if what in PARAMETERS:
        return {"alpha": "the true exponent", "E": "the true irreducible loss"}[what]
    held = {"mean": "the law's own loss", "run": "the loss of a new run"}[kind]
    return f"{held} {horizon[:-1]} times beyond the largest x" if horizon else f"{held} beyond"


def _claim(id: str, statement: str) -> Claim:
    return Claim(
        id=id,
        statement=statement,
        source="the project's own target, 93-97 %",
        expected=0.95,
        tolerance=0.02,
    )


AVERAGE = {
    (what, size): _claim(
        f"{what.replace(' ', '-')}-{size}",
        f"{runs}: share of 95 % intervals that hold {_said(what)}, mean over laws and noises",
    )
    for size, runs in SIZES.items()
    for what in WHAT
}
EVERY = {
    (name, size): _claim(
        f"every-{name}-{size}",
        f"{runs}: the same of {_said(name)}, for every law, noise and horizon by itself"
        if name not in PARAMETERS
        else f"{runs}: the same of {_said(name)}, for every law and noise by itself",
    )
    for size, runs in SIZES.items()
    for name in _EVERY
}
CLAIMS = (*AVERAGE.values(), *EVERY.values())


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Claims, tables and figures from the replicates that were drawn."""
    drawn = samples(rows)
    return Findings(
        claims=tuple(_judged(cases(drawn), settings, budget)),
        tables=tables.tables(drawn),
        figures=figures.figures(drawn),
        notes=_notes(settings),
    )


def _judged(found: Sequence[Case], settings: Settings, budget: Budget) -> list[Judgement]:
    def of(size: str, *what: str) -> list[Case]:
        return [c for c in found if c.what in what and c.small == (size == "few")]

    few = f"{settings.replicates} replicates"
    return [
        *(_judge(claim, of(size, what), budget) for (what, size), claim in AVERAGE.items()),
        *(
            _judge_every(claim, of(size, *_EVERY[name]), few, budget)
            for (name, size), claim in EVERY.items()
        ),
    ]


def _judge(claim: Claim, found: Sequence[Case], budget: Budget) -> Judgement:
    """The mean; the reason says how many intervals hold the truth for being open."""
    return claim.judge(mean(found), budget, reason=tables.opened(found))


def _judge_every(claim: Claim, found: Sequence[Case], few: str, budget: Budget) -> Judgement:
    """The worst case decides, by intervals that hold for all cases at once (Bonferroni): of many
    true ones some lie outside by chance. The reason says how many stand where."""
    level = 1 - (1 - LEVEL) / max(len(found), 1)
    measured = [Estimate.share(int(case.held.sum()), len(case.held), level) for case in found]
    verdicts = [claim.judge(m, budget).verdict for m in measured]
    count = ", ".join(f"{verdicts.count(v)} {v}" for v in dict.fromkeys(verdicts))
    return claim.judge_all(measured, budget, reason=f"{len(measured)} cases of {few}: {count}")


def _notes(settings: Settings) -> tuple[str, ...]:
    return (
        "The law that is fitted is the one that the losses were drawn from, by least squares on "
        "log L with Gaussian noise: what is tested is the interval, not the choice of the law.",
        "An open interval has an infinite end, which the data do not bound; it holds everything on "
        "that side. An interval of E that reaches down to 0 is not open.",
        "Runs are log-spaced over three decades of x; of a joint law budgets by allocations, "
        "jittered. A horizon of h is h times the largest x, of a joint law of N and of D at once.",
        "A table whose fit is refused counts in no coverage; the share refused stands in the "
        "tables.",
        f"A case of {settings.replicates} replicates has its coverage to "
        f"{100 * (0.95 * 0.05 / settings.replicates) ** 0.5:.1f} %, one standard error: of many "
        "true cases some lie outside by chance, and the claims on every case judge them together.",
    )
