"""One power law or two: a p-value that is uniform, a place that is covered, power, refusals."""

import math

import numpy as np
import pytest
from scipy.stats import kstest

from scalinglaws.errors import BadInput
from scalinglaws.laws.ranges.breakpoint import _Test, _trial_breaks, find_break
from scalinglaws.laws.ranges.sizes import sizes_of

X = np.geomspace(1, 1e3, 12)


def between(x, L, hold=()):
    sizes = sizes_of(x, L)
    hinges = np.maximum(sizes.x[:, None] - _trial_breaks(sizes), 0)
    beside = [np.maximum(sizes.x - math.log(place), 0) for place in hold]
    return sizes, _Test.of(sizes, hinges, sizes.x, *beside)


@pytest.mark.parametrize("trials", [1, 3], ids=["single runs", "replicates"])
def test_p_is_uniform_for_one_power_law(trials):
    rng = np.random.default_rng(0)
    x = np.repeat(X, np.resize([1, trials], len(X)))
    p = []
    for _ in range(300):
        sizes, test = between(x, x**-0.4 * np.exp(0.05 * rng.normal(size=len(x))))
        p.append(test.p(sizes, rng, 199))
    assert kstest(p, "uniform").pvalue > 1e-3


def test_the_textbook_p_of_the_best_break_is_not_uniform():
    """Negative control: the F distribution of a break named beforehand rejects far too often."""
    from scipy.stats import f

    rng = np.random.default_rng(1)
    F = [
        test.F(sizes)
        for sizes, test in (
            between(X, X**-0.4 * np.exp(0.05 * rng.normal(size=12))) for _ in range(300)
        )
    ]
    assert np.mean(f.sf(F, 1, 9) < 0.05) > 0.1


def test_F_is_the_ratio_of_least_squares_fits():
    rng = np.random.default_rng(2)
    L = X**-0.4 * np.exp(0.05 * rng.normal(size=12))
    x, y = np.log(X), np.log(L)

    def SS(*columns):
        design = np.stack([np.ones(12), x, *columns], axis=1)
        return np.linalg.lstsq(design, y, rcond=None)[1][0]

    best = min(SS(np.maximum(x - place, 0)) for place in _trial_breaks(sizes_of(X, L)))
    assert pytest.approx((SS() - best) / (best / 9), rel=1e-9) == find_break(X, L, draws=19).F


@pytest.mark.parametrize("change", [0.3, 0.03], ids=["plain break", "hidden break"])
def test_the_place_is_covered_however_weak_the_break(change):
    """The test behind the interval, at the true place: 95 % of tables must pass it."""
    rng = np.random.default_rng(3)
    draws, held, place = 300, 0, 30.0
    for _ in range(draws):
        L = X**-0.5 * np.maximum(X / place, 1) ** change * np.exp(0.02 * rng.normal(size=12))
        sizes, test = between(X, L, hold=[place])
        held += test.p(sizes, rng, 199) > 0.05
    assert abs(held / draws - 0.95) < 4 * math.sqrt(0.95 * 0.05 / draws)


def test_a_break_is_found_placed_and_has_its_two_exponents():
    rng = np.random.default_rng(4)
    found = find_break(
        X, X**-0.5 * np.maximum(X / 30, 1) ** 0.3 * np.exp(0.01 * rng.normal(size=12))
    )
    assert found.refuted()
    assert found.x_break.lo < 30 < found.x_break.hi < 60
    assert found.alpha.lo < 0.5 < found.alpha.hi
    assert found.alpha_beyond.lo < 0.2 < found.alpha_beyond.hi


def test_one_power_law_leaves_the_place_open_and_says_so():
    found = find_break(X, 3 * X**-0.5)
    assert (found.p, found.x_break.lo, found.x_break.hi) == (1, 0, math.inf)
    assert any("not refuted" in note for note in found.notes)


def test_copies_of_each_run_are_no_evidence():
    L = X**-0.5 * np.exp(0.05 * np.random.default_rng(5).normal(size=12))
    once, often = find_break(X, L), find_break(np.repeat(X, 10), np.repeat(L, 10))
    assert (often.p, often.F) == pytest.approx((once.p, once.F), rel=1e-9)


def test_many_sizes_are_thinned_and_a_small_break_is_still_seen():
    rng = np.random.default_rng(6)
    x = np.exp(rng.uniform(0, 7, 5000))
    found = find_break(
        x, x**-0.5 * np.maximum(x / 30, 1) ** 0.02 * np.exp(0.05 * rng.normal(size=5000))
    )
    assert found.widths == 5000
    assert found.p < 0.01


@pytest.mark.parametrize(
    ("x", "kwargs", "match"),
    [(range(1, 6), {}, "6 or more"), (range(1, 9), {"draws": 5}, "19 or more")],
)
def test_too_little_is_refused(x, kwargs, match):
    with pytest.raises(BadInput, match=match):
        find_break(list(x), np.ones(len(x)), **kwargs)
