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


@dataclass(frozen=True)
class Workload:
    """What cells take, by the estimates that order a run's queue."""

    cells: int
    core_hours: float
    longest_s: float  # of one cell: no run takes less
    threads: int  # of the cell with the most


def workload(cells: Sequence[Cell]) -> Workload:
    """The sum of the cells' costs, each times its threads."""
    unique = {cell.key: cell for cell in cells}.values()
    return Workload(
        cells=len(unique),
        core_hours=sum(cell.cost * cell.threads for cell in unique) / 3600,
        longest_s=max((cell.cost for cell in unique), default=0.0),
        threads=max((cell.threads for cell in unique), default=1),
    )


def require(experiment: str, rules: Mapping[str, bool]) -> None:
    """Refuse settings that break a rule, before any work. Raises BadInput."""
    for rule, kept in rules.items():
        if not kept:
            raise BadInput(f"{experiment} needs {rule}")
