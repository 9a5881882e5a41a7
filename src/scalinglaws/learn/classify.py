"""Training a classifier on images, and its loss on others."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

BATCH = 32  # Keras' default, as in the authors' code for every image set
AT_ONCE = 1000  # images evaluated together

Images = Float[Tensor, "n colours side side"]
Labels = Int[Tensor, " n"]


@dataclass(frozen=True)
class Scores:
    """On images that were not trained on. L: cross entropy in nats, computed in float64."""

    L: float
    accuracy: float


def train_classifier(
    network: nn.Module, X: Images, y: Labels, epochs: int, generator: torch.Generator
) -> None:
    """Train in place by Adam with its default settings on shuffled batches of 32.

    Sharma & Kaplan 2020, A.4. X and y are on the network's device; the order comes from
    `generator`, which is on the CPU, so that it is the same on any device.
    """
    adam = torch.optim.Adam(network.parameters(), fused=True)
    network.train()
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator).to(X.device)
        for chosen in order.split(BATCH):
            loss = nn.functional.cross_entropy(network(X[chosen]), y[chosen])
            adam.zero_grad()
            loss.backward()
            adam.step()


def score(network: nn.Module, X: Images, y: Labels) -> Scores:
    """Loss and accuracy on images with labels."""
    from scalinglaws.learn.activations import capture

    logits = capture(network, X.split(AT_ONCE), [""])[""].double()
    y = y.cpu()
    L = nn.functional.cross_entropy(logits, y).item()
    return Scores(L, (logits.argmax(1) == y).double().mean().item())
