"""What each budget of `vetted-teachers` costs, and its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from scalinglaws.experiments.experiment import require
from scalinglaws.experiments.students.config import Students, TeacherStudents, cell
from scalinglaws.experiments.students.settings import ScheduleName, Training
from scalinglaws.experiments.students.target import Target
from scalinglaws.experiments.students.widths import first_held, geometric
from scalinglaws.result import Budget
from scalinglaws.sweep.cell import Cell

N_IN = 9  # Table 1: teachers [9, 240, 240, 2], students [9, n, n, 2]


@dataclass(frozen=True)
class Settings(Training):
    """Sizes of a run.

    ks: numbers of features. half_ks: those for which students of half the training show how far
        alpha still moves.
    teachers: seeds seed, seed + 1, ...; of each a random teacher for every k, and for each k the
        least linear of `candidates`.
    first: the smallest width, where 3k is not more; the authors' for KL is 22.
    """

    ks: tuple[int, ...]
    half_ks: tuple[int, ...]
    trials: int
    d_trials: int
    width_count: int
    steps: int
    teachers: int
    candidates: int = 5000
    first: int = 12
    teacher_width: int = 240
    schedule: ScheduleName = field(default="vetted", kw_only=True)  # Table 1's last row


_ODD = (3, 5, 7, 9)
_TO_9 = tuple(range(2, 10))
BUDGETS = {
    Budget.SMOKE: Settings((2, 3), (2,), 2, 1, 4, 300, 1, candidates=50, teacher_width=60),
    Budget.QUICK: Settings(_ODD, _ODD, 3, 1, 6, 12_500, 1),
    Budget.FULL: Settings(_TO_9, _TO_9, 5, 1, 7, 50_000, 2),
    Budget.PAPER: Settings(_TO_9, (), 90, 1, 7, 170_000, 1, first=22),
}


def check(settings: Settings) -> None:
    """Refuse settings that no family could meet, before any work. Raises BadInput."""
    s = settings
    shortest = s.steps // 2 if s.half_ks else s.steps
    rules = {
        f"1 <= k <= {N_IN} for every k, each once": all(1 <= k <= N_IN for k in s.ks)
        and 0 < len(s.ks) == len(set(s.ks)),
        "half_ks among ks": set(s.half_ks) <= set(s.ks),
        "steps >= 24, and twice as many with half_ks": shortest >= 24,
        "trials, d_trials and teachers >= 1": min(s.trials, s.d_trials, s.teachers) >= 1,
        "3 <= width_count <= 20: fewer widths show no exponent": 3 <= s.width_count <= 20,
        "candidates >= 2: one alone is not vetted": s.candidates >= 2,
        "first and teacher_width >= 2": min(s.first, s.teacher_width) >= 2,
        **s.rules(),
    }
    require("vetted-teachers", rules)


def cells(settings: Settings) -> Sequence[Cell]:
    """Per seed and k one cell of the vetted teacher, and one of the random one.

    Raises BadInput.
    """
    check(settings)
    seeds = range(settings.seed, settings.seed + settings.teachers)
    return [
        cell(_config(settings, target(settings, seed, k, vetted), k))
        for seed in seeds
        for k in settings.ks
        for vetted in (True, False)
    ]


def target(s: Settings, seed: int, k: int, vetted: bool) -> Target:
    """The teacher of that seed, vetted for k features or as it is."""
    candidates = s.candidates if vetted else 0
    return Target(
        (k,), (seed,), N_IN, s.teacher_width, scale=s.output_scale, vetted_from=candidates
    )


def _config(s: Settings, teacher: Target, k: int) -> TeacherStudents:
    widths = geometric(first_held(s.first, k), s.width_count)
    lengths = (s.steps, s.steps // 2) if k in s.half_ks else (s.steps,)
    families = (Students("kl", widths, s.trials, s.d_trials, steps) for steps in lengths)
    return s.config(teacher, families, linearity=True)
