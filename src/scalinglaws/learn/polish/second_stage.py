"""Students trained once more, by one of the methods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from scalinglaws.learn.checkpoint import Checkpoint, Keeper
from scalinglaws.learn.ensemble import Ensemble
from scalinglaws.learn.losses import AnyLoss, Loss
from scalinglaws.learn.networks import Activation, Layers, to
from scalinglaws.learn.polish.cycles import cycles
from scalinglaws.learn.polish.decay import decay
from scalinglaws.learn.polish.lbfgs import lbfgs
from scalinglaws.learn.polish.lm import levenberg_marquardt
from scalinglaws.learn.polish.method import POINTS, Method
from scalinglaws.learn.polish.revival import revived
from scalinglaws.learn.train import Sampler


def polish(
    students: Ensemble,
    sampler: Sampler,
    loss: AnyLoss,
    method: Method,
    *,
    steps: int,
    points: int = POINTS,
    checkpoint: Checkpoint | None = None,
) -> list[Layers]:
    """Students after the second stage, in float64 by the methods that work in it.

    steps: of Adam, or iterations. points: of the batch that LBFGS and LM descend on, and on which
    a unit is seen dead; many times a student's parameters, else they are fitted to it.
    checkpoint: where the state is kept meanwhile: by Adam's methods as in training, by the others
    each student that is done. The same call after a kill ends in the same bits.

    Raises ValueError for LM with another loss than MSE, for REVIVAL, CYCLES and LM with another
    activation than ReLU, and for CYCLES of fewer than 72 steps.
    """
    _require(method, loss, students.activation)
    if method is Method.DECAY:
        return decay(students, sampler, loss, steps, checkpoint)
    if method is Method.CYCLES:
        return cycles(students, sampler, loss, steps, points, checkpoint)
    X, answers = sampler(points)
    if method is Method.REVIVAL:
        return decay(revived(students, X), sampler, loss, steps, checkpoint)
    starts = [_in_rows(to(layers, torch.float64, str(X.device))) for layers in students.students()]
    batch = X.double(), answers.double()

    def descend(layers: Layers) -> Layers:
        if method is Method.LM:
            return levenberg_marquardt(layers, *batch, steps)
        return lbfgs(layers, *batch, loss, students.activation, steps)

    weights = [w for layers in starts for pair in layers for w in pair]
    what = [method, loss, students.activation, steps, *batch, *weights]
    keeper = checkpoint and Keeper(checkpoint, what)
    done = _students((keeper and keeper.load()) or {}, starts)
    for layers in starts[len(done) :]:
        done.append(descend(layers))
        if keeper and (keeper.due or len(done) == len(starts)):
            keeper.save(dict(_state(done)))
    return done


def _state(done: Sequence[Layers]) -> Iterator[tuple[str, Tensor]]:
    """Every weight by the numbers of its student and layer."""
    for i, layers in enumerate(done):
        for layer, (W, b) in enumerate(layers):
            yield f"{i}.{layer}.W", W
            yield f"{i}.{layer}.b", b


def _students(state: Mapping[str, Tensor], starts: Sequence[Layers]) -> list[Layers]:
    """The students of such a state: the first of those that started."""
    done: list[Layers] = []
    for i, start in enumerate(starts):
        if f"{i}.0.W" not in state:
            break
        found = [(state[f"{i}.{layer}.W"], state[f"{i}.{layer}.b"]) for layer in range(len(start))]
        W, _ = start[0]
        done.append(to(found, W.dtype, str(W.device)))
    return done


def _in_rows(layers: Layers) -> Layers:
    """With weights that lie row by row, as on disk: products of others may differ in a bit."""
    return [(W.contiguous(), b) for W, b in layers]


def _require(method: Method, loss: AnyLoss, activation: Activation) -> None:
    if method is Method.LM and loss is not Loss.MSE:
        raise ValueError(f"Levenberg-Marquardt is for sums of squares: mse, not {loss}")
    if method in (Method.LM, Method.REVIVAL, Method.CYCLES) and activation is not Activation.RELU:
        raise ValueError(f"{method} is written for relu, not {activation}")
