"""Whose cells `multiverse` analyses: those of teacher-student, and no others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from scalinglaws.experiments.experiment import require
from scalinglaws.experiments.teacher_student import settings as teacher_student
from scalinglaws.result import Budget
from scalinglaws.sweep.cell import Cell

Init = Literal["authors", "he", "torch"]


@dataclass(frozen=True)
class Settings:
    """of: the budget of teacher-student. inits: initialisations, the usual one first; each
    further one trains all students again, so that no budget has one."""

    of: str
    inits: tuple[Init, ...] = ("authors",)


BUDGETS = {budget: Settings(str(budget)) for budget in Budget}


def students_of(settings: Settings) -> teacher_student.Settings:
    """What teacher-student trains at that budget."""
    return teacher_student.BUDGETS[Budget(settings.of)]


def cells(settings: Settings) -> Sequence[Cell]:
    """teacher-student's own, so that a store which has them trains nothing. Raises BadInput."""
    rules = {
        f"of: a budget of teacher-student ({', '.join(Budget)})": settings.of in set(Budget),
        "inits, each once": 0 < len(settings.inits) == len(set(settings.inits)),
    }
    require("multiverse", rules)
    return [
        cell
        for init in settings.inits
        for cell in teacher_student.cells(replace(students_of(settings), init=init))
    ]
