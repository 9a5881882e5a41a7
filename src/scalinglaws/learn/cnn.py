"""The small convolutional networks of Sharma & Kaplan 2020 (arXiv 2004.10802), tables 2 and 3."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import nn

KERNEL, POOL = 3, 2  # every convolution is 3 x 3 of unit stride, every pooling 2 x 2


@dataclass(frozen=True)
class Convolution:
    """channels: a multiple of n. padded: the image keeps its size, else it loses its rim.
    pooled: halved by max pooling afterwards, an odd row or column left out."""

    channels: int
    padded: bool
    pooled: bool

    def side(self, side: int) -> int:
        """Side of the image that comes out."""
        inner = side if self.padded else side - KERNEL + 1
        return inner // POOL if self.pooled else inner


@dataclass(frozen=True)
class Cnn:
    """An architecture of width n: convolutions, one dense layer, one output per class."""

    n: int
    side: int
    colours: int
    convolutions: tuple[Convolution, ...]
    dense: int
    classes: int = 10

    @property
    def channels(self) -> tuple[int, ...]:
        """Of the image and of every convolution's output."""
        return (self.colours, *(c.channels * self.n for c in self.convolutions))

    @property
    def features(self) -> int:
        """Inputs of the dense layer."""
        side = self.side
        for convolution in self.convolutions:
            side = convolution.side(side)
        return self.channels[-1] * side**2

    @property
    def n_parameters(self) -> int:
        """Weights and biases: 54 n^2 + 4640 n + 714 for table 2, 9 n^2 + 1163 n + 362 for
        table 3 on grey images of 28 x 28, 9 n^2 + 1597 n + 362 on coloured ones of 32 x 32."""
        inner = zip(self.channels[:-1], self.channels[1:], strict=True)
        convolutions = sum((KERNEL**2 * i + 1) * o for i, o in inner)
        return convolutions + (self.features + 1) * self.dense + (self.dense + 1) * self.classes

    @property
    def hidden(self) -> tuple[tuple[str, str], ...]:
        """(before ReLU, after it) of every hidden layer: names of modules in the network."""
        numbers = range(1, len(self.convolutions) + 1)
        before = [
            f"pool{i}" if c.pooled else f"conv{i}"
            for i, c in zip(numbers, self.convolutions, strict=True)
        ]
        return (*((b, f"relu{i}") for i, b in zip(numbers, before, strict=True)), LAST_HIDDEN)


LAST_HIDDEN = ("dense", "relu_dense")


def table_2(n: int) -> Cnn:
    """The network for CIFAR-10."""
    convolutions = (
        Convolution(1, padded=True, pooled=True),
        Convolution(2, padded=True, pooled=True),
        Convolution(2, padded=False, pooled=False),
    )
    return Cnn(n, side=32, colours=3, convolutions=convolutions, dense=64)


def table_3(n: int, side: int = 28, colours: int = 1) -> Cnn:
    """The network for MNIST and Fashion-MNIST, and for SVHN with side 32 and 3 colours."""
    convolutions = (
        Convolution(1, padded=True, pooled=True),
        Convolution(1, padded=False, pooled=True),
    )
    return Cnn(n, side, colours, convolutions, dense=32)


def build(cnn: Cnn, generator: torch.Generator) -> nn.Sequential:
    """The network, drawn as Keras does by default: Glorot's uniform weights, zero biases.

    A ReLU follows its pooling: both commute, and fewer numbers pass it. So every hidden layer
    has a module that gives it before the ReLU (`Cnn.hidden`), at the size that is passed on.
    """
    network = nn.Sequential(OrderedDict(_modules(cnn)))
    for module in network:
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(module.weight, generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network


def _modules(cnn: Cnn) -> Iterator[tuple[str, nn.Module]]:
    # skip_init: PyTorch's own initialisation would draw from the global generator.
    blank = nn.utils.skip_init
    for i, convolution in enumerate(cnn.convolutions, start=1):
        padding = KERNEL // 2 if convolution.padded else 0
        ends = cnn.channels[i - 1], cnn.channels[i]
        yield f"conv{i}", blank(nn.Conv2d, *ends, KERNEL, padding=padding)
        if convolution.pooled:
            yield f"pool{i}", nn.MaxPool2d(POOL)
        yield f"relu{i}", nn.ReLU()
    yield "flat", nn.Flatten()
    yield "dense", blank(nn.Linear, cnn.features, cnn.dense)
    yield "relu_dense", nn.ReLU()
    yield "output", blank(nn.Linear, cnn.dense, cnn.classes)
