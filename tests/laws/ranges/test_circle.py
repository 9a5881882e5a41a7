"""The circle rule of arXiv:2004.10802, A.1."""

import math

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize

from scalinglaws.errors import BadInput
from scalinglaws.laws.ranges.circle import _Plane, fit_circle, fit_circle_algebraic, linear_prefix


@pytest.mark.parametrize("fit", [fit_circle, fit_circle_algebraic])
@pytest.mark.parametrize("radius", [1e-3, 5.0, 1e5])
def test_a_known_circle_comes_back_from_a_short_arc(fit, radius):
    angle = np.linspace(0.3, 0.9, 7)
    circle = fit(3 + radius * np.cos(angle), -2 + radius * np.sin(angle))
    assert (circle.x, circle.y, circle.radius) == pytest.approx((3, -2, radius), rel=1e-7)


def test_geometric_fit_agrees_with_another_optimiser():
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2, 12)
    x, y = 4 * np.cos(angle) + 0.2 * rng.normal(size=(2, 12)) + [[0], [1]]
    y = y + 4 * np.sin(angle)
    circle = fit_circle(x, y)

    def SS(p):
        return np.sum((np.hypot(x - p[0], y - p[1]) - p[2]) ** 2)

    best = minimize(SS, (0, 0, 4), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    assert SS((circle.x, circle.y, circle.radius)) <= best.fun * (1 + 1e-9)


def test_derivatives_of_the_distances_match_finite_differences():
    rng = np.random.default_rng(1)
    plane = _Plane.of(*rng.normal(size=(2, 6)))
    circle = np.array([0.3, 0.2, 1.1])
    numeric = approx_fprime(circle, plane.distances, 1e-7)
    np.testing.assert_allclose(plane.derivatives(circle), numeric, atol=1e-5)


def test_straight_points_have_infinite_radius_and_are_all_kept():
    x = np.linspace(6, 9, 8)
    assert math.isinf(fit_circle(x, 2 - 1.3 * x).radius)
    assert linear_prefix(x, 2 - 1.3 * x) == 8


def test_a_sharp_break_is_found_without_noise():
    x = np.linspace(0, 3, 8)
    assert linear_prefix(x, -x + 0.8 * np.maximum(x - x[4], 0)) == 5


def test_geometric_rule_rarely_stops_at_three_points_and_the_algebraic_one_often_does():
    """Exact power laws at 3 % noise: the algebraic fit prefers small circles."""
    rng = np.random.default_rng(2)
    x, draws = np.linspace(0, 3, 8), 250
    kept = np.array(
        [
            [linear_prefix(x, y), linear_prefix(x, y, algebraic=True)]
            for y in -x + 0.03 * rng.normal(size=(draws, 8))
        ]
    )
    geometric, algebraic = np.mean(kept == 3, axis=0)
    assert geometric <= 0.02 + 4 * math.sqrt(0.02 * 0.98 / draws)
    assert algebraic >= 0.17 - 4 * math.sqrt(0.17 * 0.83 / draws)


def test_two_points_are_refused():
    with pytest.raises(BadInput, match="3 or more points"):
        linear_prefix([1, 2], [1, 2])
