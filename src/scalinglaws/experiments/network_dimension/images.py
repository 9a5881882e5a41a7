"""One cell: a small convolutional network trained on images, and d layer by layer.

Sharma & Kaplan 2020 (arXiv 2004.10802), 3.3, A.4, figures 16, 17, 19.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scalinglaws.experiments import image_sets
from scalinglaws.experiments.image_sets import ImageSet, architecture
from scalinglaws.experiments.network_dimension.measures import (
    COLLAPSED,
    MLE_K,
    Points,
    mean_by_method,
    measure,
)
from scalinglaws.result import Row

if TYPE_CHECKING:
    from torch import Tensor

    from scalinglaws.learn.cnn import Cnn

INIT, ORDER, TEST = 21, 22, 23  # names of the random streams
AT_ONCE = 1000  # images that go through a network together


@dataclass(frozen=True)
class ImageNetwork:
    """Everything that determines the numbers of a cell.

    n: the width of tables 2 and 3. epochs: 0 leaves the network as it was drawn.
    layer_points: test images for d layer by layer; the last hidden layer is also measured on all
    of them. rungs: of the ladder points / 2^i there. drawn: whether rows that only a figure needs
    are made.
    """

    dataset: ImageSet
    n: int
    epochs: int
    layer_points: int
    rungs: int
    drawn: bool
    init_seed: int
    data_seed: int
    device: str


def run(config: ImageNetwork) -> Sequence[Row]:
    """Train one network; its scores, d of every layer, and its last hidden layer in full."""
    from scalinglaws.learn.activations import capture
    from scalinglaws.learn.classify import score, train_classifier
    from scalinglaws.learn.cnn import build
    from scalinglaws.learn.networks import named_generator

    c = config
    images, answers, n_train = _load(c.dataset, c.device)
    cnn = architecture(c.dataset, c.n)
    network = build(cnn, named_generator(INIT, c.init_seed)).to(c.device)
    order = named_generator(ORDER, c.data_seed, c.init_seed)
    train_classifier(network, images[:n_train], answers[:n_train], c.epochs, order)

    # Held-out images in random order, so that any run of them is a sample of all classes.
    held_out = (_permuted(len(images) - n_train, c) + n_train).to(c.device)
    X, y = images[held_out], answers[held_out]
    common: Row = {"network": c.dataset, "trial": c.init_seed, "epochs": c.epochs}
    scores = score(network, X, y)
    first: Row = {"kind": "network", "N": cnn.n_parameters, "n_train": n_train}
    rows: list[Row] = [{**first, "L": scores.L, "accuracy": scores.accuracy}]

    some, labels = X[: c.layer_points], y[: c.layer_points].cpu().numpy()
    names = _layers(cnn)
    found = capture(network, some.split(AT_ONCE), [name for name, _, _ in names if name])
    for name, depth, relu in names:
        points = (found[name] if name else some.flatten(1).cpu()).numpy()
        labelled: Row = {"kind": "layer", "layer": name or "inputs", "depth": depth, "relu": relu}
        rows += [{**labelled, **row} for row in _by_group(points, labels, grouped=not relu)]
    last, _ = cnn.hidden[-1]
    whole = capture(network, X.split(AT_ONCE), [last])[last]
    rows += measure(whole.numpy(), c.rungs, drawn=c.drawn)
    return [{**row, **common} for row in rows]


def _load(dataset: ImageSet, device: str) -> tuple[Tensor, Tensor, int]:
    """(images in [0, 1], labels, how many to train on)."""
    import torch

    pixels, labels, n_train = image_sets.load(dataset)
    X = torch.from_numpy(pixels / np.float32(pixels.max())).to(device)
    y = torch.from_numpy(labels.astype(np.int64)).to(device)
    return X, y, n_train


def _permuted(n: int, config: ImageNetwork) -> Tensor:
    import torch

    from scalinglaws.learn.networks import named_generator

    draw = named_generator(TEST, config.data_seed, config.init_seed)
    return torch.randperm(n, generator=draw)


def _layers(cnn: Cnn) -> list[tuple[str, int, bool]]:
    """(module, how many layers deep, whether after a ReLU); the images have no module."""
    hidden = [
        (name, depth, relu)
        for depth, pair in enumerate(cnn.hidden, start=1)
        for name, relu in zip(pair, (False, True), strict=True)
    ]
    return [("", 0, False), *hidden, ("output", len(cnn.hidden) + 1, False)]


def _by_group(points: Points, labels: np.ndarray, *, grouped: bool) -> Iterator[Row]:
    """d over all points and, where `grouped`, within one class and over all of them at equal n.

    The latter two are means over the classes, and over as many disjoint samples of all points.
    """
    yield from _mean_d("all", [points])
    classes = [points[labels == label] for label in np.unique(labels)]
    n = min(map(len, classes))
    if grouped and n > MLE_K:
        yield from _mean_d("one class", [own[:n] for own in classes])
        mixed = [points[i * n : (i + 1) * n] for i in range(len(classes))]
        yield from _mean_d("all classes", mixed)


def _mean_d(group: str, blocks: Sequence[Points]) -> Iterator[Row]:
    """d, or that a layer has sent all points of a block to one."""
    from scalinglaws.errors import BadInput

    try:
        yield {"group": group, "n": len(blocks[0]), **mean_by_method(blocks)}
    except BadInput:
        yield {"group": group, "n": len(blocks[0]), "kind": COLLAPSED}
