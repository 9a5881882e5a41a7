"""A second stage of training, to the floor of what a student can approximate. Beyond the paper.

For small d the measured power law ends where Adam stops improving, above the loss that the
student's size allows. `benchmarks/polish.py` shows what each method takes off, and for how long.
"""

from __future__ import annotations

from enum import StrEnum

import torch

from scalinglaws.learn.ensemble import Ensemble
from scalinglaws.learn.losses import AnyLoss, Loss
from scalinglaws.learn.networks import Activation, Layers, to
from scalinglaws.learn.polish.decay import decay
from scalinglaws.learn.polish.lbfgs import lbfgs
from scalinglaws.learn.polish.lm import levenberg_marquardt
from scalinglaws.learn.polish.revival import revive
from scalinglaws.learn.train import Sampler


class Method(StrEnum):
    """DECAY: more Adam at a falling rate on growing batches. REVIVAL: the same after dead units
    are given new weights. LBFGS, LM: in float64 on one large batch."""

    DECAY = "decay"
    REVIVAL = "revival"
    LBFGS = "lbfgs"
    LM = "lm"


def polish(
    students: Ensemble,
    sampler: Sampler,
    loss: AnyLoss,
    method: Method,
    *,
    steps: int,
    points: int = 20_000,
) -> list[Layers]:
    """Students after the second stage, in float64 by the methods that work in it.

    steps: of Adam, or iterations. points: of the batch that LBFGS and LM descend on, and on which
    a unit is seen dead; many times a student's parameters, else they are fitted to it.

    Raises ValueError for LM with another loss than MSE, and for REVIVAL and LM with another
    activation than ReLU.
    """
    _require(method, loss, students.activation)
    if method is Method.DECAY:
        return decay(students, sampler, loss, steps)
    X, answers = sampler(points)
    if method is Method.REVIVAL:
        revived = [revive(layers, X) for layers in students.students()]
        again = Ensemble(students.shapes, revived, students.k, str(X.device))
        return decay(again, sampler, loss, steps)
    starts = [to(layers, torch.float64, str(X.device)) for layers in students.students()]
    batch = X.double(), answers.double()
    if method is Method.LM:
        return [levenberg_marquardt(layers, *batch, steps) for layers in starts]
    return [lbfgs(layers, *batch, loss, students.activation, steps) for layers in starts]


def _require(method: Method, loss: AnyLoss, activation: Activation) -> None:
    if method is Method.LM and loss is not Loss.MSE:
        raise ValueError(f"Levenberg-Marquardt is for sums of squares: mse, not {loss}")
    if method in (Method.LM, Method.REVIVAL) and activation is not Activation.RELU:
        raise ValueError(f"{method} is written for relu, not {activation}")
