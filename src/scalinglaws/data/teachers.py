"""Random teachers on a cube: functions of k features, of any k from one network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from scalinglaws.learn.networks import (
    Init,
    Layers,
    Shape,
    forward,
    initialise,
    named_generator,
    to,
)


@dataclass(frozen=True)
class Teacher:
    """f(x) = scale * network(x) (Sharma & Kaplan, A.2.1).

    One network serves every k: its inputs beyond k are zero. scale is 6 in the authors' code;
    the paper does not name it, but its threshold L = 6e-3 (figure 2) needs it.
    """

    layers: Layers
    scale: float

    def __call__(self, X: Float[Tensor, "n k"]) -> Float[Tensor, "n n_out"]:
        """Outputs in the dtype and on the device of X."""
        layers = [(W.to(X), b.to(X)) for W, b in self.layers]
        return self.scale * forward(layers, X)[-1]


def random_teacher(shape: Shape, scale: float, seed: int) -> Teacher:
    """Weights of deviation 1/sqrt(n_in), zero biases."""
    return Teacher(initialise(shape, Init.TEACHER, named_generator(seed)), scale)


def cube(n: int, k: int, generator: torch.Generator) -> Float[Tensor, "n k"]:
    """Points uniform in [-1/2, 1/2]^k."""
    return torch.rand(n, k, generator=generator) - 0.5


def stream(
    teacher: Teacher, k: int, generator: torch.Generator, device: str = "cpu"
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Fresh labelled points in float32: a sampler for training."""
    answer = _fast(teacher, k, device)

    def sample(n: int) -> tuple[Tensor, Tensor]:
        X = cube(n, k, generator).to(device)
        return X, answer(X)

    return sample


def _fast(teacher: Teacher, k: int, device: str) -> Callable[[Tensor], Tensor]:
    """The teacher in float32, on a CPU by oneDNN from the first layer to the last.

    The teacher is most of the work of a small ensemble. Its wide layer costs the same by oneDNN
    as by MKL on an Intel processor, and half of it on others, where MKL does not use the widest
    vectors; going to oneDNN's layout and back for that layer alone takes a third of its time.
    """
    layers = to(teacher.layers, torch.float32, device)
    if torch.device(device).type != "cpu" or not torch.backends.mkldnn.is_available():
        return lambda X: teacher.scale * forward(layers, X)[-1]
    (W_in, b_in), *others = layers
    live = [(W_in[:, :k].contiguous(), b_in), *others]
    *hidden, last = [(W.to_mkldnn(), b.to_mkldnn()) for W, b in live]
    linear = torch.nn.functional.linear

    def answer(X: Tensor) -> Tensor:
        h = X.to_mkldnn()
        for W, b in hidden:
            h = torch.relu_(linear(h, W, b))
        return teacher.scale * linear(h, *last).to_dense()

    return answer
