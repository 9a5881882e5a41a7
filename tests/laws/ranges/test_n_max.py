"""Where a power law ends: recovery, coverage, open ends, refusals."""

import math

import numpy as np
import pytest

from scalinglaws.errors import BadInput
from scalinglaws.laws.ranges.exponent import fit_exponent
from scalinglaws.laws.ranges.form import Form
from scalinglaws.laws.ranges.n_max import find_n_max

N = np.geomspace(10, 3000, 12)
END = 10 * 300**0.6


def power(N):
    return N**-0.5


def floor(N):
    return N**-0.5 + END**-0.5


def broken(N):
    return N**-0.5 * np.maximum(N / END, 1) ** 0.35


@pytest.mark.parametrize(
    ("law", "form", "end"),
    [(power, Form.POWER, math.inf), (floor, Form.FLOOR, END), (broken, Form.BROKEN, END)],
)
def test_the_end_comes_back_without_noise_and_agrees_with_the_exponent(law, form, end):
    found = find_n_max(N, law(N))
    assert found.form is form
    assert found.N_max.value == pytest.approx(end, rel=2e-3)
    assert found.N_max.value == pytest.approx(fit_exponent(N, law(N)).N_end, rel=5e-3)


@pytest.mark.parametrize("law", [power, floor, broken])
def test_the_interval_covers(law):
    rng = np.random.default_rng(0)
    end = math.inf if law is power else END
    draws, held = 45, 0
    for _ in range(draws):
        found = find_n_max(N, law(N) * np.exp(0.02 * rng.normal(size=12))).N_max
        held += found.lo <= end <= found.hi
    # The docstring of laws/ranges/n_max.py tells what wider simulations give.
    assert held / draws >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / draws)


def test_a_table_without_an_end_has_an_infinite_upper_end():
    rng = np.random.default_rng(1)
    found = find_n_max(N, power(N) * np.exp(0.02 * rng.normal(size=12)))
    assert found.N_max.hi == math.inf
    assert 0 < found.N_max.lo < N[-1] or any("third size" in note for note in found.notes)
    assert any("without end" in note for note in found.notes)


def test_a_floor_is_told_before_the_table_reaches_it():
    """Its end lies beyond the largest N, with a finite interval."""
    end = 4 * N[-1]
    rng = np.random.default_rng(2)
    found = find_n_max(N, (N**-1.0 + 1 / end) * np.exp(0.005 * rng.normal(size=12))).N_max
    assert N[-1] < found.lo < end < found.hi < 10 * end


@pytest.mark.parametrize("factor", [1e-100, 1e100])
def test_units_do_not_matter(factor):
    L = floor(N) * np.exp(0.02 * np.random.default_rng(3).normal(size=12))
    here, there = find_n_max(N, L).N_max, find_n_max(factor * N, factor * L).N_max
    assert (there.lo / factor, there.hi / factor) == pytest.approx((here.lo, here.hi), rel=1e-6)


def test_a_constant_loss_shows_no_end():
    assert find_n_max(N, np.ones(12)).N_max.hi == math.inf


def test_four_sizes_are_refused():
    with pytest.raises(BadInput, match="5 or more"):
        find_n_max([1, 2, 3, 4], [4, 3, 2, 1])
