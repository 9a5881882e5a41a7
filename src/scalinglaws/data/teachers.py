"""Random teachers on a cube: functions of k features, of any k from one network."""

from __future__ import annotations

import math
import platform
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from scalinglaws.learn.networks import (
    Activation,
    Init,
    Layers,
    Shape,
    forward,
    initialise,
    named_generator,
    to,
)

# points -> (X: [points, k], answers: [points, n_out]), drawn anew at every call
Sampler = Callable[[int], tuple[Tensor, Tensor]]
# a teacher's answers [points, n_out] -> what students are taught in their place
Answers = Callable[[Tensor], Tensor]


_PIECE = 2000  # points of one pass through a teacher
_DRAWN = 20_000  # points of a finite data set that are drawn and labelled at once


@dataclass(frozen=True)
class Teacher:
    """f(x) = scale * network(x) (Sharma & Kaplan, A.2.1).

    One network serves every k: its inputs beyond k are zero. scale is 6 in the authors' code;
    the paper does not name it, but its threshold L = 6e-3 (figure 2) needs it.
    """

    layers: Layers
    scale: float
    activation: Activation = Activation.RELU

    def __call__(self, X: Float[Tensor, "n k"]) -> Float[Tensor, "n n_out"]:
        """Outputs in the dtype and on the device of X, in pieces that keep memory small."""
        layers = [(W.to(X), b.to(X)) for W, b in self.layers]
        pieces = [forward(layers, x, self.activation)[-1] for x in X.split(_PIECE)]
        return self.scale * torch.cat(pieces)


def random_teacher(
    shape: Shape,
    scale: float,
    seed: int,
    init: Init = Init.TEACHER,
    activation: Activation = Activation.RELU,
) -> Teacher:
    """The paper's: weights of deviation 1/sqrt(n_in), zero biases. Init.AUTHORS draws the same
    weights, and biases of deviation 1/2."""
    return Teacher(initialise(shape, init, named_generator(seed)), scale, activation)


def cube(n: int, k: int, generator: torch.Generator) -> Float[Tensor, "n k"]:
    """Points uniform in [-1/2, 1/2]^k."""
    return torch.rand(n, k, generator=generator) - 0.5


@dataclass(frozen=True)
class Sum:
    """T(x) = T_1(x_1) + T_2(x_2) + ...: each network on features of its own (eq. 3.3,
    figure 4 right), a function on a product of manifolds.

    parts: (number of features, teacher) each, in the order of the features.
    """

    parts: tuple[tuple[int, Teacher], ...]

    def __call__(self, X: Float[Tensor, "n k"]) -> Float[Tensor, "n n_out"]:
        """Outputs in the dtype and on the device of X."""
        own = X.split([k for k, _ in self.parts], dim=1)
        answers = [teacher(x) for x, (_, teacher) in zip(own, self.parts, strict=True)]
        return torch.stack(answers).sum(0)


AnyTeacher = Teacher | Sum


def stream(teacher: AnyTeacher, k: int, generator: torch.Generator, device: str = "cpu") -> Sampler:
    """Fresh points with the teacher's answers in float32: a sampler for training."""
    parts = teacher.parts if isinstance(teacher, Sum) else ((k, teacher),)
    features = [of for of, _ in parts]
    answers = [_answers(part, of, device) for of, part in parts]

    @torch.inference_mode()
    def sample(n: int) -> tuple[Tensor, Tensor]:
        X = cube(n, k, generator).to(device)
        own = X.split(features, dim=1)
        each = [answer(x) for x, answer in zip(own, answers, strict=True)]
        return X, each[0] if len(each) == 1 else torch.stack(each).sum(0)

    return sample


def labels(generator: torch.Generator) -> Answers:
    """Labels drawn from the softmax of a teacher's logits, in their place: targets with entropy.

    A label is the answer of a teacher that is certain: logits 0 of the class drawn and -inf of
    the others, whose softmax is the label's one-hot. The KL divergence from it is cross entropy.
    """

    @torch.inference_mode()
    def drawn(logits: Tensor) -> Tensor:
        # The largest of logits + Gumbel noise, -log of an exponential variable, is class i with
        # probability softmax_i.
        E = torch.empty(logits.shape).exponential_(generator=generator).to(logits)
        classes = (logits - E.log()).argmax(1, keepdim=True)
        return torch.full_like(logits, -math.inf).scatter_(1, classes, 0.0)

    return drawn


def noise(sigma: float, generator: torch.Generator) -> Answers:
    """Gaussian noise of deviation sigma on the answers: no E (y - t)^2 is below sigma^2."""

    @torch.inference_mode()
    def noisy(answers: Tensor) -> Tensor:
        return answers + sigma * torch.randn(answers.shape, generator=generator).to(answers)

    return noisy


def finite(sampler: Sampler, D: int, generator: torch.Generator) -> Sampler:
    """The first D points of a sampler, again and again, instead of fresh ones.

    The n points of a call are shuffled data sets, the last one cut: none comes once more before
    all have come, so that nothing but the generator has a state.
    """
    drawn = [sampler(min(_DRAWN, D - first)) for first in range(0, D, _DRAWN)]
    X, answers = (torch.cat(parts) for parts in zip(*drawn, strict=True))

    @torch.inference_mode()
    def sample(n: int) -> tuple[Tensor, Tensor]:
        orders = [torch.randperm(D, generator=generator) for _ in range(-(-n // D))]
        order = torch.cat(orders)[:n].to(X.device)
        return X[order], answers[order]

    return sample


def _answers(teacher: Teacher, k: int, device: str) -> Answers:
    """The teacher's outputs in float32 on k features, by what is fastest for it here."""
    layers = to(teacher.layers, torch.float32, device)
    (W_in, b_in), *others = layers
    live = [(W_in[:, :k].contiguous(), b_in), *others]
    if teacher.activation is not Activation.RELU:
        return lambda X: teacher.scale * forward(live, X, teacher.activation)[-1]
    onednn = torch.device(device).type == "cpu" and _onednn_is_faster()
    answer = _by_onednn(live) if onednn else _by_blas(live)
    return lambda X: teacher.scale * answer(X)


def _by_blas(layers: Layers) -> Callable[[Tensor], Tensor]:
    """Points as columns, h <- relu(W h); biases as weights of a unit that is always 1."""
    *hidden, (W_out, b_out) = layers
    weights = [_with_constant_unit(W, b) for W, b in hidden]
    W_last = torch.cat([W_out, b_out[:, None]], 1)

    @cache
    def buffers(n: int) -> list[Tensor]:
        """Made once: memory that is new at every call costs a fifth of the time."""
        return [W_last.new_empty(len(W), n) for W in weights]

    def answer(X: Tensor) -> Tensor:
        h = torch.cat([X.T, X.new_ones(1, len(X))])
        for W, out in zip(weights, buffers(len(X)), strict=True):
            h = torch.mm(W, h, out=out).relu_()
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
        h = X.contiguous().to_mkldnn()
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
