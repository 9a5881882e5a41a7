"""Losses between a student's and a teacher's outputs: mean-squared error and KL divergence."""

from __future__ import annotations

from enum import StrEnum

import torch
from jaxtyping import Float
from torch import Tensor


class Loss(StrEnum):
    """MSE: L = E (y - t)^2. KL: L = E sum_i p_i log(p_i / q_i), p the teacher's softmax (A.1)."""

    MSE = "mse"
    KL = "kl"

    @property
    def n_out(self) -> int:
        """Outputs of teacher and student in Sharma & Kaplan's set-up (A.2.1)."""
        return 1 if self is Loss.MSE else 2


def target(loss: Loss, teacher: Float[Tensor, "n_out B"]) -> Float[Tensor, "n_out B"]:
    """What a student is compared with: the teacher's value, or its probabilities."""
    return teacher if loss is Loss.MSE else torch.softmax(teacher, 0)


def gradient_(
    loss: Loss, Y: Float[Tensor, "students n_out B"], t: Float[Tensor, "n_out B"], batch: int
) -> Float[Tensor, "students n_out B"]:
    """dL/dY of a mean over `batch` points, written over Y.

    MSE: 2 (Y - t) / batch. KL, from logits: (q - p) / batch.
    """
    if loss is Loss.MSE:
        return Y.sub_(t).mul_(2 / batch)
    return torch.softmax(Y, 1, out=Y).sub_(t).div_(batch)


def evaluate(
    loss: Loss, Y: Float[Tensor, "n n_out"], teacher: Float[Tensor, "n n_out"]
) -> Float[Tensor, " n"]:
    """Loss of each point, from outputs (logits for KL)."""
    if loss is Loss.MSE:
        return (Y - teacher).square().sum(1)
    log_p, log_q = torch.log_softmax(teacher, 1), torch.log_softmax(Y, 1)
    return (log_p.exp() * (log_p - log_q)).sum(1)


def zero_skill(loss: Loss, teacher: Float[Tensor, "n n_out"]) -> float:
    """Loss of the best constant answer: the target's variance, or the KL to its mean softmax."""
    if loss is Loss.MSE:
        best = teacher.mean(0, keepdim=True)
    else:
        best = torch.softmax(teacher, 1).mean(0, keepdim=True).log()
    return evaluate(loss, best.expand_as(teacher), teacher).mean().item()
