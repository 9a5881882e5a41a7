"""Adam at a rate that falls to 1e-6 while its batches grow: the noise of its steps dies out."""

from __future__ import annotations

from scalinglaws.learn.checkpoint import Checkpoint
from scalinglaws.learn.ensemble import Ensemble
from scalinglaws.learn.losses import AnyLoss
from scalinglaws.learn.networks import Layers
from scalinglaws.learn.schedule import Stage
from scalinglaws.learn.train import Lesson, Sampler, train

# (share of the steps, batch, rate)
_FALL = ((8, 1000, 1e-3), (8, 2000, 3e-4), (4, 4000, 1e-4), (2, 8000, 1e-5), (1, 16_000, 1e-6))


def decay(
    students: Ensemble,
    sampler: Sampler,
    loss: AnyLoss,
    steps: int,
    checkpoint: Checkpoint | None = None,
) -> list[Layers]:
    """Train in place for about that many steps; the students. Adam starts with new moments."""
    train([Lesson(students, loss, falling(steps))], sampler, checkpoint)
    return students.students()


def falling(steps: int) -> list[Stage]:
    """Its stages."""
    whole = sum(share for share, _, _ in _FALL)
    return [Stage(max(1, steps * share // whole), batch, rate) for share, batch, rate in _FALL]
