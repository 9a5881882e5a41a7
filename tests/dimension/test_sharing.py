"""What shared neighbours add to the error of d, and what they do not."""

from dataclasses import replace

import numpy as np
import pytest

from scalinglaws import dimension
from scalinglaws.dimension.mle import log_ratio_sums
from scalinglaws.dimension.neighbors import log_mu, neighbors
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


@pytest.mark.parametrize(("d", "k"), [(0.2, 20), (3.0, 1), (500.0, 20), (3.0, 1000)])
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_rho_stays_where_it_was_measured(kind: Sharing, d: float, k: int):
    assert 0.5 < kind.rho(d, k) < 3.2


def test_independent_errors_are_too_small_and_ours_are_the_spread(sphere):
    """Points of S^5: the error that ignores sharing is the control that must fail."""
    estimates: dict[str, list[tuple[float, float, float]]] = {}
    for seed in range(200):
        nb = neighbors(sphere(5, 400, seed), 20)
        alone = replace(nb, n=10**12)  # as if no neighbour were a query point
        for name, estimate in (("twonn", dimension.twonn), ("mle", dimension.mle_harmonic)):
            one, independent = estimate(nb), estimate(alone)
            estimates.setdefault(name, []).append((one.d, one.stderr, independent.stderr))
    for found in map(np.array, estimates.values()):
        spread, claimed, independent = found[:, 0].std(ddof=1), *found[:, 1:].mean(axis=0)
        assert claimed / spread == pytest.approx(1, abs=4 / np.sqrt(2 * 200))
        assert independent / spread < 0.9


def test_the_statistics_are_those_of_the_estimators(sphere):
    """twonn is a likelihood of two radii: its line and its likelihood share one statistic."""
    nb = neighbors(sphere(3, 300, 0), 2)
    np.testing.assert_allclose(log_mu(nb, 2), log_ratio_sums(nb, 2), rtol=1e-12)
    assert LINE.relative_variance(2) == LIKELIHOOD.relative_variance(2) == PAIR.relative_variance(2)


def test_equal_statistics_have_no_error():
    assert LIKELIHOOD.within(np.ones(5), 2) == 1.0
