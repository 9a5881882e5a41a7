"""What each budget of `teacher-class` costs, and its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scalinglaws.experiments.experiment import require
from scalinglaws.experiments.students.config import Students, TeacherStudents, cell
from scalinglaws.experiments.students.settings import Training
from scalinglaws.experiments.students.target import Target
from scalinglaws.experiments.students.widths import first_held, geometric
from scalinglaws.result import Budget
from scalinglaws.sweep.cell import Cell

N_IN = 20  # A.2.1
D_TRIALS = 1  # of each width: d is read at the largest within the power law
Kind = Literal["relu", "biased", "tanh"]
KINDS: tuple[Kind, ...] = ("relu", "biased", "tanh")


@dataclass(frozen=True)
class Settings(Training):
    """Sizes of a run.

    ks: numbers of features. teachers: seeds seed, seed + 1, ..., each a network of every class
        with the same weights. Students of half the steps show how far alpha still moves.
    first: the smallest width, where 3k is not more.
    teacher_width: 600 in the paper. In mean square the second difference of a random ReLU network
        over a distance h is h^3 whatever its width: more kinks, each as much smaller.
    """

    ks: tuple[int, ...]
    teachers: int
    trials: int
    width_count: int
    steps: int
    first: int = 8
    teacher_width: int = 240


BUDGETS = {
    Budget.SMOKE: Settings((2,), 2, 2, 4, 300, teacher_width=60),
    Budget.QUICK: Settings((3,), 3, 3, 7, 12_000),
    Budget.FULL: Settings((3, 4, 5), 6, 5, 8, 50_000),
    # Beyond the paper: settings of ours, with its teachers and the length of its training.
    Budget.PAPER: Settings((2, 3, 4, 5, 6), 6, 10, 8, 240_000, teacher_width=600),
}


def check(settings: Settings) -> None:
    """Refuse settings that no family could meet, before any work. Raises BadInput."""
    s = settings
    rules = {
        f"1 <= k <= {N_IN} for every k, each once": all(1 <= k <= N_IN for k in s.ks)
        and 0 < len(s.ks) == len(set(s.ks)),
        "steps >= 48, half of which are trained too": s.steps >= 48,
        "trials >= 1": s.trials >= 1,
        "teachers >= 2: their scatter is the interval": s.teachers >= 2,
        "3 <= width_count <= 20: fewer widths show no exponent": 3 <= s.width_count <= 20,
        "first and teacher_width >= 2": min(s.first, s.teacher_width) >= 2,
        **s.rules(),
    }
    require("teacher-class", rules)


def cells(settings: Settings) -> Sequence[Cell]:
    """One cell per seed, k and class. Raises BadInput."""
    check(settings)
    seeds = range(settings.seed, settings.seed + settings.teachers)
    return [
        cell(_config(settings, seed, k, kind))
        for seed in seeds
        for k in settings.ks
        for kind in KINDS
    ]


def _config(s: Settings, seed: int, k: int, kind: Kind) -> TeacherStudents:
    widths = geometric(first_held(s.first, k), s.width_count)
    lengths = (s.steps, s.steps // 2)
    return s.config(
        Target((k,), (seed,), N_IN, s.teacher_width, kind, s.output_scale),
        (Students("mse", widths, s.trials, D_TRIALS, steps) for steps in lengths),
    )
