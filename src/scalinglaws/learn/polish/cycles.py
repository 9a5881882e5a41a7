"""Dead units revived, and a rate that falls again from the top, by turns.

Small steps leave a student between the kinks where it is. Warm restarts (Loshchilov & Hutter 2017,
arXiv:1608.03983) move the kinks, and each leaves some units dead, which the next turn revives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from scalinglaws.learn.checkpoint import Checkpoint
from scalinglaws.learn.ensemble import Ensemble
from scalinglaws.learn.losses import AnyLoss
from scalinglaws.learn.networks import Layers
from scalinglaws.learn.polish.revival import revived
from scalinglaws.learn.schedule import Schedule, Stage, stages
from scalinglaws.learn.train import Lesson, Sampler, train

TURNS = 3


def cycles(
    students: Ensemble,
    sampler: Sampler,
    loss: AnyLoss,
    steps: int,
    points: int,
    checkpoint: Checkpoint | None = None,
) -> list[Layers]:
    """The students after so many steps of batches of 200; at least 24 a turn.

    points: on which a unit is seen dead.
    """
    for number, turn in enumerate(turns(steps)):
        X, _ = sampler(points)
        students = revived(students, X)
        own = checkpoint and replace(checkpoint, name=f"turn.{number}.{checkpoint.name}")
        train([Lesson(students, loss, turn)], sampler, own)
    return students.students()


def turns(steps: int) -> Iterator[Sequence[Stage]]:
    """The schedule of each turn."""
    ends = [steps * i // TURNS for i in range(TURNS + 1)]
    return (stages(Schedule.ANNEALED, b - a) for a, b in pairwise(ends))
