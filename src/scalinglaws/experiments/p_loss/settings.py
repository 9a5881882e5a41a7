"""What each budget of `p-loss` costs, and its cells."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scalinglaws.experiments.experiment import require
from scalinglaws.experiments.students.config import Students, cell
from scalinglaws.experiments.students.settings import Training
from scalinglaws.experiments.students.target import Target
from scalinglaws.experiments.students.widths import geometric, holds
from scalinglaws.result import Budget
from scalinglaws.sweep.cell import Cell

N_IN = 20  # table 1
MSE = 2.0  # the p that others are compared with


@dataclass(frozen=True)
class Settings(Training):
    """Sizes of a run.

    ps: powers of the distance; 2 among them.
    half: whether students of half the training show how far alpha still moves.
    teachers: random teachers, seeds seed, seed + 1, ...
    epsilon: of Adam, far below the gradients, which go as |y - y*|^(p-1): at p = 4 they are
        small where residuals are.
    """

    ps: tuple[float, ...]
    widths: tuple[int, ...]
    trials: int
    steps: int
    teachers: int
    half: bool = True
    k: int = 8
    epsilon: float = 1e-15


_PS = (1.0, 1.5, 2.0, 3.0, 4.0)
_WIDTHS = (24, 31, 40, 52, 68)  # 3k and more: narrower students count in no exponent
_AUTHORS = geometric(12, 7)
BUDGETS = {
    Budget.SMOKE: Settings((2.0, 4.0), (8, 12, 18, 26), 2, 500, 1, k=2),
    Budget.QUICK: Settings(_PS, _WIDTHS, 2, 15_000, 2),
    Budget.FULL: Settings(_PS, _WIDTHS, 4, 60_000, 4),
    Budget.PAPER: Settings(_PS, _AUTHORS, 15, 240_000, 1, schedule="table1"),
}


def check(settings: Settings) -> None:
    """Refuse settings that no family could meet, before any work. Raises BadInput."""
    s = settings
    rules = {
        "1 <= p < inf for every p, each once": all(1 <= p < math.inf for p in s.ps)
        and len(s.ps) == len({loss_name(p) for p in s.ps}),
        "2 and another p": MSE in s.ps and len(s.ps) > 1,
        "widths from 2 to 10000, rising, 3 or more of them >= 3k: fewer show no exponent": (
            sum(holds(n, s.k) for n in s.widths) >= 3
            and 2 <= s.widths[0] <= s.widths[-1] <= 10_000
            and s.widths == tuple(sorted(set(s.widths)))
        ),
        "steps >= 24, and twice as many with half": s.steps >= (48 if s.half else 24),
        "trials and teachers >= 1": min(s.trials, s.teachers) >= 1,
        f"1 <= k <= {N_IN}": 1 <= s.k <= N_IN,
        "0 < epsilon < 1": 0 < s.epsilon < 1,
        **s.rules(),
    }
    require("p-loss", rules)


def cells(settings: Settings) -> Sequence[Cell]:
    """One cell per teacher, which trains its students of every p and length. Raises BadInput."""
    check(settings)
    s = settings
    return [
        cell(s.config(Target((s.k,), (seed,), n_in=N_IN, scale=s.output_scale), _families(s)))
        for seed in range(s.seed, s.seed + s.teachers)
    ]


def _families(s: Settings) -> Iterator[Students]:
    """d of every width is measured where it is expected, at p = 2; elsewhere at the largest."""
    moments = tuple(p for p in s.ps if p != MSE)
    for p in s.ps:
        for steps in (s.steps, s.steps // 2) if s.half else (s.steps,):
            yield Students(
                loss=loss_name(p),
                widths=s.widths,
                trials=s.trials,
                d_trials=int(p == MSE and steps == s.steps),
                steps=steps,
                moments=moments if p == MSE else (),
                epsilon=s.epsilon,
            )


def loss_name(p: float) -> str:
    """The loss |y - y*|^p as cells name it."""
    return f"p={p:g}"
