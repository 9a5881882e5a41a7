"""Prefactors of piecewise fits: of quadratics, where the closed forms are exact at every side."""

import math
from itertools import permutations

import numpy as np
import pytest

from scalinglaws.errors import BadInput
from scalinglaws.theory import manifold

S = 0.5  # the side of a cube, here about 0


def quadratic(d: int, seed: int = 0):
    """(H, u): a Hessian, and random points of the cube that it is averaged over."""
    rng = np.random.default_rng(seed)
    H = rng.normal(size=(d, d))
    return H + H.T, S * (rng.random((200_000, d)) - 0.5)


def close_to(expected: float, sample: np.ndarray) -> None:
    """The mean of a sample within 4 of its standard errors."""
    assert abs(sample.mean() - expected) < 4 * sample.std() / math.sqrt(len(sample))


@pytest.mark.parametrize("d", [1, 2, 4])
def test_what_constants_and_linear_functions_leave_of_a_quadratic(d: int):
    H, u = quadratic(d)
    g = np.random.default_rng(1).normal(size=d)
    close_to(float(manifold.constant_loss(g, S)), (u @ g) ** 2)
    f = 0.5 * np.einsum("na,ab,nb->n", u, H, u)
    basis = np.hstack([np.ones((len(u), 1)), u])
    close_to(float(manifold.linear_loss(H, S)), (f - basis @ np.linalg.lstsq(basis, f)[0]) ** 2)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_what_the_interpolant_on_kuhns_simplices_leaves_of_a_quadratic(d: int):
    """Simplex by simplex, by solving for the linear function through its corners."""
    H, u = quadratic(d)
    f = 0.5 * np.einsum("na,ab,nb->n", u, H, u)
    left = np.full(len(u), np.nan)
    for order in permutations(range(d)):
        inside = (np.diff(u[:, order], axis=1) <= 0).all(axis=1)
        steps = np.vstack([np.zeros(d), np.cumsum(np.eye(d)[list(order)], axis=0)])
        corners = S * (steps - 0.5)
        values = 0.5 * np.einsum("na,ab,nb->n", corners, H, corners)
        c = np.linalg.solve(np.hstack([np.ones((d + 1, 1)), corners]), values)
        left[inside] = (f - c[0] - u @ c[1:])[inside]
    close_to(float(manifold.interpolant_loss(H, S)), left**2)


def test_kl_of_two_classes_is_the_binary_form():
    """f (1-f) / 2 times what the log odds are missed by, whose Hessian is the difference."""
    f, (H, _), (G, _) = 0.3, quadratic(3), quadratic(3, seed=1)
    found = manifold.kl_loss(np.array([f, 1 - f]), np.stack([H, G]), S)
    assert found == pytest.approx(f * (1 - f) / 2 * manifold.linear_loss(H - G, S), rel=1e-12)


def test_exponents_are_those_of_the_paper():
    assert manifold.exponent(4) == 1  # 4/d
    assert manifold.exponent(7, p=3) == pytest.approx(6 / 7)  # (3.4)
    assert manifold.exponent(2, k=0) == 1
    assert manifold.kink_exponent(6) == 0.5
    assert manifold.product_exponent((3, 6, 3)) == pytest.approx(4 / 6)  # (3.2)
    with pytest.raises(BadInput, match="at least one factor"):
        manifold.product_exponent(())
    with pytest.raises(BadInput, match="d > 0"):
        manifold.exponent(0)
    with pytest.raises(BadInput, match="d > 0"):
        manifold.kink_exponent(-1)
