"""What each budget of `n-max` costs, and its cells."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from scalinglaws.experiments.experiment import require
from scalinglaws.experiments.students.config import Students, TeacherStudents, cell
from scalinglaws.experiments.students.target import Target
from scalinglaws.experiments.students.widths import RATIO, geometric
from scalinglaws.experiments.teacher_student import settings as teacher_student
from scalinglaws.experiments.teacher_student.settings import N_IN, first_width
from scalinglaws.result import Budget
from scalinglaws.sweep.cell import Cell


@dataclass(frozen=True)
class Settings(teacher_student.Settings):
    """Those of teacher-student, whose cells are shared, and what is trained beside them.

    entropies: losses at which N_max is read, the paper's first, and at the same time variances
        of the noise that students are taught with.
    below, above: widths of these students below teacher-student's smallest, and from it on.
    entropy_trials: students of each.
    label_scale: of the teacher whose labels are drawn. At the scale of the others a label has
        .64 to .69 nats of entropy, more than any student's KL.
    label_share: length of their training as a share of the others' (a divisor).
    points: of finite data sets.
    """

    entropies: tuple[float, ...] = (6e-3, 2e-3, 6e-4)
    below: int = 4
    above: int = 6
    entropy_trials: int = 3
    label_scale: float = 600.0
    label_share: int = 2
    points: tuple[int, ...] = (1000, 10_000)

    @property
    def entropy_steps(self) -> int:
        """The length of teacher-student's half-length twins, which stand beside them."""
        return self.steps // 2

    @property
    def label_steps(self) -> int:
        return self.entropy_steps // self.label_share


def _with(budget: Budget, **own: Any) -> Settings:
    return Settings(**(asdict(teacher_student.BUDGETS[budget]) | own))


BUDGETS = {
    Budget.SMOKE: _with(
        Budget.SMOKE, half_ks=(2, 3), below=2, above=3, entropy_trials=2, points=(200,)
    ),
    Budget.QUICK: _with(Budget.QUICK, entropies=(6e-3, 6e-4), above=4, entropy_trials=2),
    Budget.FULL: _with(
        Budget.FULL,
        ks=(3, 6, 10),
        half_ks=(3, 6, 10),
        entropy_trials=5,
        points=(1000, 10_000, 100_000),
    ),
    Budget.PAPER: _with(Budget.PAPER, entropy_trials=10, points=(1000, 10_000, 100_000, 1_000_000)),
}


def check(settings: Settings) -> None:
    """Refuse settings that no family could meet, before any work. Raises BadInput."""
    s = settings
    rules = {
        "mse among the losses: noise is Gaussian": "mse" in s.losses,
        "half_ks = ks: noise is taught for half the steps": set(s.half_ks) == set(s.ks),
        "entropies > 0, two or more, each once": all(0 < e < math.inf for e in s.entropies)
        and 2 <= len(s.entropies) == len(set(s.entropies)),
        "0 <= below <= 20, 3 <= above <= 20": 0 <= s.below <= 20 and 3 <= s.above <= 20,
        "entropy_trials >= 1": s.entropy_trials >= 1,
        "0 < label_scale < inf, not that of the other outputs": 0 < s.label_scale < math.inf
        and s.label_scale != s.output_scale,
        "label_share >= 1, with 24 steps or more": s.label_share >= 1 and s.label_steps >= 24,
        "points >= 2, each once": all(D >= 2 for D in s.points)
        and len(s.points) == len(set(s.points)),
        "polish none: what is trained beside teacher-student is not polished": s.polish == "none",
    }
    require("n-max", rules)


def cells(settings: Settings) -> Sequence[Cell]:
    """teacher-student's own cells, and three kinds with entropy. Raises BadInput."""
    check(settings)
    return [*teacher_student.cells(settings), *entropy_cells(settings)]


def entropy_cells(settings: Settings) -> Sequence[Cell]:
    """Those that teacher-student does not have: of the first teacher alone."""
    configs = [config for k in settings.ks for config in _configs(settings, k)]
    return [cell(config) for config in configs]


def _configs(s: Settings, k: int) -> Iterator[TeacherStudents]:
    target = Target((k,), (s.seed,), n_in=N_IN, scale=s.output_scale)
    yield s.config(target, _noisy(s, k))
    yield s.config(replace(target, scale=s.label_scale), _labelled(s, k))
    for D in s.points:
        yield s.config(target, [_students(s, "mse", widths(s, k), s.entropy_steps)], points=D)


def _noisy(s: Settings, k: int) -> Iterator[Students]:
    """Taught with noise; and, exactly, the students that teacher-student has no widths for."""
    if smaller := _widths_below(s, k):
        yield _students(s, "mse", smaller, s.entropy_steps)
    for variance in s.entropies:
        sigma = math.sqrt(variance)
        yield _students(s, "mse", widths(s, k), s.entropy_steps, "noise", sigma)


def _labelled(s: Settings, k: int) -> Iterator[Students]:
    yield _students(s, "kl", widths(s, k), s.label_steps)
    yield _students(s, "kl", widths(s, k), s.label_steps, "labels")


def _students(
    s: Settings,
    loss: str,
    of_widths: tuple[int, ...],
    steps: int,
    taught: Literal["exact", "labels", "noise"] = "exact",
    noise: float = 0.0,
) -> Students:
    # d of the largest alone: the dimension is that of the students taught exactly.
    return Students(loss, of_widths, s.entropy_trials, 0, steps, taught=taught, noise=noise)


def widths(s: Settings, k: int) -> tuple[int, ...]:
    """Of the students that are taught with entropy: smaller ones, then teacher-student's."""
    return *_widths_below(s, k), *geometric(first_width(s, "mse", k), s.above)


def _widths_below(s: Settings, k: int) -> tuple[int, ...]:
    first = first_width(s, "mse", k)
    smaller = {int(first * RATIO**-i) for i in range(1, s.below + 1)}
    return tuple(sorted(n for n in smaller if n >= 2))
