"""Linear students: against the definition, the paper's formulas and exact laws."""

import numpy as np
import pytest

from scalinglaws.learn import linear
from scalinglaws.theory.random_features import power_spectrum

S = 30
ROOT = np.sqrt(power_spectrum(S, 0.8))
T = np.diag(ROOT)


def draw(seed: int, n: int = 80) -> tuple[np.ndarray, np.ndarray]:
    """(standard Gaussian data, standard Gaussian projections)"""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, S)), rng.standard_normal((n, S))


@pytest.mark.parametrize(("D", "P"), [(8, 20), (20, 8), (8, 80), (80, 8), (60, 80)])
def test_swapping_data_and_projections_is_an_identity(D: int, P: int):
    """Gaussian features of covariance Lambda: L(D, P) of (X, G) is L(P, D) of (G, X)."""
    X, G = draw(0)
    here = linear.student_losses(X * ROOT, G, T, [(D, P)])
    there = linear.student_losses(G * ROOT, X, T, [(P, D)])
    assert here == pytest.approx(there, rel=1e-8)


@pytest.mark.parametrize(("D", "P"), [(8, 20), (20, 8)])
def test_the_student_is_the_least_squares_solution_of_least_norm(D: int, P: int):
    """Fit every unit teacher omega = e_M by lstsq; isotropic omega averages over them."""
    X, G = draw(1)
    F, G = X[:D] * ROOT, G[:P]
    theta = np.linalg.lstsq(F @ G.T, F, rcond=None)[0]  # (P, S), a column per teacher
    errors = T @ (G.T @ theta - np.eye(S))
    expected = np.square(errors).sum() / S / 2
    assert linear.student_losses(F, G, T, [(D, P)]) == pytest.approx([expected], rel=1e-8)


def test_sizes_are_nested_in_one_draw():
    X, G = draw(2)
    F, sizes = X * ROOT, [(8, 20), (20, 8), (20, 40)]
    together = linear.student_losses(F, G, T, sizes)
    apart = [linear.student_losses(F[:D], G[:P], T, [(D, P)])[0] for D, P in sizes]
    assert together == pytest.approx(apart, rel=1e-9)


def test_the_identity_as_projection_is_the_student_of_all_features():
    X, _ = draw(3)
    F = X[:12] * ROOT
    projected = linear.student_losses(F, np.eye(S), T, [(12, S)])[0]
    assert linear.full_student_loss(F, T) == pytest.approx(projected, rel=1e-9)


def test_the_limits_are_the_papers_formulas():
    """L(P) = Tr[C - C G^T (G C G^T)^-1 G C] / 2S, L(D) = E[K(x,x) - K(x)^T K^-1 K(x)] / 2."""
    X, G = draw(4)
    C = np.diag(ROOT**2)
    G, F = G[:10], X[:10] * ROOT
    over_projections = np.trace(C - C @ G.T @ np.linalg.inv(G @ C @ G.T) @ G @ C) / (2 * S)
    assert linear.full_data_loss(G, T) == pytest.approx(over_projections, rel=1e-8)
    unresolved = np.eye(S) - F.T @ np.linalg.inv(F @ F.T) @ F
    over_data = np.trace(C @ unresolved) / (2 * S)
    assert linear.full_student_loss(F, T) == pytest.approx(over_data, rel=1e-8)


def test_finite_data_costs_a_gaussian_student_exactly_its_share():
    """E[L(D, P) | projections] = L(inf, P) (1 + P/(D - P - 1)): ordinary least squares."""
    D, P, draws = 16, 8, 3000
    rng = np.random.default_rng(5)
    G = rng.standard_normal((P, S))
    limit = linear.full_data_loss(G, T)
    losses = [
        linear.student_losses(rng.standard_normal((D, S)) * ROOT, G, T, [(D, P)])[0]
        for _ in range(draws)
    ]
    ratios = np.array(losses) / limit
    stderr = ratios.std(ddof=1) / draws**0.5
    assert abs(ratios.mean() - (1 + P / (D - P - 1))) < 4 * stderr
    # The large-size form 1/(1 - P/D) is told apart from it.
    assert abs(ratios.mean() - 1 / (1 - P / D)) > 4 * stderr


def test_random_relu_features_have_the_arc_cosine_kernel():
    """E[F(x) F(y)] = |x||y| (sin t + (pi - t) cos t) / (pi n_inputs): Cho & Saul 2009, order 1."""
    width = 40_000
    x = np.array([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0], [-1.0, 0.5, 2.0]])
    F = linear.relu_features(x, width, np.random.default_rng(6))
    norm = np.linalg.norm(x, axis=1)
    cosine = np.clip(x @ x.T / np.outer(norm, norm), -1, 1)
    t = np.arccos(cosine)
    kernel = np.outer(norm, norm) * (np.sin(t) + (np.pi - t) * cosine) / (np.pi * x.shape[1])
    products = F[:, None, :] * F[None, :, :]
    stderr = products.std(axis=2) / width**0.5
    assert (np.abs(products.mean(axis=2) - kernel) < 4 * stderr).all()
