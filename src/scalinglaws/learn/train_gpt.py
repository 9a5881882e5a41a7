"""Training of small transformers in one pass over a text, and their loss on another."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from scalinglaws.learn.gpt import GPTs, next_token_loss

WARM_UP = 0.02  # share of the steps
BETAS = (0.9, 0.95)  # GPT-3's (Brown et al. 2020, appendix B); decay is PyTorch's .01
AT_ONCE = 2**20  # logits evaluated together

Sequences = Int[Tensor, "models B T+1"]  # input and, one later, target


def warmed_cosine(step: int, steps: int) -> float:
    """Share of the full rate at a step: up in a line over 2 % of them, then cosine to 0."""
    warm_up = math.ceil(WARM_UP * steps)
    if step < warm_up:
        return (step + 1) / warm_up
    return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(steps - warm_up, 1)))


def train_gpts(models: GPTs, batches: Iterable[Sequences], steps: int, rate: float) -> None:
    """Train in place by AdamW. Each model's loss is its own mean, each reads its own sequences."""
    adam = torch.optim.AdamW(models.parameters(), lr=rate, betas=BETAS, fused=True)
    models.train()
    for step, batch in zip(range(steps), batches, strict=True):
        adam.param_groups[0]["lr"] = rate * warmed_cosine(step, steps)
        adam.zero_grad()
        losses = next_token_loss(models(batch[..., :-1]), batch[..., 1:])
        losses.mean((1, 2)).sum().backward()
        adam.step()


@torch.inference_mode()
def losses_by_position(models: GPTs, sequences: Int[Tensor, "n T+1"]) -> Float[Tensor, "models T"]:
    """Mean loss in nats at every position, over the same sequences for all; summed in float64."""
    models.eval()
    n, T = len(sequences), sequences.shape[1] - 1
    total = torch.zeros(len(models), T, dtype=torch.float64, device=models.E.device)
    for part in sequences.split(max(1, AT_ONCE // (models.shape.vocabulary * T * len(models)))):
        every = part.expand(len(models), *part.shape)
        logits = models(every[..., :-1]).double()
        total += next_token_loss(logits, every[..., 1:]).sum(1)
    return total.cpu() / n
