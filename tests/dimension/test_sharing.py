"""What shared neighbours add to the error of d, and what they do not."""

from dataclasses import replace

import numpy as np
import pytest

from scalinglaws import dimension
from scalinglaws.dimension.methods.mle import log_ratio_sums
from scalinglaws.dimension.neighbors import Neighbors, log_mu, neighbors
from scalinglaws.dimension.sharing import LIKELIHOOD, LINE, LOCAL_MEAN, PAIR, Sharing


def draws(kind: Sharing, k: int, d: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The statistic of one point per d, from the exact law of a Poisson process's radii."""
    radii = np.cumsum(rng.exponential(size=(len(d), k)), axis=1) ** (1 / d[:, None])
    log_r = np.log(radii)
    S = (log_r[:, -1:] - log_r[:, :-1]).sum(axis=1)
    return {
        LINE: log_r[:, -1] - log_r[:, 0],
        LIKELIHOOD: S,
        LOCAL_MEAN: (k - 2) / S,
        PAIR: log_r[:, -1] - log_r[:, k // 2 - 1],
    }[kind]


KINDS = {"line": LINE, "likelihood": LIKELIHOOD, "local mean": LOCAL_MEAN, "pair": PAIR}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("k", [8, 20])
def test_the_relative_variance_is_that_of_the_exact_law(kind: Sharing, k: int):
    x = draws(kind, k, np.full(200_000, 3.0), np.random.default_rng(k))
    u = (x - x.mean()) / x.mean()
    stderr = np.sqrt((u**4).mean() - (u**2).mean() ** 2) / np.sqrt(len(x))
    assert (u**2).mean() == pytest.approx(kind.relative_variance(k), abs=4 * stderr)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_share_within_a_place_is_told_from_differences_between_places(kind: Sharing):
    rng, k = np.random.default_rng(1), 20
    d = rng.choice([4.0, 10.0], size=200_000)
    x = draws(kind, k, d, rng)
    within = np.mean([x[d == one].var() for one in (4.0, 10.0)])
    assert kind.within(x, k) == pytest.approx(within / x.var(), rel=0.03)
    assert kind.within(x, k) < 0.5
    assert kind.within(draws(kind, k, np.full(200_000, 4.0), rng), k) > 0.98


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_beyond_where_rho_was_measured_the_nearest_is_taken(kind: Sharing):
    low, high = kind.d_measured
    assert kind.rho(low / 5, 20) == kind.rho(low, 20)
    assert kind.rho(5 * high, 20) == kind.rho(high, 20)
    assert kind.rho(3.0, 1000) == kind.rho(3.0, 50)


# Measured as benchmarks/dimension_sharing.py does: 1500 replicates, each known to 3.7 %.
@pytest.mark.parametrize(
    ("kind", "d", "k", "measured"),
    [
        (LINE, 1, 20, 1.35),
        (LINE, 5, 20, 1.64),
        (LINE, 10, 2, 1.35),
        (LIKELIHOOD, 1, 2, 1.62),
        (LIKELIHOOD, 20, 50, 1.79),
        (LOCAL_MEAN, 1, 20, 0.64),
        (LOCAL_MEAN, 5, 5, 1.23),
        (LOCAL_MEAN, 20, 20, 1.64),
        (PAIR, 1, 20, 2.64),
        (PAIR, 5, 10, 1.63),
        (PAIR, 10, 20, 1.49),
    ],
)
def test_rho_is_what_was_measured(kind: Sharing, d: float, k: int, measured: float):
    assert kind.rho(d, k) == pytest.approx(measured, rel=4 * 0.037)


ESTIMATORS = {
    "twonn": dimension.twonn,
    "twonn-line": dimension.twonn_line,
    "knn k=4": lambda nb: dimension.knn(nb, 4),
    "knn k=20": lambda nb: dimension.knn(nb, 20),
    "mle k=20": lambda nb: dimension.mle(nb, 20),
    "mle-harmonic k=5": lambda nb: dimension.mle_harmonic(nb, 5),
    "mle-harmonic k=20": lambda nb: dimension.mle_harmonic(nb, 20),
    "gride n1=2": lambda nb: dimension.gride(nb, 2),
    "gride n1=10": lambda nb: dimension.gride(nb, 10),
}


def test_the_errors_claimed_are_the_spread_and_those_of_independent_points_are_not(sphere):
    """Points of S^5, every estimator; the error that ignores sharing is the control."""
    repeats, n = 400, 300
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in ESTIMATORS}
    for seed in range(repeats):
        nb = neighbors(sphere(5, n, seed), 20)
        alone = replace(nb, n=10**12)  # as if no neighbour were a query point
        for name, estimate in ESTIMATORS.items():
            one = estimate(nb)
            found[name].append((one.d, one.stderr, estimate(alone).stderr))
    within = 3 / np.sqrt(2 * repeats)  # standard errors of a standard deviation
    for name, columns in found.items():
        d, claimed, independent = np.array(columns).T
        assert claimed.mean() / d.std(ddof=1) == pytest.approx(1, abs=within), name
        assert independent.mean() / d.std(ddof=1) < 1 - within, name


def test_the_statistics_are_those_of_the_estimators(sphere):
    """twonn is a likelihood of two radii: its line and its likelihood share one statistic."""
    nb = neighbors(sphere(3, 300, 0), 2)
    np.testing.assert_allclose(log_mu(nb, 2), log_ratio_sums(nb, 2), rtol=1e-12)
    assert LINE.relative_variance(2) == LIKELIHOOD.relative_variance(2) == PAIR.relative_variance(2)


def test_where_all_points_say_the_same_no_error_is_claimed():
    """Every r_2 is twice its r_1: d is known and its error is not."""
    n = 40
    r, index, rows = np.tile([1.0, 2.0], (n, 1)), np.zeros((n, 2), dtype=int), np.arange(n)
    found = dimension.mle_harmonic(Neighbors(r, index, rows, rows, n, 2, 0, "by hand"), 2)
    assert found.d == pytest.approx(1 / np.log(2))
    assert found.stderr == found.hi == np.inf
    assert LIKELIHOOD.within(np.ones(5), 2) == 1.0
