"""A small experiment, and the tasks that its workers import."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from scalinglaws import experiments
from scalinglaws.errors import UnknownName
from scalinglaws.estimate import Estimate
from scalinglaws.experiments import Experiment
from scalinglaws.result import Budget, Claim, Findings, Row
from scalinglaws.sweep import Cell

sys.path.insert(0, str(Path(__file__).parents[1] / "sweep"))

CLAIM = Claim("mean-n", "the mean of n is a half", "nobody", 0.5, 0.1)


@dataclass(frozen=True)
class Settings:
    path: str
    do: str = "answer"
    seed: int = 0
    init_seeds: tuple[int, ...] = (0, 1, 2)
    limit: float | None = None


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    n = [float(row["n"] or 0) for row in rows]
    mean = Estimate.normal(sum(n) / len(n), 0.01) if n else None
    return Findings((CLAIM.judge(mean, budget),))


@pytest.fixture
def experiment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Experiment[Settings]:
    """ "toy", which logs the cells that it starts in tmp_path/log."""
    from sweep_tasks import cell

    def cells(settings: Settings) -> list[Cell]:
        path = Path(settings.path)
        last = [cell(99, path, settings.do)] if settings.do != "answer" else []
        return [cell(settings.seed + seed, path) for seed in settings.init_seeds] + last

    quick = Settings(str(tmp_path))
    toy = Experiment(
        name="toy",
        title="A toy",
        paper="no paper",
        figures="none",
        claims=(CLAIM,),
        budgets={Budget.SMOKE: replace(quick, init_seeds=(0,)), Budget.QUICK: quick},
        cost={Budget.SMOKE: "1 s", Budget.QUICK: "1 s"},
        cells=cells,
        analyse=analyse,
    )

    def get(name: str) -> Experiment[Settings]:
        if name != "toy":
            raise UnknownName("experiment", name, ["toy"])
        return toy

    monkeypatch.setattr(experiments, "get", get)
    monkeypatch.setattr(experiments, "NAMES", ("toy",))
    return toy
