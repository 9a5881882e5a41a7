"""Vetting of teachers: of many random ones, the least linear.

Sharma & Kaplan 2020 (arXiv 2004.10802), A.3. A slice runs along one input axis, the other
coordinates uniform in [-1/2, 1/2]; its score is the R^2 of a linear regression. A round is one
slice along every axis, and a teacher's score the mean over the rounds. Of 5000 teachers the paper
takes that of the least score in 200 rounds. Here they race: a few rounds for all, the rest for
the best of these. All candidates are cut along the same slices, so that the slices' luck is
largely common to them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from scalinglaws.data.teachers import AnyTeacher, Teacher, cube
from scalinglaws.learn.networks import Activation

_UNITS = 2**23  # activations of a layer held at once: 32 MB

Slices = Float[Tensor, "rounds axes points axes"]


def slices(k: int, rounds: int, points: int, generator: torch.Generator) -> Slices:
    """One slice along each of the k axes, in each round: that many points, evenly spaced."""
    X = cube(rounds * k, k, generator).view(rounds, k, 1, k).repeat(1, 1, points, 1)
    for axis in range(k):
        X[:, axis, :, axis] = _along(points)
    return X


def _along(points: int) -> Float[Tensor, " points"]:
    """The midpoints of as many equal parts of [-1/2, 1/2]."""
    return (torch.arange(points) + 0.5) / points - 0.5


def r2(y: Float[Tensor, "*slices points"]) -> Float[Tensor, "*slices"]:
    """R^2 = (x.y)^2 / (x.x y.y), about the means, of y along a slice; 1 where y is constant."""
    x, y = _along(y.shape[-1]).double(), y.double()
    y = y - y.mean(-1, keepdim=True)
    total = (y**2).sum(-1)
    return torch.where(total > 0, (y @ x) ** 2 / (x @ x) / total, 1.0)


def score(teacher: AnyTeacher, X: Slices, outputs: slice = slice(None)) -> float:
    """Mean R^2 over rounds, axes and outputs: 1 for a linear function."""
    answers = teacher(X.flatten(0, 2))[:, outputs]
    return float(r2(answers.T.unflatten(-1, X.shape[:3])).mean())


@dataclass(frozen=True)
class Vetted:
    """The winner, its number and score, and every candidate's score in the heat."""

    teacher: Teacher
    number: int
    score: float
    heat: Float[Tensor, " candidates"]


def vet(
    draw: Callable[[int], Teacher],
    candidates: int,
    X: Slices,
    *,
    heat: int,
    finalists: int,
    outputs: slice = slice(None),
) -> Vetted:
    """The candidate of least score: `heat` rounds for all, every round for the best of these.

    draw: the candidate of that number, always the same; all have one shape and activation.
    """
    in_heat = scores(draw, range(candidates), X[:heat], outputs)
    best: list[int] = in_heat.argsort(stable=True)[:finalists].tolist()
    final = scores(draw, best, X, outputs)
    winner = int(final.argmin())
    return Vetted(draw(best[winner]), best[winner], float(final[winner]), in_heat)


@torch.inference_mode()
def scores(
    draw: Callable[[int], Teacher],
    numbers: Sequence[int],
    X: Slices,
    outputs: slice = slice(None),
) -> Float[Tensor, " candidates"]:
    """`score` of many candidates at once, in float32 up to their answers."""
    points = X.flatten(0, 2)
    width = max(len(b) for _, b in draw(0).layers)
    at_once = max(1, _UNITS // (width * len(points)))
    found: list[Tensor] = []
    for start in range(0, len(numbers), at_once):
        teachers = [draw(number) for number in numbers[start : start + at_once]]
        answers = _forward(teachers, points)[:, outputs]
        found.append(r2(answers.unflatten(-1, X.shape[:3])).flatten(1).mean(1))
    return torch.cat(found)


def _forward(
    teachers: Sequence[Teacher], X: Float[Tensor, "points k"]
) -> Float[Tensor, "teachers outputs points"]:
    """The answers of teachers of one shape, points as columns."""
    activation = teachers[0].activation
    if activation is Activation.RESIDUAL:
        raise ValueError("teachers whose layers feed the next alone can be vetted")
    h = X.T.expand(len(teachers), -1, -1)
    for depth, layer in enumerate(zip(*(t.layers for t in teachers), strict=True)):
        W, b = (torch.stack(parts) for parts in zip(*layer, strict=True))
        Z = torch.baddbmm(b[:, :, None], W[:, :, : h.shape[1]], h)
        h = activation(Z) if depth < len(teachers[0].layers) - 1 else Z
    return teachers[0].scale * h
