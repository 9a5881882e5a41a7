"""The training loop of ensembles: online, every batch fresh, one stream for all students."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import torch
from torch import Tensor

from scalinglaws.learn.checkpoint import Checkpoint, Keeper
from scalinglaws.learn.ensemble import Ensemble
from scalinglaws.learn.losses import AnyLoss, gradient_, target
from scalinglaws.learn.schedule import Stage

# points -> fresh (X: [points, k], teacher outputs: [points, n_out])
Sampler = Callable[[int], tuple[Tensor, Tensor]]

_PIECE = 500  # points fed at once
_BLOCK = 2000  # points labelled at once: a teacher of width 600 needs a large product


@torch.inference_mode()
def train(
    students: Ensemble | Sequence[Ensemble],
    sampler: Sampler,
    loss: AnyLoss,
    schedule: Iterable[Stage],
    *,
    epsilon: float = 1e-8,
    checkpoint: Checkpoint | None = None,
) -> None:
    """Train in place by Adam, by default with its own settings, all students on the same batches.

    students: several ensembles (say of several depths or activations) share one sampler, so that
        a teacher answers once for all.
    epsilon: of Adam, whose steps rate m / (sqrt(v) + epsilon) shrink where gradients are no larger
        than it. 1e-15 serves |y - t|^p with p > 2: for p = 4 and unscaled teachers, 2400 steps end
        up to 17 % lower with it than with 1e-8 (one teacher, three students a width); with outputs
        x6, or at p <= 3, within 3 %.
    checkpoint: where the state is kept meanwhile. The same call after a kill goes on from there,
        and ends in the same bits.

    The loss of a step is the sum of the students' losses, so that each student's gradient is
    its own. A batch of more than 500 points is fed in pieces of 500. Raises ValueError for one
    that they do not fill.
    """
    ensembles = [students] if isinstance(students, Ensemble) else list(students)
    schedule = tuple(schedule)
    adam = torch.optim.Adam(map(_parameter, ensembles), eps=epsilon, fused=True)
    generators = checkpoint.generators if checkpoint else ()
    keeper = checkpoint and Keeper(
        checkpoint, [*_described(ensembles), loss, schedule, epsilon, *_states(generators)]
    )
    found = keeper and keeper.load()
    at_stage, at_step, taken = _restore(found, adam, generators) if found else (0, 0, 0)
    for number, stage in enumerate(schedule[at_stage:], start=at_stage):
        batch, piece = stage.batch, min(stage.batch, _PIECE)
        if batch % piece:
            raise ValueError(f"a batch above {_PIECE} must be a multiple of it, not {batch}")
        pieces = _Pieces(sampler, loss, piece, generators)
        buffers = [ensemble.buffers(piece) for ensemble in ensembles]
        adam.param_groups[0]["lr"] = stage.rate
        pieces.skip(taken)
        for step in range(at_step, stage.steps):
            for ensemble in ensembles:
                ensemble.grad.zero_()
            for _ in range(batch // piece):
                X, t = pieces.take()
                dL_dY = partial(gradient_, loss, t=t, batch=batch)
                for ensemble, own in zip(ensembles, buffers, strict=True):
                    ensemble.add_gradient(X, dL_dY, own)
            for ensemble in ensembles:
                ensemble.mask_gradient()
            adam.step()
            ended = number == len(schedule) - 1 and step == stage.steps - 1
            if keeper and (ended or keeper.due):
                keeper.save(_state(adam, (number, step + 1, pieces.taken), pieces.before))
        at_step = taken = 0


class _Pieces:
    """Endless pieces (X: [piece, k], target: [n_out, piece]), labelled in larger blocks.

    taken: pieces of the last block; before: the generators' states before it.
    """

    def __init__(
        self,
        sampler: Sampler,
        loss: AnyLoss,
        piece: int,
        generators: Sequence[torch.Generator] = (),
    ):
        self.sampler, self.loss, self.piece, self.generators = sampler, loss, piece, generators
        self.per_block = -(-_BLOCK // piece)
        self.taken = 0
        self.before = _states(generators)
        self._block: list[tuple[Tensor, Tensor]] = []

    def take(self) -> tuple[Tensor, Tensor]:
        self.skip(1)
        return self._block[self.taken - 1]

    def skip(self, pieces: int) -> None:
        """Pass over no more than one block's pieces."""
        if pieces and self.taken in (0, self.per_block):
            self._label()
        self.taken += pieces

    def _label(self) -> None:
        self.before = _states(self.generators)
        X, teacher = self.sampler(self.piece * self.per_block)
        t = target(self.loss, teacher.T.contiguous())
        parts = X.split(self.piece), t.split(self.piece, dim=1)
        self._block, self.taken = list(zip(*parts, strict=True)), 0


def _parameter(ensemble: Ensemble) -> torch.nn.Parameter:
    """theta with its gradient, as torch's optimisers want it."""
    theta = torch.nn.Parameter(ensemble.theta, requires_grad=False)
    theta.grad = ensemble.grad
    return theta


def _states(generators: Iterable[torch.Generator]) -> list[Tensor]:
    return [generator.get_state() for generator in generators]


def _described(ensembles: Sequence[Ensemble]) -> list[object]:
    """What an ensemble is at its start."""
    return [part for e in ensembles for part in (e.shapes, e.k, e.activation, e.theta)]


_MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # Adam's own names


def _thetas(adam: torch.optim.Adam) -> list[Tensor]:
    return adam.param_groups[0]["params"]


def _state(
    adam: torch.optim.Adam, at: tuple[int, int, int], generators: Sequence[Tensor]
) -> dict[str, Tensor]:
    """All that changes in a training: at (stage, steps done, pieces taken of a block), the
    generators as they were before that block."""
    state = {"at": torch.tensor(at)}
    state |= {f"generator.{i}": value for i, value in enumerate(generators)}
    for i, theta in enumerate(_thetas(adam)):
        state[f"theta.{i}"] = theta
        state |= {f"{name}.{i}": adam.state[theta][name] for name in _MOMENTS}
    return state


def _restore(
    state: Mapping[str, Tensor], adam: torch.optim.Adam, generators: Sequence[torch.Generator]
) -> tuple[int, int, int]:
    """Bring weights, Adam and generators to a state; where it was taken."""
    for i, generator in enumerate(generators):
        generator.set_state(state[f"generator.{i}"])
    for i, theta in enumerate(_thetas(adam)):
        theta.copy_(state[f"theta.{i}"])
        adam.state[theta] = {name: state[f"{name}.{i}"].to(theta.device) for name in _MOMENTS}
    stage, step, taken = state["at"].tolist()
    return stage, step, taken
