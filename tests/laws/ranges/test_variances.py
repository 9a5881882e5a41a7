"""Variances of few replicates are moderated where they differ, and left alone where they do not."""

from __future__ import annotations

import numpy as np
import pytest

from scalinglaws.laws.ranges.exponent import fit_exponent
from scalinglaws.laws.ranges.sizes import sizes_of
from scalinglaws.laws.ranges.variances import moderated

N = np.geomspace(300.0, 5400.0, 8)
X = np.log(N)


def variances(true: np.ndarray, dof: int, rng: np.random.Generator) -> np.ndarray:
    return true * rng.chisquare(dof, len(true)) / dof


def test_equal_variances_are_pooled_but_for_the_test_s_level():
    rng, draws, dof = np.random.default_rng(0), 400, np.full(8, 4.0)
    apart = 0
    for _ in range(draws):
        found = moderated(X, variances(np.full(8, 0.01), 4, rng), dof)
        apart += len(np.unique(found)) > 1
    assert apart / draws < 0.05 + 4 * np.sqrt(0.05 * 0.95 / draws)


def test_moderated_variances_are_nearer_the_truth_than_their_own_and_than_the_pooled():
    rng, dof, errors = np.random.default_rng(1), np.full(8, 4.0), []
    for _ in range(200):
        true = np.exp(-2 * (X - X[0]) + 0.5 * rng.standard_normal(8))
        s2 = variances(true, 4, rng)
        rivals = moderated(X, s2, dof), s2, np.full(8, s2.mean())
        errors.append([np.mean(np.log(v / true) ** 2) for v in rivals])
    ours, own, pooled = np.mean(errors, axis=0)
    assert ours < 0.6 * own
    assert ours < 0.2 * pooled


def test_sizes_of_one_run_get_the_variance_of_their_neighbours():
    s2, dof = np.exp(-2.0 * (X - X[0])), np.full(8, 4.0)
    s2[3], dof[3] = 0.0, 0.0
    found = moderated(X, s2, dof)
    assert found[3] == pytest.approx(np.sqrt(found[2] * found[4]), rel=0.2)


def test_copies_and_single_runs_weigh_as_runs():
    once, twice = sizes_of(N, 1 / N), sizes_of(np.repeat(N, 2), np.repeat(1 / N, 2))
    assert once.weights.tolist() == [1.0] * 8
    assert twice.weights.tolist() == [2.0] * 8


@pytest.mark.parametrize(("trials", "gain"), [(3, 0.8), (10, 0.5)])
def test_an_exponent_is_known_better_where_noise_falls_with_size(trials: int, gain: float):
    """Noise of .5 at the smallest size and .02 at the largest, beside the unweighted line."""
    rng, sd = np.random.default_rng(2), np.geomspace(0.5, 0.02, 8)
    weighted, plain, held = [], [], 0
    draws = 60
    for _ in range(draws):
        log_L = -X + sd * rng.standard_normal((trials, 8))
        alpha = fit_exponent(np.tile(N, trials), np.exp(log_L).ravel()).straight
        weighted.append(alpha.value - 1)
        held += alpha.lo <= 1 <= alpha.hi
        plain.append(-np.polyfit(X, log_L.mean(0), 1)[0] - 1)
    rms = [np.sqrt(np.mean(np.square(e))) for e in (weighted, plain)]
    assert rms[0] < gain * rms[1]
    assert held / draws > 0.95 - 4 * np.sqrt(0.95 * 0.05 / draws)
