"""What is asked of a fitted law, what is said in reply, and what no law can be asked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scalinglaws.errors import BadInput

if TYPE_CHECKING:
    from scalinglaws.estimate import Estimate
    from scalinglaws.laws import FitStatus
    from scalinglaws.laws.fitting.bootstrap import Scheme


@dataclass(frozen=True)
class Asked:
    """The questions of the command line, and what their intervals are to rest on.

    compare: the column that names two systems. tolerance: log C within which runs are one budget.
    """

    points: Sequence[Mapping[str, float]]
    targets: Sequence[float]
    budgets: Sequence[float]
    isoflop: bool
    tolerance: float | None
    compare: str | None
    weights: str | None
    group: str | None
    bootstrap: int | None
    scheme: Scheme | None
    level: float
    seed: int


@dataclass(frozen=True)
class Answer:
    """ask: the question, as typed. x: what the estimate is of. about: for a reader."""

    ask: str
    x: str
    estimate: Estimate
    status: FitStatus
    about: str


def check(asked: Asked, x: Sequence[str]) -> None:
    """Refuse, before any data is read, what no law of these x can answer."""
    for option, values in (("--budget-flops", asked.budgets), ("--target-loss", asked.targets)):
        for value in values:
            if not 0 < value < math.inf:
                raise BadInput(f"{option} {value:g}: must be positive and finite")
    for refusal in (*_of_x(asked, x), *_unused(asked)):
        raise BadInput(refusal)
    if asked.bootstrap and asked.bootstrap < (fewest := fewest_draws(asked.level)):
        raise BadInput(
            f"--bootstrap {asked.bootstrap} --level {asked.level:g}: below {fewest} draws "
            "none lies beyond either end of the interval"
        )


def fewest_draws(level: float) -> int:
    """Draws of which one at least lies beyond each end: draws (1 - level) / 2 >= 1."""
    from scalinglaws.laws.forecast.conformal import least

    return 1 + least((1 + level) / 2)


def _of_x(asked: Asked, x: Sequence[str]) -> Iterator[str]:
    if asked.budgets and len(x) == 1 and x[0] != "C":
        yield (
            "--budget-flops needs a law of N and D (--x N --x D) or of compute (--x C): one of "
            f"{x[0]} does not know what a run costs"
        )
    if (asked.budgets or asked.targets) and len(x) == 2 and set(x) != {"N", "D"}:
        option = "--budget-flops" if asked.budgets else "--target-loss"
        yield (
            f"{option} takes 6 N D as the cost of a run: a law of {' and '.join(x)} does not know "
            "it; use --x N --x D (--map N=COLUMN names a column so)"
        )


def _unused(asked: Asked) -> Iterator[str]:
    """Options that would change nothing."""
    for option, given in (("--isoflop", asked.isoflop), ("--compare", asked.compare)):
        if given and asked.weights:
            yield f"{option} takes every run alike: --weights {asked.weights} would change nothing"
    if asked.tolerance is not None and not asked.isoflop:
        yield "--isoflop-tolerance belongs to --isoflop"
    if asked.scheme and not asked.bootstrap:
        yield f"--scheme {asked.scheme} belongs to --bootstrap"
