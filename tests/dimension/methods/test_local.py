"""The d around every point."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import trapezoid

from scalinglaws import dimension
from scalinglaws.dimension import Neighbors
from scalinglaws.dimension.methods.local import density_at_one_d
from scalinglaws.errors import BadInput

Law = Callable[..., Neighbors]


@pytest.mark.parametrize("k", [4, 20, 100])
def test_the_exact_law_gives_mean_spread_and_coverage(k: int, poisson: Law):
    """S_i is Gamma(k-1, 1/d): d_i has mean d, deviation d/sqrt(k-3), and intervals that cover."""
    n, d = 20_000, 6.0
    local = dimension.local_dimension(poisson(n, k, d, 3), k, level=0.9)
    if k > 4:  # at k = 4 the fourth moment is infinite
        spread = np.std(local.d)
        assert abs(local.mean - d) < 4 * d / np.sqrt(k - 3) / np.sqrt(n)
        assert spread == pytest.approx(d / np.sqrt(k - 3), rel=0.05)
    covered = ((local.lo < d) & (d < local.hi)).mean()
    assert abs(covered - 0.9) < 4 * np.sqrt(0.9 * 0.1 / n)


def test_its_mean_is_mle_and_its_rows_the_callers(sphere: Callable):
    X = sphere(3, 300, 0)
    local = dimension.local_dimension(np.vstack([X[:50], X]), 10)
    assert local.mean == dimension.mle(X, 10).d
    assert local.rows.tolist() == [*range(50), *range(100, 350)]
    assert (local.lo < local.d).all()
    assert (local.d < local.hi).all()


def test_a_subset_gives_the_d_of_its_points(sphere: Callable):
    X = sphere(3, 300, 0)
    whole = dimension.local_dimension(X, 10)
    part = dimension.local_dimension(dimension.neighbors(X, 10, queries=40, seed=1), 10)
    np.testing.assert_array_equal(part.d, whole.d[part.rows])


def test_two_sheets_are_told_apart():
    """A line beside a 3-d cloud: no single d, and every point knows its own."""
    rng = np.random.default_rng(0)
    line = np.zeros((400, 3))
    line[:, 0] = rng.random(400)
    X = np.vstack([line, 50 + rng.random((400, 3))])
    d = dimension.local_dimension(X, 20).d
    assert np.median(d[:400]) < 1.5 < 2 < np.median(d[400:])


def test_ties_are_infinite_and_counted(lattice: np.ndarray):
    local = dimension.local_dimension(lattice, 4)
    assert local.infinite == np.isinf(local.d).sum() == 100
    assert np.isfinite(local.mean)


def test_few_neighbours_are_refused(sphere: Callable):
    with pytest.raises(BadInput, match="k >= 4, got k = 3"):
        dimension.local_dimension(sphere(2, 50, 0), 3)


@pytest.mark.parametrize("level", [95, 1.5, -1, 0, 1, np.nan])
def test_a_level_is_between_nought_and_one(level: float, sphere: Callable):
    with pytest.raises(BadInput, match="level of an interval lies between 0 and 1, got"):
        dimension.local_dimension(sphere(2, 50, 0), 5, level=level)


@pytest.mark.parametrize("k", [20, 100])
def test_the_curve_of_constant_d_is_a_density_of_that_mean_and_spread(k: int):
    d = 7.0
    x = np.linspace(1e-3, 80, 200_001)
    p = density_at_one_d(x, d, k)
    assert trapezoid(p, x) == pytest.approx(1, rel=1e-6)
    assert trapezoid(x * p, x) == pytest.approx(d, rel=1e-6)
    assert trapezoid((x - d) ** 2 * p, x) == pytest.approx(d**2 / (k - 3), rel=1e-4)
