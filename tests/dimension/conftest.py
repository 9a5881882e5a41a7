"""Points whose d is known."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import gammainc

from scalinglaws.dimension import Neighbors


def ball5_in_10() -> np.ndarray:
    """300 points of a 5-ball in 10 columns, from scikit-dimension's fixtures."""
    z = np.random.RandomState(0).normal(size=(300, 5))
    square = (z**2).sum(axis=1)
    ball = z * (gammainc(5 / 2, square / 2) ** (1 / 5) / np.sqrt(square))[:, None]
    return np.hstack([ball, np.zeros((300, 5))])


def sphere4_in_5() -> np.ndarray:
    """300 points of S^4, from scikit-dimension's fixtures."""
    z = np.random.RandomState(1).randn(300, 5)
    return z / np.linalg.norm(z, axis=1, keepdims=True)


@pytest.fixture
def sphere() -> Callable[..., np.ndarray]:
    def draw(d: int, n: int, seed: int) -> np.ndarray:
        z = np.random.default_rng(seed).normal(size=(n, d + 1))
        return z / np.linalg.norm(z, axis=1, keepdims=True)

    return draw


@pytest.fixture
def poisson() -> Callable[..., Neighbors]:
    """Neighbours of m points as eq. B.3 has them: r_j^d are the arrival times of a Poisson
    process, each point's own. The m are a few among very many, so that none share a neighbour
    and all are independent."""

    def draw(m: int, k: int, d: float, seed: int, among: int = 10**9) -> Neighbors:
        rng = np.random.default_rng(seed)
        r = rng.exponential(size=(m, k)).cumsum(axis=1) ** (1 / d)
        index, rows = rng.integers(among, size=(m, k)), np.arange(m)
        return Neighbors(r, index, rows, rows, among, 10, 0, "exact law")

    return draw


@pytest.fixture
def lattice() -> np.ndarray:
    """12 x 12 points: an inner one's first four neighbours are equally far."""
    return np.array([[i, j] for i in range(12) for j in range(12)], dtype=float)


@pytest.fixture
def references() -> dict[str, np.ndarray]:
    return {"ball5_in_10": ball5_in_10(), "sphere4_in_5": sphere4_in_5()}
