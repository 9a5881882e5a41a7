"""Fully connected networks: their shapes, parameter counts, initialisations and activations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor

Layers = list[tuple[Float[Tensor, "n_out n_in"], Float[Tensor, " n_out"]]]  # (weight, bias) each


@dataclass(frozen=True)
class Shape:
    """Layer widths [n_in, n, ..., n, n_out], written as in Sharma & Kaplan, A.2.1."""

    n_in: int
    hidden: tuple[int, ...]
    n_out: int

    @property
    def layers(self) -> tuple[tuple[int, int], ...]:
        """(n_in, n_out) of every layer."""
        return tuple(pairwise((self.n_in, *self.hidden, self.n_out)))

    def n_parameters(self, k: int | None = None) -> int:
        """Weights and biases; with `k`, only those that can act when n_in - k inputs are zero.

        For [20, n, n, 1] the first is the paper's N_all = n^2 + 23 n + 1 and the second
        N_used = n^2 + (k + 3) n + 1.
        """
        (n_in, n_first), *rest = self.layers
        first = (n_in if k is None else k) * n_first + n_first
        return first + sum((i + 1) * o for i, o in rest)


class Init(StrEnum):
    """How a network starts. W is the weight, b the bias, n_in the inputs of the layer."""

    TEACHER = "teacher"  # W ~ N(0, 1/n_in), b = 0 (Sharma & Kaplan, A.2.1)
    AUTHORS = "authors"  # W ~ N(0, 1/n_in), b ~ N(0, 0.5^2), as the authors' code has it
    HE = "he"  # W ~ N(0, 2/n_in), b = 0
    TORCH = "torch"  # W, b ~ U(-1/sqrt(n_in), 1/sqrt(n_in)), PyTorch's default


class Activation(StrEnum):
    """What a hidden layer makes of its pre-activations Z: h = phi(Z).

    RESIDUAL: phi is relu, and every hidden layer but the first adds what it was fed,
    h_l = h_(l-1) + relu(Z_l).
    """

    RELU = "relu"
    TANH = "tanh"
    GELU = "gelu"  # Z Phi(Z), Phi the normal distribution
    RESIDUAL = "residual"

    def __call__(self, Z: Tensor) -> Tensor:
        """phi(Z)"""
        match self:
            case Activation.RELU | Activation.RESIDUAL:
                return torch.relu(Z)
            case Activation.TANH:
                return torch.tanh(Z)
            case Activation.GELU:
                return torch.nn.functional.gelu(Z)


def initialise(shape: Shape, init: Init, generator: torch.Generator) -> Layers:
    """Draw a network in float32; the stream depends on nothing but `generator` and `shape`."""

    def layer(n_in: int, n_out: int) -> tuple[Tensor, Tensor]:
        draw = torch.rand if init is Init.TORCH else torch.randn
        W = draw(n_out, n_in, generator=generator)
        b = draw(n_out, generator=generator)
        match init:
            case Init.TEACHER:
                return W / math.sqrt(n_in), torch.zeros(n_out)
            case Init.AUTHORS:
                return W / math.sqrt(n_in), 0.5 * b
            case Init.HE:
                return W * math.sqrt(2 / n_in), torch.zeros(n_out)
            case Init.TORCH:
                return (2 * W - 1) / math.sqrt(n_in), (2 * b - 1) / math.sqrt(n_in)

    return [layer(i, o) for i, o in shape.layers]


def forward(
    layers: Layers, X: Float[Tensor, "n n_in"], activation: Activation = Activation.RELU
) -> list[Float[Tensor, "n width"]]:
    """Pre-activations of every layer; the last entry is the output.

    X may have fewer columns than the first layer has inputs: the missing inputs are zero.
    """
    (W_first, b_first), *rest = layers
    Z = [torch.nn.functional.linear(X, W_first[:, : X.shape[1]], b_first)]
    h = None
    for W, b in rest:
        fed, h = h, activation(Z[-1])
        if activation is Activation.RESIDUAL and fed is not None:
            h = fed + h
        Z.append(torch.nn.functional.linear(h, W, b))
    return Z


def to(layers: Layers, dtype: torch.dtype, device: str = "cpu") -> Layers:
    """The same network in another dtype or on another device."""
    return [(W.to(device, dtype), b.to(device, dtype)) for W, b in layers]


def named_generator(*names: int) -> torch.Generator:
    """A generator whose stream is a function of these numbers alone.

    One student's stream depends on (seed, width, trial), never on how many others are drawn.
    """
    from numpy.random import SeedSequence

    seed = SeedSequence(names).generate_state(1, "uint64")[0]
    return torch.Generator().manual_seed(int(seed) >> 1)  # torch takes a signed 64-bit seed


def widths_by_ratio(first: int, ratio: float, count: int) -> Sequence[int]:
    """floor(first ratio^i), i = 0..count-1: the authors' geometric ladder of widths."""
    return [int(first * ratio**i) for i in range(count)]
