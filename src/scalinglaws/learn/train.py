"""The training loop of ensembles: online, every batch fresh, one stream for all students."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import lcm

import torch
from jaxtyping import Float
from torch import Tensor

from scalinglaws.learn.checkpoint import Checkpoint, Keeper, named
from scalinglaws.learn.ensemble import Buffers, Ensemble
from scalinglaws.learn.losses import AnyLoss, gradient_, target
from scalinglaws.learn.schedule import Stage

# points -> fresh (X: [points, k], teacher outputs: [points, n_out])
Sampler = Callable[[int], tuple[Tensor, Tensor]]

_PIECE = 500  # points fed at once
_BLOCK = 2000  # points labelled at once: a teacher of width 600 needs a large product


def _all(answers: Tensor) -> Tensor:
    return answers


@dataclass(frozen=True)
class Lesson:
    """An ensemble, and what it learns of a stream.

    The loss of a step is the sum of the students' losses, so that each student's gradient is
    its own. A batch of more than 500 points is fed in pieces of 500.

    answers: what it is taught of the teacher's answers: one output of several, say, or labels
        drawn from them.
    epsilon: of Adam, whose steps rate m / (sqrt(v) + epsilon) shrink where gradients are no larger
        than it. 1e-15 serves |y - t|^p with p > 2: for p = 4 and unscaled teachers, 2400 steps end
        up to 17 % lower with it than with 1e-8 (one teacher, three students a width); with outputs
        x6, or at p <= 3, within 5 %.

    Raises ValueError for a batch that its pieces do not fill.
    """

    ensemble: Ensemble
    loss: AnyLoss
    schedule: Sequence[Stage]
    answers: Callable[[Float[Tensor, "B all"]], Float[Tensor, "B n_out"]] = field(default=_all)
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        for batch in (stage.batch for stage in self.schedule):
            if batch % _piece(batch):
                raise ValueError(f"a batch above {_PIECE} must be a multiple of it, not {batch}")


@torch.inference_mode()
def train(
    lessons: Sequence[Lesson], sampler: Sampler, checkpoint: Checkpoint | None = None
) -> None:
    """Train in place by Adam, by default with its own settings.

    All lessons hear the same stream, so that the teacher answers once for all; each takes its
    batches from it at its own pace, and leaves when its schedule ends.

    checkpoint: where the state is kept meanwhile. The same call after a kill goes on from there,
        and ends in the same bits. It must be of the same points and answers.
    """
    learners = [_Learner(lesson) for lesson in lessons]
    kept = checkpoint and _Kept(checkpoint, learners)
    while listening := [learner for learner in learners if not learner.done]:
        pieces = lcm(*(_piece(learner.stage.batch) for learner in listening))
        X, answers = sampler(pieces * -(-_BLOCK // pieces))
        for learner in listening:
            learner.hear(X, answers)
        if kept and (kept.keeper.due or all(learner.done for learner in learners)):
            kept.save()


class _Learner:
    """A lesson in progress: its optimiser, its place in the schedule, its points so far."""

    def __init__(self, lesson: Lesson):
        self.lesson = lesson
        self._theta = torch.nn.Parameter(lesson.ensemble.theta, requires_grad=False)
        self._theta.grad = lesson.ensemble.grad
        self.adam = torch.optim.Adam([self._theta], eps=lesson.epsilon, fused=True)
        self.at = self.steps = self.points = 0  # stages ended, steps of this one, points of this
        self._buffers: dict[int, Buffers] = {}

    @property
    def description(self) -> tuple[object, ...]:
        """What, with the stream, determines its numbers."""
        e, lesson = self.lesson.ensemble, self.lesson
        return (
            *(e.shapes, e.k, e.activation, e.theta),
            *(lesson.loss, tuple(lesson.schedule), lesson.epsilon),
        )

    @property
    def done(self) -> bool:
        return self.at == len(self.lesson.schedule)

    @property
    def stage(self) -> Stage:
        return self.lesson.schedule[self.at]

    def hear(self, X: Float[Tensor, "block k"], answers: Float[Tensor, "block all"]) -> None:
        """Learn from a block, piece by piece; a new stage waits for the next block."""
        stage, at = self.stage, self.at
        piece = _piece(stage.batch)
        t = target(self.lesson.loss, self.lesson.answers(answers).T.contiguous())
        for X_piece, t_piece in zip(X.split(piece), t.split(piece, dim=1), strict=True):
            self._add(X_piece, t_piece, stage.batch)
            if self.points == stage.batch:
                self._step(stage)
            if self.at > at:
                break

    def state(self) -> dict[str, Tensor]:
        """All that changes while it learns."""
        e, zeros = self.lesson.ensemble, torch.zeros_like(self.lesson.ensemble.theta)
        fresh = {"step": torch.tensor(0.0), "exp_avg": zeros, "exp_avg_sq": zeros}
        at = torch.tensor([self.at, self.steps, self.points])
        moments = self.adam.state[self._theta] or fresh  # before the first step there are none
        return {"at": at, "theta": e.theta, "grad": e.grad, **moments}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        e, moments = self.lesson.ensemble, dict(state)
        self.at, self.steps, self.points = moments.pop("at").tolist()
        e.theta.copy_(moments.pop("theta"))
        e.grad.copy_(moments.pop("grad"))
        self.adam.state[self._theta] = {n: m.to(e.theta.device) for n, m in moments.items()}

    def _add(self, X: Tensor, t: Tensor, batch: int) -> None:
        if len(X) not in self._buffers:
            self._buffers = {len(X): self.lesson.ensemble.buffers(len(X))}
        if self.points == 0:
            self.lesson.ensemble.grad.zero_()
        dL_dY = partial(gradient_, self.lesson.loss, t=t, batch=batch)
        self.lesson.ensemble.add_gradient(X, dL_dY, self._buffers[len(X)])
        self.points += len(X)

    def _step(self, stage: Stage) -> None:
        self.adam.param_groups[0]["lr"] = stage.rate
        self.lesson.ensemble.mask_gradient()
        self.adam.step()
        self.points, self.steps = 0, self.steps + 1
        if self.steps == stage.steps:
            self.at, self.steps = self.at + 1, 0


class _Kept:
    """The state of all learners between two blocks of a stream, on disk; found there, restored."""

    def __init__(self, checkpoint: Checkpoint, learners: Sequence[_Learner]):
        self.learners = learners
        described = [part for learner in learners for part in learner.description]
        self.keeper = Keeper(checkpoint, described)
        if found := self.keeper.load():
            for i, learner in enumerate(learners):
                learner.restore(named(found, str(i)))

    def save(self) -> None:
        self.keeper.save(
            {
                f"{i}.{name}": value
                for i, learner in enumerate(self.learners)
                for name, value in learner.state().items()
            }
        )


def _piece(batch: int) -> int:
    return min(batch, _PIECE)
