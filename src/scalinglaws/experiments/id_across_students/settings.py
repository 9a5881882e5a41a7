"""What each budget of `id-across-students` costs, and its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scalinglaws.experiments.cnn import settings as cnn
from scalinglaws.experiments.experiment import require
from scalinglaws.experiments.students.config import Students, cell
from scalinglaws.experiments.students.target import Target
from scalinglaws.experiments.students.widths import geometric
from scalinglaws.experiments.teacher_student import settings as teacher_student
from scalinglaws.experiments.teacher_student.settings import N_IN
from scalinglaws.result import Budget
from scalinglaws.sweep.cell import Cell


@dataclass(frozen=True)
class Settings(cnn.Settings, teacher_student.Settings):
    """Those of teacher-student and of cnn, whose cells are shared, and figure 20's students.

    widths, epochs, points and the like are those of the CNNs.
    spread_ks: features of the teachers, 10 and 15 in the paper.
    spread_trials: students of each size, every one of which is measured.
    spread_first, spread_widths: the smallest width, the one the paper names, and how many.
    spread_share: the length of their training as a share of the others' (a divisor).
    """

    spread_ks: tuple[int, ...] = (10, 15)
    spread_trials: int = 8
    spread_first: int = 25
    spread_widths: int = 4
    spread_share: int = 4

    @property
    def spread_steps(self) -> int:
        return self.steps // self.spread_share


def _with(budget: Budget, **own: Any) -> Settings:
    shared = asdict(teacher_student.BUDGETS[budget]) | asdict(cnn.BUDGETS[budget])
    return Settings(**(shared | own))


BUDGETS = {
    Budget.SMOKE: _with(
        Budget.SMOKE, spread_ks=(3,), spread_trials=3, spread_first=12, spread_widths=2
    ),
    Budget.QUICK: _with(Budget.QUICK),
    Budget.FULL: _with(Budget.FULL, spread_trials=20, spread_widths=6),
    Budget.PAPER: _with(Budget.PAPER, spread_trials=40, spread_widths=8, spread_share=1),
}


def check(settings: Settings) -> None:
    """Refuse settings that no student could meet, before any work. Raises BadInput."""
    s = settings
    rules = {
        f"1 <= k <= {N_IN} for every one of spread_ks, each once": all(
            1 <= k <= N_IN for k in s.spread_ks
        )
        and len(s.spread_ks) == len(set(s.spread_ks)),
        "spread_trials >= 2: one student has no spread": s.spread_trials >= 2,
        "2 <= spread_first <= 10000, 1 <= spread_widths <= 20": 2 <= s.spread_first <= 10_000
        and 1 <= s.spread_widths <= 20,
        "spread_share >= 1, with 24 steps or more": s.spread_share >= 1 and s.spread_steps >= 24,
        "polish none: what is trained beside teacher-student is not polished": s.polish == "none",
    }
    require("id-across-students", rules)


def cells(settings: Settings) -> Sequence[Cell]:
    """The cells of teacher-student and of cnn, and one per teacher of figure 20.

    Raises BadInput.
    """
    check(settings)
    return [*teacher_student.cells(settings), *cnn.cells(settings), *spread_cells(settings)]


def spread_cells(settings: Settings) -> Sequence[Cell]:
    """Those that neither has: many students of each size, for KL, of one teacher."""
    s = settings
    widths = geometric(s.spread_first, s.spread_widths)
    students = Students("kl", widths, s.spread_trials, s.spread_trials, s.spread_steps)
    return [
        cell(s.config(Target((k,), (s.seed,), n_in=N_IN, scale=s.output_scale), [students]))
        for k in s.spread_ks
    ]
