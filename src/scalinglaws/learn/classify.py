"""Training a classifier on images, and its loss on others."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor, nn

BATCH = 32  # Keras' default, as in the authors' code for every image set
AT_ONCE = 1000  # images evaluated together

Images = Float[Tensor, "n colours side side"] | UInt8[Tensor, "n colours side side"]
Labels = Int[Tensor, " n"]


class Bytes(nn.Module):
    """Images of bytes, 0 to 255, become floats in [0, 1]: a quarter of the memory until then."""

    def forward(self, X: Images) -> Tensor:
        return X.float() / 255 if X.dtype == torch.uint8 else X


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
    adam = adam_of(network)
    for _ in range(epochs):
        train_epoch(network, adam, X, y, generator)


def adam_of(network: nn.Module) -> torch.optim.Adam:
    """Adam with its default settings."""
    return torch.optim.Adam(network.parameters(), fused=True)


def train_epoch(
    network: nn.Module,
    adam: torch.optim.Adam,
    X: Images,
    y: Labels,
    generator: torch.Generator,
) -> float:
    """Train in place on every image once; the mean loss in nats of the batches, every one before
    the step it leads to (what Keras prints)."""
    network.train()
    order = torch.randperm(len(X), generator=generator).to(X.device)
    total = torch.zeros((), dtype=torch.float64, device=X.device)
    for chosen in order.split(BATCH):
        loss = nn.functional.cross_entropy(network(X[chosen]), y[chosen])
        adam.zero_grad()
        loss.backward()
        adam.step()
        total += loss.detach() * len(chosen)
    return total.item() / len(X)


def score(network: nn.Module, X: Images, y: Labels) -> Scores:
    """Loss and accuracy on images with labels."""
    from scalinglaws.learn.activations import capture

    logits = capture(network, X.split(AT_ONCE), [""])[""].double()
    y = y.cpu()
    L = nn.functional.cross_entropy(logits, y).item()
    return Scores(L, (logits.argmax(1) == y).double().mean().item())
