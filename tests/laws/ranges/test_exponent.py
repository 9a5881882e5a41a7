"""alpha when the power law may end: recovery, coverage, and where simpler rules fail."""

import math

import numpy as np
import pytest

from scalinglaws.errors import BadInput
from scalinglaws.laws.ranges.exponent import fit_exponent, fit_straight
from scalinglaws.laws.ranges.form import Form

N = np.geomspace(300.0, 5400.0, 8)


def power(N):
    return 5 / N


def floor(N):
    return 5 / N + 5 / 1500


def broken(N):
    return 5 / N * np.maximum(N / 1500, 1) ** 0.6


@pytest.mark.parametrize(
    ("law", "form", "N_end"),
    [(power, Form.POWER, math.inf), (floor, Form.FLOOR, 1500), (broken, Form.BROKEN, 1500)],
)
def test_each_form_is_recognised_and_recovered_without_noise(law, form, N_end):
    fit = fit_exponent(N, law(N))
    assert fit.form is form
    assert fit.alpha.value == pytest.approx(1, rel=1e-3)
    assert fit.N_end == pytest.approx(N_end, rel=3e-3)
    np.testing.assert_allclose(fit.predict(N), law(N), rtol=3e-4)


@pytest.mark.parametrize("law", [power, floor, broken])
def test_interval_of_alpha_covers_whatever_ends_the_power_law(law):
    """90 draws with 3 trials at 10 % noise. The interval must cover in all three cases."""
    rng = np.random.default_rng(3)
    draws, sizes = 90, np.repeat(N, 3)
    covered = 0
    for _ in range(draws):
        alpha = fit_exponent(sizes, law(sizes) * np.exp(0.1 * rng.normal(size=24))).alpha
        covered += alpha.lo <= 1 <= alpha.hi
    # The simulation of record (benchmarks/exponent_recovery.py) gives 0.91 to 0.98.
    assert covered / draws >= 0.93 - 3 * math.sqrt(0.93 * 0.07 / draws)


def test_straight_line_does_not_cover_alpha_above_a_floor():
    """Negative control: why a straight line through all points is not enough."""
    rng = np.random.default_rng(4)
    sizes = np.repeat(N, 3)
    fits = [
        fit_exponent(sizes, floor(sizes) * np.exp(0.1 * rng.normal(size=24))) for _ in range(30)
    ]
    assert all(fit.straight.hi < 1 for fit in fits)
    assert np.mean([fit.alpha.value for fit in fits]) > np.mean([f.straight.value for f in fits])


def test_replicates_do_not_hide_scatter_between_sizes():
    """Ten copies of each loss carry no more information about alpha than one."""
    loss = power(N) * np.exp(0.1 * np.random.default_rng(8).normal(size=8))
    once, often = fit_exponent(N, loss), fit_exponent(np.repeat(N, 10), np.repeat(loss, 10))
    assert often.n == 80
    assert often.widths == 8
    assert (often.straight.lo, often.straight.hi) == pytest.approx(
        (once.straight.lo, once.straight.hi), rel=1e-9
    )
    assert (often.alpha.lo, often.alpha.hi) == pytest.approx((once.alpha.lo, once.alpha.hi))


def test_straight_slope_is_the_weighted_least_squares_line():
    rng = np.random.default_rng(9)
    sizes = np.repeat(N, [1, 2, 3, 4, 5, 6, 7, 8])
    loss = power(sizes) * np.exp(0.1 * rng.normal(size=36))
    expected = -np.polyfit(np.log(sizes), np.log(loss), 1)[0]
    assert fit_exponent(sizes, loss).straight.value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("factor", [1e-200, 1e200])
def test_units_of_the_loss_do_not_matter(factor):
    rng = np.random.default_rng(10)
    loss = floor(N) * np.exp(0.05 * rng.normal(size=8))
    here, there = fit_exponent(N, loss).alpha, fit_exponent(N, factor * loss).alpha
    assert (there.value, there.lo, there.hi) == pytest.approx(
        (here.value, here.lo, here.hi), rel=1e-6
    )


def test_two_sizes_leave_alpha_open_and_say_so():
    fit = fit_exponent(N[:2], [2.0, 1.0])
    assert (fit.alpha.lo, fit.alpha.hi) == (-math.inf, math.inf)
    assert any("too few" in note for note in fit.notes)


def test_a_constant_loss_has_exponent_zero():
    assert fit_exponent(N, np.ones(8)).alpha.value == 0


@pytest.mark.parametrize(
    ("sizes", "losses", "match"),
    [
        ([1, 2, 3], [1, 0, 1], "positive, finite L"),
        ([1, -2, 3], [1, 1, 1], "positive, finite N"),
        ([2, 2], [1, 1], "two distinct N"),
        ([2, 3], [1, 1, 1], "equally long"),
    ],
)
def test_what_has_no_exponent_is_refused(sizes, losses, match):
    with pytest.raises(BadInput, match=match):
        fit_exponent(sizes, losses)


def test_the_straight_line_alone_is_the_one_beside_the_exponent():
    N, L = [1e3, 2e3, 4e3, 8e3, 8e3], [1.0, 0.6, 0.3, 0.2, 0.21]
    assert fit_straight(N, L) == fit_exponent(N, L).straight
