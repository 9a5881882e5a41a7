"""Losses between a student's and a teacher's outputs: mean-squared error, KL divergence, and
powers of the distance."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor


class Loss(StrEnum):
    """MSE: L = E (y - t)^2. KL: L = E sum_i p_i log(p_i / q_i), p the teacher's softmax (eq. A.1).

    Of a teacher that is certain (logits 0 and -inf), KL is the cross entropy of its class.
    """

    MSE = "mse"
    KL = "kl"

    @property
    def n_out(self) -> int:
        """Outputs of teacher and student in Sharma & Kaplan's set-up (A.2.1)."""
        return 1 if self is Loss.MSE else 2


@dataclass(frozen=True)
class Power:
    """L = E |y - t|^p, the loss of sections 2.1 and 3.2.2. Raises ValueError for p < 1."""

    p: float

    def __post_init__(self) -> None:
        if not 1 <= self.p < float("inf"):
            raise ValueError(f"a power p of the distance is at least 1 and finite, not {self.p}")

    @property
    def n_out(self) -> Literal[1]:
        return 1


AnyLoss = Loss | Power


def loss_of(name: str) -> AnyLoss:
    """The loss that is written mse, kl, or p=1.5. Raises ValueError."""
    kind, _, p = name.partition("=")
    return Power(float(p)) if kind == "p" else Loss(name)


def target(loss: AnyLoss, teacher: Float[Tensor, "n_out B"]) -> Float[Tensor, "n_out B"]:
    """What a student is compared with: the teacher's value, or its probabilities."""
    return torch.softmax(teacher, 0) if loss is Loss.KL else teacher


def gradient_(
    loss: AnyLoss, Y: Float[Tensor, "students n_out B"], t: Float[Tensor, "n_out B"], batch: int
) -> Float[Tensor, "students n_out B"]:
    """dL/dY of a mean over `batch` points, written over Y.

    MSE: 2 (Y - t) / batch. KL, from logits: (q - p) / batch. Power: with r = Y - t,
    p |r|^(p-1) sign(r) / batch, at p = 1 and r = 0 the subgradient 0.
    """
    match loss:
        case Loss.MSE:
            return Y.sub_(t).mul_(2 / batch)
        case Loss.KL:
            return torch.softmax(Y, 1, out=Y).sub_(t).mul_(1 / batch)
        case Power(p):
            size = Y.sub_(t).abs().pow_(p - 1)
            return Y.sgn_().mul_(size).mul_(p / batch)


def evaluate(
    loss: AnyLoss, Y: Float[Tensor, "n n_out"], teacher: Float[Tensor, "n n_out"]
) -> Float[Tensor, " n"]:
    """Loss of each point, from outputs (logits for KL)."""
    match loss:
        case Loss.MSE:
            return (Y - teacher).square().sum(1)
        case Loss.KL:
            log_p, log_q = torch.log_softmax(teacher, 1), torch.log_softmax(Y, 1)
            p = log_p.exp()
            # A class that the teacher rules out adds nothing: p log p -> 0.
            return (p * (log_p - log_q)).where(p > 0, 0).sum(1)
        case Power(p):
            return (Y - teacher).abs().pow(p).sum(1)


def zero_skill(loss: AnyLoss, teacher: Float[Tensor, "n n_out"]) -> float:
    """Loss of the best constant answer: the target's variance, the KL to its mean softmax, the
    distances' mean p-th power."""
    match loss:
        case Loss.MSE:
            best = teacher.mean(0, keepdim=True)
        case Loss.KL:
            best = torch.softmax(teacher, 1).mean(0, keepdim=True).log()
        case Power(p):
            centres = [_centre(values, p) for values in teacher.T.double().numpy(force=True)]
            best = teacher.new_tensor([centres])
    return evaluate(loss, best.expand_as(teacher), teacher).mean().item()


def _centre(t: Float[ndarray, " n"], p: float) -> float:
    """The c that minimises the mean of |t - c|^p: the median for p = 1, the mean for p = 2."""
    from scipy.optimize import root_scalar

    if p == 1 or t.min() == t.max():
        return float(np.median(t))

    def slope(c: float) -> float:
        return float(np.mean(np.sign(c - t) * np.abs(c - t) ** (p - 1)))

    precision = np.finfo(float).eps * float(np.ptp(t))
    return root_scalar(slope, bracket=(t.min(), t.max()), xtol=precision).root


def entropy(logits: Float[Tensor, "n n_out"]) -> float:
    """Mean entropy of the softmax, in nats: what cross entropy from drawn labels cannot pass."""
    log_p = torch.log_softmax(logits, 1)
    return -(log_p.exp() * log_p).sum(1).mean().item()
