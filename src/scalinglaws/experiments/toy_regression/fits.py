"""The best constant and linear function in each cube, and the continuous interpolant.

f: values at points of each cube, (cells, points). The rest f - c is returned, or the loss.
Bases are orthonormal over the cube, `Points.basis`; its first column alone is the constant.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.experiments.toy_regression.points import Points

Values = Float[ndarray, "cells points"]
Basis = Float[ndarray, "points terms"]
Weights = Float[ndarray, " points"]

_P_STEPS = 25  # at p = 1 the loss is within 1e-3 of its least, at p = 3 and 4 within rounding
_LEAST = 1e-3  # of the mean |rest|: where |rest|^(p-2) is cut off at p < 2
_KL_STEPS = 6  # of Newton, each of which squares an error that starts at s^2


def rest_by_squares(f: Values, basis: Basis, weight: Weights) -> Values:
    """f - c with c of least mean square, solved from the normal equations."""
    gram = basis.T * weight @ basis
    return f - np.linalg.solve(gram, basis.T * weight @ f.T).T @ basis.T


def rest_by_power(f: Values, basis: Basis, weight: Weights, p: float) -> Values:
    """f - c with c of least mean |f - c|^p, p >= 1.

    Least squares weighted by |f - c|^(p-2), again and again: the whole step lowers the loss for
    p <= 2, and 1/(p-1) of it is Newton's step for p >= 2.
    """
    rest = rest_by_squares(f, basis, weight)
    pairs = (basis[:, :, None] * basis[:, None, :]).reshape(len(basis), -1)
    terms = basis.shape[1]
    for _ in range(_P_STEPS):
        size = np.abs(rest)
        if p < 2:
            size = np.maximum(size, _LEAST * (size @ weight)[:, None])
        W = weight * (size / size.max(axis=1, keepdims=True)) ** (p - 2)
        normal = (W @ pairs).reshape(-1, terms, terms)
        step = np.linalg.solve(normal, (W * rest @ basis)[..., None])[..., 0]
        rest = rest - step @ basis.T / max(1, p - 1)
    return rest


def kl_of_linear_logits(
    logits: Float[ndarray, "classes cells points"], basis: Basis, weight: Weights
) -> Float[ndarray, " cells"]:
    """KL(f | q), f = softmax(logits), of the q with the best linear logits (A.1), by Newton."""
    rest = np.stack([rest_by_squares(logit, basis, weight) for logit in logits])
    f = softmax(logits)
    classes, terms = len(logits), basis.shape[1]
    pairs = (basis[:, :, None] * basis[:, None, :]).reshape(len(basis), -1)
    for _ in range(_KL_STEPS):
        q = softmax(logits - rest)
        gradient = ((q - f) * weight) @ basis  # (classes, cells, terms)
        curvature = np.empty((logits.shape[1], classes - 1, terms, classes - 1, terms))
        for i in range(classes - 1):  # the last class keeps its logit: only differences count
            for j in range(classes - 1):
                both = (q[i] * ((i == j) - q[j]) * weight) @ pairs
                curvature[:, i, :, j] = both.reshape(-1, terms, terms)
        size = (classes - 1) * terms
        g = gradient[:-1].transpose(1, 0, 2).reshape(-1, size, 1)
        step = np.linalg.solve(curvature.reshape(-1, size, size), g)
        rest[:-1] += step.reshape(-1, classes - 1, terms).transpose(1, 0, 2) @ basis.T
    return kl(f, rest) @ weight


def kl(f: Float[ndarray, "classes ..."], eta: Float[ndarray, "classes ..."]) -> Float[ndarray, ...]:
    """KL(f | q) of q ~ f e^-eta: log(sum f e^-eta) + sum f eta, about the mean of eta.

    So written it keeps its digits where q is all but f.
    """
    eta = eta - (f * eta).sum(0)
    return np.log1p((f * np.expm1(-eta)).sum(0))


def softmax(logits: Float[ndarray, "classes ..."]) -> Float[ndarray, "classes ..."]:
    """Probabilities of classes, the first axis."""
    e = np.exp(logits - logits.max(axis=0))
    return e / e.sum(axis=0)


def rest_of_interpolant(
    f: Values, corners: Callable[[Float[ndarray, "corners d"]], Values], points: Points
) -> Values:
    """f - c with c continuous: linear in each simplex of Kuhn's cut, f at the grid's corners.

    Where x_1 >= ... >= x_d in cube coordinates [0, 1] the simplex has the corners 0, e_1,
    e_1 + e_2, ..., with barycentric weights 1 - x_1, x_1 - x_2, ..., x_d.

    corners: f at offsets of every cube, as a target's `across`.
    """
    x = points.u + 0.5
    d = x.shape[1]
    order = np.argsort(-x, axis=1)
    falling = np.take_along_axis(x, order, axis=1)
    barycentric = -np.diff(falling, axis=1, prepend=1, append=0)  # (points, d + 1)
    bits = np.cumsum(2**order, axis=1)  # corners as binary numbers; the first is 0
    visited = np.hstack([np.zeros((len(x), 1), dtype=int), bits])
    mix = np.zeros((2**d, len(x)))
    mix[visited, np.arange(len(x))[:, None]] = barycentric
    cube = (np.arange(2**d)[:, None] >> np.arange(d)) & 1
    return f - corners(cube - 0.5) @ mix
