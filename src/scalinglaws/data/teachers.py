"""Random teachers on a cube: functions of k features, of any k from one network."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

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
    layers = to(teacher.layers, torch.float32, device)
    (W_in, b_in), *others = layers
    live = [(W_in[:, :k].contiguous(), b_in), *others]
    onednn = torch.device(device).type == "cpu" and _onednn_is_faster()
    answer = _by_onednn(live) if onednn else _by_blas(live)

    @torch.inference_mode()
    def sample(n: int) -> tuple[Tensor, Tensor]:
        X = cube(n, k, generator).to(device)
        return X, teacher.scale * answer(X)

    return sample


def _by_blas(layers: Layers) -> Callable[[Tensor], Tensor]:
    """Points as columns, h <- relu(W h); biases as weights of a unit that is always 1."""
    *hidden, (W_out, b_out) = layers
    weights = [_with_constant_unit(W, b) for W, b in hidden]
    W_last = torch.cat([W_out, b_out[:, None]], 1)

    def answer(X: Tensor) -> Tensor:
        h = torch.cat([X.T, X.new_ones(1, len(X))])
        for W in weights:
            h = (W @ h).relu_()
        return (W_last @ h).T

    return answer


def _with_constant_unit(W: Tensor, b: Tensor) -> Tensor:
    """[[W, b], [0, 1]]."""
    constant = torch.zeros_like(W[:1])
    return torch.cat([torch.cat([W, b[:, None]], 1), torch.cat([constant, b.new_ones(1, 1)], 1)])


def _by_onednn(layers: Layers) -> Callable[[Tensor], Tensor]:
    """In oneDNN's own layout from the first layer to the last."""
    *hidden, last = [(W.to_mkldnn(), b.to_mkldnn()) for W, b in layers]
    linear = torch.nn.functional.linear

    def answer(X: Tensor) -> Tensor:
        h = X.to_mkldnn()
        for W, b in hidden:
            h = torch.relu_(linear(h, W, b))
        return linear(h, *last).to_dense()

    return answer


def _onednn_is_faster() -> bool:
    """Where torch's BLAS is MKL, which uses the widest vectors on Intel's processors only.

    The teacher is most of the work of a small ensemble. Its 600 x 600 layer ran, on one core of an
    Intel Xeon, at 143 (MKL) against 92 GFLOP/s (oneDNN); on a processor where MKL was slow, at 105
    against 225. That this is so on every other make is a guess.
    """
    both = torch.backends.mkl.is_available() and torch.backends.mkldnn.is_available()
    return both and "GenuineIntel" not in _processor()


def _processor() -> str:
    """What the system says of its processor; macOS with MKL runs on Intel's."""
    try:
        return Path("/proc/cpuinfo").read_text()
    except OSError:
        return "GenuineIntel" if platform.system() == "Darwin" else platform.processor()
