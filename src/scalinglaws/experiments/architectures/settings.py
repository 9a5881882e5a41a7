"""What each budget of `architectures` costs, and its cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scalinglaws.experiments.experiment import require
from scalinglaws.experiments.students.config import Students, TeacherStudents, cell
from scalinglaws.experiments.students.settings import Training
from scalinglaws.experiments.students.target import Target
from scalinglaws.experiments.students.widths import geometric
from scalinglaws.result import Budget
from scalinglaws.sweep.cell import Cell

N_IN = 20  # A.2.1
N_OUT = 1
D_TRIALS = 1  # of each width: d is read at the largest within the power law
MIN_WIDTH = 3
Activation = Literal["relu", "gelu", "tanh", "residual"]
# One cell each, for two workers: GELU takes about as long as the three others together.
SHARES: tuple[tuple[Activation, ...], ...] = (("gelu",), ("relu", "tanh", "residual"))
ACTIVATIONS: tuple[Activation, ...] = ("relu", "gelu", "tanh", "residual")


@dataclass(frozen=True)
class Settings(Training):
    """Sizes of a run.

    k: features of the teacher. teachers: seeds seed, seed + 1, ...
    depths: hidden layers. Widths at depth 2 are first x 1.3^i; at other depths those whose N is
        nearest, so that all families span the same N.
    Students of half the steps show how far alpha still moves.
    """

    depths: tuple[int, ...]
    trials: int
    width_count: int
    steps: int
    k: int = 4
    teachers: int = 1
    first: int = 20
    teacher_width: int = 240


_DEPTHS = (2, 3, 4, 5)
BUDGETS = {
    Budget.SMOKE: Settings((2, 3), 2, 4, 200, k=2, first=10, teacher_width=60),
    Budget.QUICK: Settings(_DEPTHS, 3, 5, 6000, k=3, first=16),
    Budget.FULL: Settings(_DEPTHS, 5, 8, 30_000, teachers=2),
    # The paper leaves this to future work: settings of ours, with its teacher.
    Budget.PAPER: Settings(_DEPTHS, 10, 8, 240_000, teachers=4, teacher_width=600),
}


def check(settings: Settings) -> None:
    """Refuse settings that no family could meet, before any work. Raises BadInput."""
    s = settings
    rules = {
        f"1 <= k <= {N_IN}": 1 <= s.k <= N_IN,
        "depths of 2 to 10 hidden layers, each once": all(2 <= h <= 10 for h in s.depths)
        and 0 < len(s.depths) == len(set(s.depths)),
        "steps >= 48, half of which are trained too": s.steps >= 48,
        "trials and teachers >= 1": min(s.trials, s.teachers) >= 1,
        "3 <= width_count <= 20: fewer widths show no exponent": 3 <= s.width_count <= 20,
        "first >= 8: narrower ones have no deep counterpart": s.first >= 8,
        "teacher_width >= 2": s.teacher_width >= 2,
        **s.rules(),
    }
    require("architectures", rules)


def cells(settings: Settings) -> Sequence[Cell]:
    """Per teacher two cells of like duration that share out the architectures. Raises BadInput."""
    check(settings)
    seeds = range(settings.seed, settings.seed + settings.teachers)
    return [cell(_config(settings, seed, share)) for seed in seeds for share in SHARES]


def widths_at(hidden: int, first: int, count: int) -> tuple[int, ...]:
    """Widths of that depth with as many parameters as first x 1.3^i has at depth 2."""
    sizes = [parameters(2, n) for n in geometric(first, count)]
    return tuple(_width(hidden, N) for N in sizes)


def parameters(hidden: int, n: int) -> int:
    """N of [20, n, ..., n, 1]: N_all of A.2.1, of any depth."""
    return (N_IN + 1) * n + (hidden - 1) * (n + 1) * n + (n + 1) * N_OUT


def _width(hidden: int, N: int) -> int:
    """(h - 1) n^2 + (21 + h) n + 1 = N, solved for the nearest whole n."""
    a, b, c = hidden - 1, N_IN + hidden + N_OUT, N_OUT - N
    return max(MIN_WIDTH, round((math.sqrt(b**2 - 4 * a * c) - b) / (2 * a)))


def _config(s: Settings, seed: int, share: tuple[Activation, ...]) -> TeacherStudents:
    return s.config(
        Target((s.k,), (seed,), N_IN, s.teacher_width, scale=s.output_scale),
        (
            Students(
                "mse",
                widths_at(hidden, s.first, s.width_count),
                s.trials,
                D_TRIALS,
                steps,
                hidden,
                activation,
            )
            for activation in share
            for hidden in s.depths
            for steps in (s.steps, s.steps // 2)
        ),
    )
