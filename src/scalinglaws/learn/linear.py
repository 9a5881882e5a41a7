"""Linear students of random features, trained to the optimum.

Bahri et al. 2021 (arXiv:2102.06701), "Linear random features": a teacher linear in S features, its
weights omega independent of mean 0 and variance 1/S; a student linear in P projections of the
features. Started at zero and trained on the mean square error until it no longer falls, the student
is the least-squares solution of least norm.

Nothing is drawn for omega: with A the matrix that takes omega to the student's weights in feature
space, E_omega of the population loss is Tr[(A - 1)^T C (A - 1)] / (2 S), and the trace is computed.
A drawn omega would add a relative variance of 2 / (effective rank of that form) for nothing.

Shapes: F (D, S) features of the training examples; G (P, S) projections; T a root of the features'
second moment, T^T T = C: diag(sqrt(lambda)) for a given spectrum, the features of n held-out
examples divided by sqrt(n) for data. All in float64, by QR, for C's condition is never squared.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray

Matrix = Float[ndarray, "rows columns"]


def student_losses(
    F: Float[ndarray, "D S"],
    G: Float[ndarray, "P S"],
    T: Float[ndarray, "t S"],
    sizes: Sequence[tuple[int, int]],
) -> list[float]:
    """L(D, P) of the student of the first D examples and first P projections, per (D, P).

    A = G^T (F G^T)^+ F. The sizes are nested in one draw, so that differences to the limits
    L(inf, P) and L(D, inf) are taken at the same projection and the same data.
    """
    W, H = F @ G.T, T @ G.T  # (D, P) student features of the examples; (t, P)
    return [_student_loss(W[:D, :P], F[:D], H[:, :P], T) for D, P in sizes]


def full_student_loss(F: Float[ndarray, "D S"], T: Float[ndarray, "t S"]) -> float:
    """L(D, inf): the student has all features, so that A projects on the span of the examples."""
    return _unresolved(F, T) / (2 * T.shape[1])


def full_data_loss(G: Float[ndarray, "P S"], T: Float[ndarray, "t S"]) -> float:
    """L(inf, P) = Tr[C - C G^T (G C G^T)^-1 G C] / (2 S), the paper's formula.

    With T A = Q Q^T T, the columns of Q a basis of those of T G^T: `full_student_loss` with
    data and projections exchanged.
    """
    return _unresolved(G @ T.T, T.T) / (2 * T.shape[1])


def relu_features(
    x: Float[ndarray, "n inputs"], S: int, rng: np.random.Generator
) -> Float[ndarray, "n S"]:
    """max(0, W x) with W Gaussian of variance 2/inputs: the units of a random ReLU layer."""
    inputs = x.shape[1]
    W = rng.standard_normal((S, inputs)) * (2 / inputs) ** 0.5
    return np.maximum(x @ W.T, 0)


def _student_loss(W: Matrix, F: Matrix, H: Matrix, T: Matrix) -> float:
    """|T (A - 1)|^2 / (2 S) with T A = H W^+ F."""
    D, P = W.shape
    Q, R = np.linalg.qr(W if D >= P else W.T)
    if D >= P:  # W = Q R, W^+ = R^-1 Q^T
        left, right = _solve_transposed(R, H.T).T, Q.T @ F
    else:  # W^T = Q R, W^+ = Q R^-T
        left, right = H @ Q, _solve_transposed(R, F)
    return float(np.square(left @ right - T).sum()) / (2 * T.shape[1])


def _solve_transposed(R: Matrix, B: Matrix) -> Matrix:
    """R^-T B for upper triangular R."""
    from scipy.linalg import solve_triangular

    return solve_triangular(R.T, B, lower=True)


def _unresolved(rows: Matrix, T: Matrix) -> float:
    """|T (1 - Pi)|^2, Pi the projection on the span of `rows`."""
    Q = np.linalg.qr(rows.T)[0]
    return float(np.square(T - (T @ Q) @ Q.T).sum())
