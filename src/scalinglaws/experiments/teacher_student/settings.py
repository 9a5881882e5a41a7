"""What each budget of `teacher-student` costs, and its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scalinglaws.experiments.experiment import require
from scalinglaws.experiments.students.config import Polish, Students, cell
from scalinglaws.experiments.students.settings import Training
from scalinglaws.experiments.students.target import Target
from scalinglaws.experiments.students.widths import first_held, geometric
from scalinglaws.result import Budget
from scalinglaws.sweep.cell import Cell

N_IN = 20  # A.2.1


@dataclass(frozen=True)
class Settings(Training):
    """Sizes of a run.

    ks: numbers of features. half_ks: those for which students of half the training show how far
        alpha still moves.
    kl_depths: hidden layers of the students trained on KL; those trained on MSE have 2 (A.2.1).
    mse_first, kl_first: the smallest widths; 0 for the authors', or 3k where that is more and
        `held` is set: narrower students count in no exponent (see `students.widths`).
    kl_width_count: widths of each depth on KL; 0 for as many as on MSE.
    d_trials: of each width at full length; 1 at half.
    teachers: random teachers, seeds seed, seed + 1, ...; each serves every k.
    together: all students of a teacher and k in one cell, whose points it labels once. Apart, each
        loss and depth is a cell: more work in all, but for more machines.
    polish, polish_steps: a second stage of training (see `students.config.Students`); 0 for as long
        as the method was tried (`learn.polish.LENGTHS`). Students of half the training have half.
    """

    losses: tuple[Literal["mse", "kl"], ...]
    ks: tuple[int, ...]
    half_ks: tuple[int, ...]
    trials: int
    d_trials: int
    width_count: int
    steps: int
    teachers: int
    kl_depths: tuple[int, ...] = (2, 3, 4)
    kl_trials: int = 3
    mse_first: int = 0
    kl_first: int = 0
    kl_width_count: int = 0
    held: bool = False
    together: bool = True
    polish: Polish = "none"
    polish_steps: int = 0


_TO_19 = tuple(range(2, 20))
_FEW = (2, 4, 6, 8)
_TO_10 = (2, 3, 4, 6, 10)
_BOTH: tuple[Literal["mse", "kl"], ...] = ("mse", "kl")
BUDGETS = {
    Budget.SMOKE: Settings(("mse",), (2, 3), (2,), 2, 1, 4, 500, 1),
    Budget.QUICK: Settings(("mse",), _FEW, _FEW, 3, 1, 6, 20_000, 1, held=True),
    Budget.FULL: Settings(
        _BOTH, _TO_10, (3, 6, 10), 5, 2, 6, 36_000, 2, kl_width_count=5, held=True
    ),
    Budget.PAPER: Settings(
        _BOTH,
        _TO_19,
        _TO_19,
        10,
        10,
        8,
        240_000,
        2,
        kl_trials=10,
        schedule="table1",
        together=False,
    ),
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
        "trials, kl_trials, d_trials and teachers >= 1": min(
            s.trials, s.kl_trials, s.d_trials, s.teachers
        )
        >= 1,
        "3 <= width_count <= 20: fewer widths show no exponent": 3 <= s.width_count <= 20,
        "3 <= kl_width_count <= 20, or 0": s.kl_width_count == 0 or 3 <= s.kl_width_count <= 20,
        "kl_depths of 1 to 10 hidden layers, each once": all(1 <= h <= 10 for h in s.kl_depths)
        and 0 < len(s.kl_depths) == len(set(s.kl_depths)),
        "first widths from 2 to 10000, or 0 for the authors'": all(
            n == 0 or 2 <= n <= 10_000 for n in (s.mse_first, s.kl_first)
        ),
        "lm, a method for squares, with the loss mse alone": s.polish != "lm"
        or s.losses == ("mse",),
        "polish_steps 0, or >= 2; of cycles 0, or >= 144": s.polish_steps == 0
        or s.polish_steps >= (144 if s.polish == "cycles" else 2),
        **s.rules(),
    }
    require("teacher-student", rules)


def smallest_width(loss: str, k: int) -> int:
    """The authors' n_0: MSE 8 (k < 7), 15 (7..10), 22 beyond; KL 22."""
    if loss == "kl" or k > 10:
        return 22
    return 8 if k < 7 else 15


def first_width(s: Settings, loss: str, k: int) -> int:
    """The smallest width of a run."""
    asked = s.kl_first if loss == "kl" else s.mse_first
    smallest = smallest_width(loss, k)
    return asked or (first_held(smallest, k) if s.held else smallest)


def cells(settings: Settings) -> Sequence[Cell]:
    """Cells of each teacher and k, which train its students of every loss, depth and length.

    Raises BadInput.
    """
    check(settings)
    s = settings
    return [
        cell(s.config(Target((k,), (seed,), n_in=N_IN, scale=s.output_scale), families))
        for seed in range(s.seed, s.seed + s.teachers)
        for k in s.ks
        for families in _shared(s, k)
    ]


def _shared(s: Settings, k: int) -> list[list[Students]]:
    """The families of a teacher and k, those of one cell together."""
    apart = [
        [_students(s, k, loss, hidden, steps) for steps in lengths(s, k)]
        for loss in s.losses
        for hidden in (s.kl_depths if loss == "kl" else (2,))
    ]
    return [[family for families in apart for family in families]] if s.together else apart


def lengths(s: Settings, k: int) -> tuple[int, ...]:
    """Training lengths of students of k features."""
    return (s.steps, s.steps // 2) if k in s.half_ks else (s.steps,)


def _students(s: Settings, k: int, loss: str, hidden: int, steps: int) -> Students:
    count = (s.kl_width_count if loss == "kl" else 0) or s.width_count
    return Students(
        loss=loss,
        widths=geometric(first_width(s, loss, k), count),
        trials=s.kl_trials if loss == "kl" else s.trials,
        d_trials=s.d_trials if steps == s.steps else 1,
        steps=steps,
        hidden=hidden,
        polish=s.polish,
        polish_steps=second_stage(s, steps),
    )


def second_stage(s: Settings, steps: int) -> int:
    """Steps of the second stage after so many of the first: as set, or as the method was tried."""
    if s.polish == "none":
        return Students.polish_steps
    from scalinglaws.learn.polish import LENGTHS, Method

    longest = s.polish_steps or LENGTHS[Method(s.polish)]
    return longest if steps == s.steps else longest // 2
