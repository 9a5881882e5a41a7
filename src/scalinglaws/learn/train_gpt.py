"""Training of small transformers in one pass over a text, and their loss on another."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from scalinglaws.learn.checkpoint import Checkpoint, Keeper, module_state, restore_module
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


def train_gpts(
    models: GPTs,
    batch: Callable[[int], Sequences],
    steps: int,
    rate: float,
    checkpoint: Checkpoint | None = None,
) -> None:
    """Train in place by AdamW. Each model's loss is its own mean, each reads its own sequences.

    batch: of every step, from 0 on.
    checkpoint: where the state is kept meanwhile. The same call after a kill goes on from there,
        and ends in the same bits. Of the batches the first tells what is trained on.
    """
    adam = torch.optim.AdamW(models.parameters(), lr=rate, betas=BETAS, fused=True)
    start, weights = 0, models.state_dict().values()
    what = [models.shape, *weights, steps, rate]
    keeper = checkpoint and Keeper(checkpoint, [*what, batch(0)])
    if keeper and (found := keeper.load()):
        start = int(found.pop("step"))
        restore_module(models, adam, found)
    models.train()
    for step in range(start, steps):
        sequences = batch(step)
        adam.param_groups[0]["lr"] = rate * warmed_cosine(step, steps)
        adam.zero_grad()
        losses = next_token_loss(models(sequences[..., :-1]), sequences[..., 1:])
        losses.mean((1, 2)).sum().backward()
        adam.step()
        if keeper and (keeper.due or step == steps - 1):
            keeper.save({"step": torch.tensor(step + 1), **module_state(models, adam)})


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
