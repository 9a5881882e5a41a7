"""One cell: a small CNN trained on an image set, stopped early, and d of its last hidden layer.

Sharma & Kaplan 2020 (arXiv 2004.10802), sections 3.3 and A.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from scalinglaws.experiments import image_sets
from scalinglaws.experiments.image_sets import ImageSet, architecture
from scalinglaws.experiments.network_dimension.measures import COLLAPSED, mean_by_method
from scalinglaws.result import Row
from scalinglaws.sweep.cell import scratch

if TYPE_CHECKING:
    from torch import Tensor, nn

    from scalinglaws.learn.course import Course, Stop

# Which images chose the step at which training stops: rows and columns call the two so.
HELD_OUT, TEST = "held out", "test"
COUNTS = {  # N of tables 2 and 3
    "cifar-10": lambda n: 54 * n**2 + 4640 * n + 714,
    "svhn": lambda n: 9 * n**2 + 1597 * n + 362,
    "fashion-mnist": lambda n: 9 * n**2 + 1163 * n + 362,
    "mnist": lambda n: 9 * n**2 + 1163 * n + 362,
}


class Stream(IntEnum):
    """Names the random stream: equal seed fields must not give equal numbers."""

    INIT = 31
    ORDER = 32
    SPLIT = 33


@dataclass(frozen=True)
class ImageClassifier:
    """Everything that determines the numbers of a cell.

    n: the width of tables 2 and 3. held_out: training images that are not trained on and choose
    the epoch. points: images, neither trained on, for d.
    """

    dataset: ImageSet
    n: int
    trial: int
    epochs: int
    held_out: int
    points: int
    init_seed: int
    data_seed: int
    device: str


@dataclass(frozen=True)
class Split:
    """Pairs of images and labels."""

    train: tuple[Tensor, Tensor]
    held_out: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]


def run(config: ImageClassifier) -> Sequence[Row]:
    """A row per epoch, one for each way to stop, and d before and after the last ReLU."""
    from scalinglaws.learn.checkpoint import Checkpoint
    from scalinglaws.learn.classify import Bytes
    from scalinglaws.learn.cnn import build
    from scalinglaws.learn.course import train_watched
    from scalinglaws.learn.networks import named_generator

    c = config
    split = _split(c)
    cnn = architecture(c.dataset, c.n)
    if c.dataset in COUNTS:
        assert cnn.n_parameters == COUNTS[c.dataset](c.n)
    network = build(cnn, named_generator(Stream.INIT, c.init_seed, c.n, c.trial)).to(c.device)
    form = _bytes_first(Bytes(), network)
    watched = {HELD_OUT: split.held_out, TEST: split.test}
    order = named_generator(Stream.ORDER, c.data_seed, c.n, c.trial)
    checkpoint = Checkpoint.at(scratch(), order)
    course = train_watched(form, *split.train, watched, c.epochs, order, checkpoint)

    rows: list[Row] = list(_epochs(course))
    for chosen_on, stop in course.stops.items():
        rows.append({"stop": chosen_on, "epoch": stop.epoch, **_stopped(form, stop, split)})
    form.load_state_dict(dict(course.stops[HELD_OUT].weights))
    before, after = cnn.hidden[-1]
    rows += _dimensions(network, {False: before, True: after}, _unseen(split, c))
    common: Row = {"dataset": c.dataset, "n": c.n, "trial": c.trial, "N": cnn.n_parameters}
    return [{**row, **common} for row in rows]


def _bytes_first(first: nn.Module, then: nn.Module) -> nn.Module:
    from torch import nn

    return nn.Sequential(first, then)


def _split(config: ImageClassifier) -> Split:
    """Training images less those held out, which each trial draws anew; the test images."""
    import torch

    from scalinglaws.errors import BadInput
    from scalinglaws.learn.networks import named_generator

    c = config
    pixels, labels, n_train = image_sets.load(c.dataset)
    if c.held_out >= n_train:
        raise BadInput(f"{c.dataset} has {n_train} training images: hold out fewer")
    if pixels.max() < 255:  # scikit-learn's digits, whose brightest pixels are 16
        pixels = pixels / np.float32(pixels.max())
    X = torch.from_numpy(np.ascontiguousarray(pixels)).to(c.device)
    y = torch.from_numpy(labels.astype(np.int64)).to(c.device)
    draw = named_generator(Stream.SPLIT, c.data_seed, c.trial)
    order = torch.randperm(n_train, generator=draw).to(c.device)
    held_out, train = order[: c.held_out], order[c.held_out :]
    return Split(
        train=(X[train], y[train]),
        held_out=(X[held_out], y[held_out]),
        test=(X[n_train:], y[n_train:]),
    )


def _unseen(split: Split, config: ImageClassifier) -> Tensor:
    """`points` test images, and held-out ones where these are too few: 12 000 of MNIST's."""
    import torch

    from scalinglaws.learn.classify import Bytes

    X = torch.cat([split.test[0], split.held_out[0]])[: config.points]
    return Bytes()(X)


def _epochs(course: Course) -> Iterator[Row]:
    held_out, test = course.watched[HELD_OUT], course.watched[TEST]
    for i, L in enumerate(course.L_running):
        yield {
            "kind": "epoch",
            "epoch": i + 1,
            "L_running": L,
            "L_held_out": held_out[i].L,
            "L_test": test[i].L,
            "error_held_out": 1 - held_out[i].accuracy,
            "error_test": 1 - test[i].accuracy,
        }


def _stopped(form: nn.Module, stop: Stop, split: Split) -> Row:
    """Loss and error on all images with the weights of that step."""
    from scalinglaws.learn.classify import score

    form.load_state_dict(dict(stop.weights))
    row: Row = {"kind": "network"}
    parts = {"train": split.train, "held_out": split.held_out, "test": split.test}
    for name, images in parts.items():
        scores = score(form, *images)
        row[f"L_{name}"], row[f"error_{name}"] = scores.L, 1 - scores.accuracy
    return row


def _dimensions(network: nn.Module, layers: Mapping[bool, str], X: Tensor) -> Iterator[Row]:
    """d of the layer before its ReLU and after it, or that all points came to too few places."""
    from scalinglaws.errors import BadInput
    from scalinglaws.learn.activations import capture
    from scalinglaws.learn.classify import AT_ONCE

    found = capture(network, X.split(AT_ONCE), list(layers.values()))
    for relu, name in layers.items():
        points = found[name].numpy()
        row: Row = {"kind": "dimension", "relu": relu, "points": len(points)}
        try:
            yield {**row, **mean_by_method([points])}
        except BadInput:
            yield {**row, "kind": COLLAPSED}
