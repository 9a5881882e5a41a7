"""What determines the numbers of a cell: a teacher and its families of students; and its cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from scalinglaws.experiments.students.target import Target, vetting_flop
from scalinglaws.sweep.cell import Cell

TASK, VERSION = "scalinglaws.experiments.students.cell:run", 1
ScheduleName = Literal["annealed", "settled", "table1", "vetted"]  # of `learn.schedule.Schedule`
Polish = Literal["none", "decay", "revival", "cycles", "lbfgs", "lm"]  # of `learn.polish.Method`
COST_S = 3e-11  # seconds per FLOP, evaluation included, measured on one core


@dataclass(frozen=True)
class Students:
    """A family: students [n_in, n, ..., n, n_out] that differ in width n and trial alone.

    loss: mse, kl, or p=1.5, say, for the mean of |y - t|^1.5.
    hidden: hidden layers.
    d_trials: trials per width whose d is measured; all trials at the largest width.
    taught: the teacher's answers as they are; labels drawn from its softmax; or with Gaussian
        noise of deviation `noise`. Losses are those against the exact answers.
    moments: p of the means of |y - t|^p that are measured beside the loss.
    epsilon: of Adam: gradients below it stall.
    polish: a second stage, beyond the paper, towards the floor of what a student can approximate,
        of so many steps (`learn.polish`).
    """

    loss: str
    widths: tuple[int, ...]
    trials: int
    d_trials: int
    steps: int
    hidden: int = 2
    activation: Literal["relu", "tanh", "gelu", "residual"] = "relu"
    taught: Literal["exact", "labels", "noise"] = "exact"
    noise: float = 0.0
    moments: tuple[float, ...] = ()
    epsilon: float = 1e-8
    polish: Polish = "none"
    polish_steps: int = 400

    @property
    def named(self) -> Iterator[tuple[int, int]]:
        """(width, trial) of each."""
        return ((n, trial) for n in self.widths for trial in range(self.trials))


@dataclass(frozen=True)
class TeacherStudents:
    """Everything that determines the numbers of a cell.

    linearity: also measure that of the teacher's logits (A.3).
    points: of a finite data set that is shown again and again; 0 for a stream of fresh ones.
    activations: of the last hidden layer, whose d is measured. Where that is before the
        non-linearity, the first trial of the largest widths shows d after it as well.
    """

    target: Target
    families: tuple[Students, ...]
    schedule: ScheduleName = "annealed"
    init: Literal["authors", "he", "torch"] = "authors"
    activations: Literal["pre-relu", "post-relu"] = "pre-relu"
    points: int = 0
    linearity: bool = False
    init_seed: int = 0
    data_seed: int = 0
    test_seed: int = 0
    device: str = "cpu"

    @property
    def source(self) -> tuple[int, ...]:
        """Each target has students and points of its own, so that families err independently."""
        return *self.target.seeds, *self.target.features


def cell(config: TeacherStudents) -> Cell:
    """The cell of that configuration, with what it costs."""
    return Cell(TASK, VERSION, config, cost=COST_S * flop(config))


def flop(config: TeacherStudents) -> float:
    """2 FLOP per weight and point forward, 4 backward; the teacher goes forward alone.

    It answers once for all families, but for each second stage anew; of a finite data set it
    answers each point once.
    """
    from scalinglaws.learn.schedule import Schedule, points_of, stages

    t, schedule = config.target, Schedule(config.schedule)
    heard = [points_of(stages(schedule, f.steps)) for f in config.families]
    students = sum(
        6 * points * f.trials * sum(_weights(f, t.k))
        for points, f in zip(heard, config.families, strict=True)
    )
    second = [_second_stage(f, t.k) for f in config.families if f.polish != "none"]
    shown = config.points or max(heard) + sum(drawn for drawn, _ in second)
    teacher = 2 * len(t.features) * t.width**2 * shown
    return teacher + students + sum(cost for _, cost in second) + vetting_flop(t)


def _weights(family: Students, k: int) -> list[int]:
    """Of the student of each width."""
    return [(family.hidden - 1) * n * n + (k + 3) * n for n in family.widths]


def _second_stage(family: Students, k: int) -> tuple[int, float]:
    """The points that it draws, and its students' FLOP."""
    from scalinglaws.learn.polish import Method, flop_of, points_drawn

    method, steps = Method(family.polish), family.polish_steps
    students = family.trials * flop_of(method, _weights(family, k), steps)
    return points_drawn(method, steps), students
