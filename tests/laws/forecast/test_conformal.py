"""Bands by horizon."""

import numpy as np
import pytest

from scalinglaws.laws.forecast.conformal import Bands, Refusal, conformal, least


@pytest.mark.parametrize(
    ("level", "fewest"), [(0.95, 19), (0.9, 9), (0.8, 4), (0.99, 99), (0.5, 1)]
)
def test_a_band_needs_as_many_scores_as_split_conformal_does(level: float, fewest: int):
    assert least(level) == fewest
    scores = np.arange(1.0, fewest + 1)
    refused = conformal(scores[:-1], scores[:-1], level)
    assert isinstance(refused, Refusal)
    assert f"needs {fewest}" in refused.reason
    given = conformal(scores, scores, level)
    assert isinstance(given, Bands)
    assert given.at(1.0) == scores[-1]  # of the fewest it is the largest


def test_exchangeable_scores_are_held_as_often_as_promised():
    """P(new <= q) = ceil(.95 (m + 1)) / (m + 1) exactly, for any continuous scores."""
    rng, m, draws = np.random.default_rng(0), 37, 4000
    held = 0
    for _ in range(draws):
        scores = rng.standard_cauchy(m + 1) ** 2
        band = conformal(scores[:-1], np.ones(m), 0.95)
        assert isinstance(band, Bands)
        held += scores[-1] <= band.at(1.0)
    exact = np.ceil(0.95 * (m + 1)) / (m + 1)
    assert abs(held / draws - exact) < 4 * np.sqrt(exact * (1 - exact) / draws)


def test_a_band_never_narrows_with_the_horizon():
    rng = np.random.default_rng(1)
    horizon = np.exp(rng.uniform(0, 5, 300))
    bands = conformal(rng.exponential(1 / horizon), horizon, 0.95)  # scores that fall
    assert isinstance(bands, Bands)
    assert len(bands.q) == 6
    assert (np.diff(bands.q) >= 0).all()
    assert bands.q[0] > np.quantile(1 / horizon, 0.5)


def test_beyond_the_longest_horizon_there_is_no_band():
    horizon = np.linspace(1.1, 8.0, 40)
    bands = conformal(np.ones(40), horizon, 0.95)
    assert isinstance(bands, Bands)
    assert bands.at(8.0) == 1.0
    refused = bands.at(8.01)
    assert isinstance(refused, Refusal)
    assert "reach 8 times" in refused.reason
