"""Straight lines: recovery, York's published line, coverage, exchange symmetry."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from scalinglaws.errors import BadInput
from scalinglaws.laws.line import fit_line, fit_through_origin

# Pearson's points with York's weights, the standard test of lines with errors in both
# coordinates; York et al. 2004 give a = 5.47991022, b = -0.480533407, S = 11.8663531,
# sigma_a = 0.294970736, sigma_b = 0.0579850090.
PEARSON_X = np.array([0.0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4])
PEARSON_Y = np.array([5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5])
SIGMA_X = np.array([1000, 1000, 500, 800, 200, 80, 60, 20, 1.8, 1.0]) ** -0.5
SIGMA_Y = np.array([1, 1.8, 4, 8, 20, 20, 70, 70, 100, 500.0]) ** -0.5


def test_york_line_of_pearsons_points_is_the_published_one():
    line = fit_line(PEARSON_X, PEARSON_Y, sigma_x=SIGMA_X, sigma_y=SIGMA_Y)
    scale = math.sqrt(11.8663531941 / 8)
    assert line.slope.value == pytest.approx(-0.480533407446, rel=1e-10)
    assert line.intercept.value == pytest.approx(5.47991022403, rel=1e-10)
    assert line.slope.stderr == pytest.approx(0.0579850090 * scale, rel=1e-8)
    assert line.intercept.stderr == pytest.approx(0.294970736 * scale, rel=1e-5)


def test_errors_in_both_coordinates_agree_with_a_direct_minimisation():
    """Another route to the optimum: the true x of every point as a free parameter."""

    def chi2(p):
        true_x = p[2:]
        return np.sum(((PEARSON_X - true_x) / SIGMA_X) ** 2) + np.sum(
            ((PEARSON_Y - p[0] - p[1] * true_x) / SIGMA_Y) ** 2
        )

    best = minimize(chi2, np.concatenate([[5.0, -0.5], PEARSON_X]), tol=1e-12)
    line = fit_line(PEARSON_X, PEARSON_Y, sigma_x=SIGMA_X, sigma_y=SIGMA_Y)
    assert (line.intercept.value, line.slope.value) == pytest.approx(best.x[:2], rel=1e-4)


def test_exact_lines_come_back():
    x = np.array([1.0, 2.0, 4.0, 7.0])
    line = fit_line(x, 3 - 2 * x)
    assert (line.slope.value, line.intercept.value) == pytest.approx((-2, 3), rel=1e-13)
    assert line.residual_sd == pytest.approx(0, abs=1e-14)
    np.testing.assert_allclose(line.predict(x), 3 - 2 * x)
    assert fit_through_origin(x, 5 * x, sigma_x=0.1, sigma_y=0.2).value == pytest.approx(5)


def test_two_points_leave_the_interval_open():
    slope = fit_line([1, 2], [1, 3]).slope
    assert (slope.value, slope.lo, slope.hi) == (2, -math.inf, math.inf)
    known = fit_line([1, 2], [1, 3], sigma_y=0.1).slope
    assert known.stderr == pytest.approx(0.1 * math.sqrt(2))


@pytest.mark.parametrize("excess", [0.0, 3.0], ids=["errors as given", "scatter three times more"])
@pytest.mark.parametrize("known", [False, True], ids=["unknown", "given"])
def test_slope_interval_covers_at_its_level(known, excess):
    """500 draws of 6 points; given errors that are right may only over-cover (S >= 1)."""
    rng = np.random.default_rng(5)
    x, sigma, draws = np.linspace(1, 3, 6), 0.1, 500
    covered = 0
    for _ in range(draws):
        y = 2 * x + 1 + sigma * math.hypot(1, excess) * rng.normal(size=6)
        slope = fit_line(x, y, sigma_y=sigma if known else None).slope
        covered += slope.lo <= 2 <= slope.hi
    spread = math.sqrt(0.95 * 0.05 / draws)
    assert covered / draws >= 0.95 - 3 * spread
    assert covered / draws <= (0.99 if known else 0.95 + 3 * spread)


def test_unscaled_errors_would_not_cover_excess_scatter():
    """Negative control of the scaling: with chi^2 / dof near 10 the given errors are too small."""
    rng = np.random.default_rng(6)
    x = np.linspace(1, 3, 6)
    slopes = [fit_line(x, 2 * x + 0.3 * rng.normal(size=6), sigma_y=0.1) for _ in range(200)]
    bare = 1.96 * 0.1 / math.sqrt(np.sum((x - x.mean()) ** 2))
    assert np.mean([abs(s.slope.value - 2) <= bare for s in slopes]) < 0.7


values = st.floats(0.5, 10)


@given(st.lists(st.tuples(values, values), min_size=2, max_size=8), values, values)
@settings(deadline=None, max_examples=50)
def test_exchanging_x_and_y_inverts_the_slope_through_the_origin(points, sigma_x, sigma_y):
    x, y = np.array(points).T
    there = fit_through_origin(x, y, sigma_x=sigma_x, sigma_y=sigma_y).value
    back = fit_through_origin(y, x, sigma_x=sigma_y, sigma_y=sigma_x).value
    assert there * back == pytest.approx(1, rel=1e-9)


def test_exchanging_x_and_y_inverts_the_line():
    there = fit_line(PEARSON_X, PEARSON_Y, sigma_x=SIGMA_X, sigma_y=SIGMA_Y)
    back = fit_line(PEARSON_Y, PEARSON_X, sigma_x=SIGMA_Y, sigma_y=SIGMA_X)
    assert there.slope.value * back.slope.value == pytest.approx(1, rel=1e-9)
    assert back.intercept.value == pytest.approx(-there.intercept.value / there.slope.value)


@pytest.mark.parametrize(
    ("x", "y", "errors", "match"),
    [
        ([1, 1], [1, 2], {}, "distinct x"),
        ([1, 2], [1, math.nan], {}, "finite"),
        ([1, 2], [1, 2, 3], {}, "equally long"),
        ([1, 2], [1, 2], {"sigma_y": -1}, "not negative"),
        ([1, 2], [1, 2], {"sigma_y": [1, 2, 3]}, "one per point"),
        ([1, 2], [1, 2], {"sigma_y": 0}, "positive"),
    ],
)
def test_what_defines_no_line_is_refused(x, y, errors, match):
    with pytest.raises(BadInput, match=match):
        fit_line(x, y, **errors)
