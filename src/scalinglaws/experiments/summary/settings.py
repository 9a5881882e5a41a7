"""Which experiments `summary` draws its points from, and its cells: theirs, and no others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from scalinglaws.experiments import (
    cnn,
    gpt,
    p_loss,
    product_manifold,
    teacher_student,
    vetted_teachers,
)
from scalinglaws.experiments.experiment import AnyExperiment, require
from scalinglaws.result import Budget
from scalinglaws.sweep.cell import Cell

NONE = "none"
_EXPERIMENTS: dict[str, AnyExperiment] = {
    "teacher_student": teacher_student.EXPERIMENT,
    "product_manifold": product_manifold.EXPERIMENT,
    "vetted_teachers": vetted_teachers.EXPERIMENT,
    "p_loss": p_loss.EXPERIMENT,
    "cnn": cnn.EXPERIMENT,
    "gpt": gpt.EXPERIMENT,
}


@dataclass(frozen=True)
class Settings:
    """The budget of each experiment; "none" leaves it out."""

    teacher_student: str
    product_manifold: str
    vetted_teachers: str
    p_loss: str
    cnn: str
    gpt: str


BUDGETS = {budget: Settings(*[str(budget)] * 6) for budget in Budget}


def sources(settings: Settings) -> dict[str, tuple[AnyExperiment, Budget]]:
    """The experiments that are not left out. Raises BadInput."""
    chosen = {field.name: str(getattr(settings, field.name)) for field in fields(settings)}
    rules = {
        f"{name}: a budget ({', '.join(Budget)}) or {NONE}": budget in {NONE, *Budget}
        for name, budget in chosen.items()
    }
    require("summary", rules)
    return {
        name: (_EXPERIMENTS[name], Budget(budget))
        for name, budget in chosen.items()
        if budget != NONE
    }


def settings_of(settings: Settings, name: str) -> object | None:
    """What an experiment runs with; None where it is left out."""
    found = sources(settings).get(name)
    return found[0].budgets[found[1]] if found else None


def cells(settings: Settings) -> Sequence[Cell]:
    """Of all of them: a store that has them trains nothing. Raises BadInput."""
    every = [
        cell
        for experiment, budget in sources(settings).values()
        for cell in experiment.cells(experiment.budgets[budget])
    ]
    return list({cell.key: cell for cell in every}.values())
