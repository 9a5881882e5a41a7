"""Training a classifier on images, and its loss on others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    for _ in train_epochs(network, X, y, epochs, generator):
        pass


def train_epochs(
    network: nn.Module, X: Images, y: Labels, epochs: int, generator: torch.Generator
) -> Iterator[float]:
    """`train_classifier` epoch by epoch: the mean loss in nats of each epoch's batches, every
    one before the step it leads to (what Keras prints)."""
    adam = torch.optim.Adam(network.parameters(), fused=True)
    network.train()
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator).to(X.device)
        total = torch.zeros((), dtype=torch.float64, device=X.device)
        for chosen in order.split(BATCH):
            loss = nn.functional.cross_entropy(network(X[chosen]), y[chosen])
            adam.zero_grad()
            loss.backward()
            adam.step()
            total += loss.detach() * len(chosen)
        yield total.item() / len(X)


@dataclass(frozen=True)
class Stop:
    """Where a training might have stopped: after `epoch` epochs, with these weights."""

    epoch: int
    score: Scores
    weights: Mapping[str, Tensor]


@dataclass(frozen=True)
class Course:
    """A training watched epoch by epoch.

    L_running: see `train_epochs`. watched: by name, the scores on each watched set after every
    epoch. stops: by name, where the loss on that set was least (the first time).
    """

    L_running: tuple[float, ...]
    watched: Mapping[str, tuple[Scores, ...]]
    stops: Mapping[str, Stop]


def train_watched(
    network: nn.Module,
    X: Images,
    y: Labels,
    watched: Mapping[str, tuple[Images, Labels]],
    epochs: int,
    generator: torch.Generator,
) -> Course:
    """`train_classifier`, scored on every watched set after each epoch."""
    L_running: list[float] = []
    found: dict[str, list[Scores]] = {name: [] for name in watched}
    stops: dict[str, Stop] = {}
    for epoch, L in enumerate(train_epochs(network, X, y, epochs, generator), start=1):
        L_running.append(L)
        for name, images in watched.items():
            scores = score(network, *images)
            found[name].append(scores)
            if name not in stops or scores.L < stops[name].score.L:
                weights = {k: v.detach().clone() for k, v in network.state_dict().items()}
                stops[name] = Stop(epoch, scores, weights)
    return Course(tuple(L_running), {k: tuple(v) for k, v in found.items()}, stops)


def score(network: nn.Module, X: Images, y: Labels) -> Scores:
    """Loss and accuracy on images with labels."""
    from scalinglaws.learn.activations import capture

    logits = capture(network, X.split(AT_ONCE), [""])[""].double()
    y = y.cpu()
    L = nn.functional.cross_entropy(logits, y).item()
    return Scores(L, (logits.argmax(1) == y).double().mean().item())
