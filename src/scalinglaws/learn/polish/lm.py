"""Levenberg-Marquardt on one large batch: steps of least squares, damped until they descend.

Marquardt 1963, doi:10.1137/0111030. With residuals r, their Jacobian J and A = J^T J, a step solves
(A + lambda mean(diag A)) step = -J^T r. Damped by one number for all parameters, for those of dead
units have no curvature of their own.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from scalinglaws.learn.networks import Layers, forward

_AT_ONCE = 1000  # points whose rows of J are held
_DOWN, _UP, _TRIES = 3.0, 4.0, 12


def levenberg_marquardt(
    layers: Layers,
    X: Float[Tensor, "n k"],
    answers: Float[Tensor, "n 1"],
    iterations: int,
) -> Layers:
    """The ReLU student of one output after so many steps, or where none descends any more."""
    damping = 1e-2
    best = _mean_square(layers, X, answers)
    for _ in range(iterations):
        A, g = _normal_equations(layers, X, answers)
        for _ in range(_TRIES):
            shift = damping * A.diagonal().mean()
            L, failed = torch.linalg.cholesky_ex(A + shift * torch.eye(len(A)).to(A))
            if not failed:
                step = -torch.cholesky_solve(g[:, None], L)[:, 0]
                tried = _moved(layers, step)
                found = _mean_square(tried, X, answers)
                if found < best:
                    layers, best, damping = tried, found, damping / _DOWN
                    break
            damping *= _UP
        else:
            return layers
    return layers


def jacobian(layers: Layers, X: Float[Tensor, "n k"]) -> Float[Tensor, "n parameters"]:
    """d output / d parameter at every point, ordered as the layers' (weight, bias) pairs."""
    Z = forward(layers, X)
    H = [X, *(torch.relu(z) for z in Z[:-1])]
    delta = torch.ones_like(Z[-1])  # d output / dZ of the layer at hand
    parts: list[Tensor] = []
    for at in range(len(layers) - 1, -1, -1):
        dW = delta[:, :, None] * H[at][:, None, :]
        parts = [dW.flatten(1), delta, *parts]
        if at > 0:
            delta = (delta @ layers[at][0]) * (Z[at - 1] > 0)
    return torch.cat(parts, 1)


def _normal_equations(layers: Layers, X: Tensor, answers: Tensor) -> tuple[Tensor, Tensor]:
    """J^T J and J^T r, summed over pieces of the points."""
    size = sum(W.numel() + b.numel() for W, b in layers)
    A, g = X.new_zeros(size, size), X.new_zeros(size)
    for x, y in zip(X.split(_AT_ONCE), answers.split(_AT_ONCE), strict=True):
        J, r = jacobian(layers, x), (forward(layers, x)[-1] - y)[:, 0]
        A.addmm_(J.T, J)
        g.addmv_(J.T, r)
    return A, g


def _moved(layers: Layers, step: Float[Tensor, " parameters"]) -> Layers:
    parts = step.split([p.numel() for pair in layers for p in pair])
    moves = iter(parts)
    return [(W + next(moves).view_as(W), b + next(moves)) for W, b in layers]


def _mean_square(layers: Layers, X: Tensor, answers: Tensor) -> float:
    return (forward(layers, X)[-1] - answers).square().mean().item()
