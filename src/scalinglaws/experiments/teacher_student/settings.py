"""What each budget of `teacher-student` costs, and its cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scalinglaws.experiments.devices import is_present
from scalinglaws.experiments.experiment import require
from scalinglaws.experiments.teacher_student.cell import N_IN, TeacherStudent
from scalinglaws.result import Budget
from scalinglaws.sweep.cell import Cell

COST_S = 3e-11  # seconds per product and point, measured on one core
TASK, VERSION = "scalinglaws.experiments.teacher_student.cell:run", 3


@dataclass(frozen=True)
class Settings:
    """Sizes of a run.

    half_ks: numbers of features for which a run of half the length shows how far alpha still
    moves. teachers: random teachers, seeds seed, seed + 1, ...; each serves every k.
    """

    losses: tuple[Literal["mse", "kl"], ...]
    ks: tuple[int, ...]
    half_ks: tuple[int, ...]
    trials: int
    d_trials: int
    width_count: int
    steps: int
    teachers: int
    schedule: Literal["settled", "table1"] = "settled"
    init: Literal["authors", "he", "torch"] = "authors"
    output_scale: float = 6.0
    activations: Literal["pre-relu", "post-relu"] = "pre-relu"
    seed: int = 0
    device: str = "cpu"


_TO_10 = tuple(range(2, 11))
_TO_19 = tuple(range(2, 20))
_BOTH: tuple[Literal["mse", "kl"], ...] = ("mse", "kl")
BUDGETS = {
    Budget.SMOKE: Settings(("mse",), (2, 3), (2,), 2, 1, 4, 500, 1),
    Budget.QUICK: Settings(("mse",), (2, 4, 6, 8), (4,), 3, 1, 8, 10_000, 1),
    Budget.FULL: Settings(_BOTH, _TO_10, _TO_10, 5, 5, 8, 120_000, 2),
    Budget.PAPER: Settings(_BOTH, _TO_19, _TO_19, 10, 10, 8, 240_000, 2, schedule="table1"),
}


def check(settings: Settings) -> None:
    """Refuse settings that no family could meet, before any work. Raises BadInput."""
    s = settings
    shortest = s.steps // 2 if s.half_ks else s.steps
    rules = {
        f"1 <= k <= {N_IN} for every k, each once": all(1 <= k <= N_IN for k in s.ks)
        and 0 < len(s.ks) == len(set(s.ks)),
        "losses, each once": 0 < len(s.losses) == len(set(s.losses)),
        "half_ks among ks": set(s.half_ks) <= set(s.ks),
        "steps >= 24, and twice as many with half_ks": shortest >= 24,
        "trials, d_trials and teachers >= 1": min(s.trials, s.d_trials, s.teachers) >= 1,
        "3 <= width_count <= 20: fewer widths show no exponent": 3 <= s.width_count <= 20,
        "0 < output_scale < inf": 0 < s.output_scale < math.inf,
        "seed >= 0": s.seed >= 0,
        "a device that PyTorch has here": is_present(s.device),
    }
    require("teacher-student", rules)


def smallest_width(loss: str, k: int) -> int:
    """The authors' n_0: MSE 8 (k < 7), 15 (7..10), 22 beyond; KL 22."""
    if loss == "kl" or k > 10:
        return 22
    return 8 if k < 7 else 15


def cells(settings: Settings) -> Sequence[Cell]:
    """One cell per loss, teacher, k and length. Raises BadInput."""
    check(settings)
    lengths = [(k, settings.steps) for k in settings.ks]
    lengths += [(k, settings.steps // 2) for k in settings.half_ks]
    seeds = range(settings.seed, settings.seed + settings.teachers)
    return [
        _cell(settings, loss, teacher_seed, k, steps)
        for loss in settings.losses
        for teacher_seed in seeds
        for k, steps in lengths
    ]


def _cell(
    settings: Settings, loss: Literal["mse", "kl"], teacher_seed: int, k: int, steps: int
) -> Cell:
    # The authors' ladder floor(n_0 1.3^i), one step longer than theirs.
    widths = tuple(int(smallest_width(loss, k) * 1.3**i) for i in range(settings.width_count))
    config = TeacherStudent(
        loss=loss,
        k=k,
        steps=steps,
        widths=widths,
        trials=settings.trials,
        d_trials=settings.d_trials,
        schedule=settings.schedule,
        init=settings.init,
        output_scale=settings.output_scale,
        activations=settings.activations,
        teacher_seed=teacher_seed,
        init_seed=settings.seed,
        data_seed=settings.seed,
        test_seed=settings.seed,
        device=settings.device,
    )
    # Per point: the teacher's products, and three times the students' at half the speed.
    students = settings.trials * sum(n * n + (k + 3) * n for n in widths)
    points = 583 * steps  # the schedule's mean batch
    return Cell(TASK, VERSION, config, cost=COST_S * points * (600 * 600 + 6.0 * students))
