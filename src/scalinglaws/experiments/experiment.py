"""What an experiment is: cells for a budget, and an analysis of their rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from scalinglaws.errors import BadInput
from scalinglaws.result import Budget, Claim, Findings, Row
from scalinglaws.sweep.cell import Cell

Settings = TypeVar("Settings")


@dataclass(frozen=True)
class Experiment(Generic[Settings]):
    """One claim or figure of a paper as data.

    budgets: a frozen dataclass of settings per budget; `--set FIELD=VALUE` replaces its fields.
    cost: what each budget was measured to take, in words for `list`.
    cells: settings -> the work; imports nothing heavy.
    analyse: (rows of all cells, settings, budget) -> findings. Rows may be incomplete when
        cells failed or data was absent: say so in the claims' reasons, never raise.
    """

    name: str
    title: str
    paper: str
    figures: str
    claims: tuple[Claim, ...]
    budgets: Mapping[Budget, Settings]
    cost: Mapping[Budget, str]
    cells: Callable[[Settings], Sequence[Cell]]
    analyse: Callable[[Sequence[Row], Settings, Budget], Findings]


AnyExperiment = Experiment[Any]


def require(experiment: str, rules: Mapping[str, bool]) -> None:
    """Refuse settings that break a rule, before any work. Raises BadInput."""
    for rule, kept in rules.items():
        if not kept:
            raise BadInput(f"{experiment} needs {rule}")
