"""The training loop of an ensemble: online, every batch fresh, one stream for all students."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import torch
from torch import Tensor

from scalinglaws.learn.ensemble import Ensemble
from scalinglaws.learn.losses import Loss, gradient_, target
from scalinglaws.learn.schedule import Stage

# points -> fresh (X: [points, k], teacher outputs: [points, n_out])
Sampler = Callable[[int], tuple[Tensor, Tensor]]

_PIECE = 500  # points fed at once
_BLOCK = 2000  # points labelled at once: a teacher of width 600 needs a large product


@torch.inference_mode()
def train(ensemble: Ensemble, sampler: Sampler, loss: Loss, schedule: Iterable[Stage]) -> None:
    """Train in place by Adam with its default settings, all students on the same batches.

    The loss of a step is the sum of the students' losses, so that each student's gradient is
    its own. A batch of more than 500 points is fed in pieces of 500. Raises ValueError for one
    that they do not fill.
    """
    theta = torch.nn.Parameter(ensemble.theta, requires_grad=False)
    theta.grad = ensemble.grad
    adam = torch.optim.Adam([theta], fused=True)
    for stage in schedule:
        batch, piece = stage.batch, min(stage.batch, _PIECE)
        if batch % piece:
            raise ValueError(f"a batch above {_PIECE} must be a multiple of it, not {batch}")
        batches, buffers = _labelled(sampler, loss, piece), ensemble.buffers(piece)
        adam.param_groups[0]["lr"] = stage.rate
        for _ in range(stage.steps):
            ensemble.grad.zero_()
            for _ in range(batch // piece):
                X, t = next(batches)
                ensemble.add_gradient(X, partial(gradient_, loss, t=t, batch=batch), buffers)
            ensemble.mask_gradient()
            adam.step()


def _labelled(sampler: Sampler, loss: Loss, piece: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless pieces (X: [piece, k], target: [n_out, piece]), labelled in larger blocks."""
    while True:
        X, teacher = sampler(piece * -(-_BLOCK // piece))
        t = target(loss, teacher.T.contiguous())
        yield from zip(X.split(piece), t.split(piece, dim=1), strict=True)
