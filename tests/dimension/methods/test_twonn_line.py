"""The line fit of TwoNN against other programs and the closed form."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import gammainc

from scalinglaws import dimension
from scalinglaws.dimension import Neighbors
from scalinglaws.errors import BadInput


def ball() -> np.ndarray:
    """500 points of a 5-ball, scikit-dimension's hyperBall(500, 5, random_state=0)."""
    z = np.random.RandomState(0).normal(size=(500, 5))
    square = (z**2).sum(axis=1)
    return z * (gammainc(5 / 2, square / 2) ** (1 / 5) / np.sqrt(square))[:, None]


def sphere() -> np.ndarray:
    """500 points of S^30, scikit-dimension's hyperSphere(500, 30, random_state=1)."""
    z = np.random.RandomState(1).randn(500, 31)
    return z / np.linalg.norm(z, axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("points", "d"),
    [("ball5_in_10", 4.362176532655), ("sphere4_in_5", 3.221205130439)],
)
def test_dadapy_gives_the_same_d(points: str, d: float, references: dict[str, np.ndarray]):
    assert dimension.twonn_line(references[points]).d == pytest.approx(d, rel=1e-6)


@pytest.mark.parametrize(("points", "d"), [(ball, 4.159093274086606), (sphere, 21.534662028474745)])
def test_scikit_dimension_gives_the_same_d(points: Callable[[], np.ndarray], d: float):
    assert dimension.twonn_line(points()).d == pytest.approx(d, rel=1e-12)


def test_ratios_at_the_quantiles_of_the_law_lie_on_the_line():
    """mu = (1 - F)^(-1/d) at F = i/n makes every point of the relation exact, whatever is left."""
    n, d = 200, 7.0
    mu = (1 - np.arange(1, n) / n) ** (-1 / d)
    mu = np.append(mu, 2 * mu[-1])  # F = 1: never in a fit
    index, rows = np.tile([1, 2], (n, 1)), np.arange(n)
    nb = Neighbors(np.stack([np.ones(n), mu], axis=1), index, rows, rows, n, 9, 0, "exact law")
    for discard in (0.01, 0.1, 0.5, 0.9):
        assert dimension.twonn_line(nb, discard).d == pytest.approx(d, rel=1e-12)
    # The authors' line counts and drops otherwise, and is on the relation too.
    assert dimension.knn(nb, 2).d == pytest.approx(d, rel=1e-12)


@pytest.mark.parametrize("discard", [0.0, 1.0, -0.1, 0.999, float("nan")])
def test_a_discard_that_keeps_all_or_none_is_refused(discard: float, poisson: Callable):
    with pytest.raises(BadInput, match="leaves out some of the 100 points and keeps some"):
        dimension.twonn_line(poisson(100, 2, 3.0, 0), discard)


def test_ties_are_counted_in_the_refusal(lattice: np.ndarray):
    with pytest.raises(BadInput, match="keeps 129 points, 129 of them with neighbours equally far"):
        dimension.twonn_line(lattice)


def test_three_points_are_enough_and_two_are_not():
    X = np.array([[0.0], [1.0], [3.0]])
    assert dimension.twonn_line(X).d > 0
    with pytest.raises(BadInput, match="2 neighbours need at least 3 distinct points, got 2"):
        dimension.twonn_line(X[:2])
