"""Paired comparisons: what x does to the loss drops out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.random import default_rng

from scalinglaws.errors import BadInput
from scalinglaws.laws import compare

N = np.geomspace(1e6, 1e9, 20)


def pair(ratio: float, drift: float = 0.0, seed: int = 0, sigma: float = 0.01):
    rng = default_rng(seed)
    base = 20 * N**-0.1
    new = base * ratio * (N / N[0]) ** drift
    X = np.concatenate([N, N])[None]
    L = np.concatenate([base, new]) * np.exp(sigma * rng.standard_normal(40))
    return X, L, np.repeat(["a", "b"], 20)


def test_the_ratio_of_two_systems_is_found_and_its_interval_holds():
    inside = 0
    for seed in range(100):
        found = compare(*pair(0.97, seed=seed))
        inside += found.ratio.lo <= 0.97 <= found.ratio.hi
    assert abs(inside / 100 - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 100)
    # Unpaired, the losses of either spread by a factor of two.
    assert compare(*pair(0.97)).ratio.half_width < 0.01


def test_a_difference_that_grows_with_scale_has_a_trend():
    found = compare(*pair(1.0, drift=-0.01))
    assert found.trend is not None
    assert found.trend.value == pytest.approx(-0.01, abs=4 * found.trend.stderr)
    assert found.trend.hi < 0
    flat = compare(*pair(1.0)).trend
    assert flat is not None
    assert flat.lo < 0 < flat.hi


def test_what_the_other_lacks_is_left_out_and_said():
    X, L, system = pair(0.97)
    kept = np.arange(40) != 25
    found = compare(X[:, kept], L[kept], system[kept])
    assert found.pairs == 19
    assert found.notes == ("a: 1 x that the other lacks were left out",)


@pytest.mark.parametrize(
    ("system", "match"),
    [
        (["a"] * 40, "two systems, the column holds 1"),
        (["a", "b", "c", "d"] * 10, "holds 4"),
        (["a"] * 39 + ["b"], "have 1 x in common"),
    ],
)
def test_what_cannot_be_paired_is_refused(system: list[str], match: str):
    X, L, _ = pair(1.0)
    with pytest.raises(BadInput, match=match):
        compare(X, L, np.array(system))


def test_systems_without_scatter_are_said_to_have_none():
    loss = 3 * N**-0.1
    system = np.repeat(["a", "b"], len(N))
    found = compare(np.tile(N, 2)[None], np.concatenate([loss, 0.9 * loss]), system)
    assert any("no scatter beyond rounding" in note for note in found.notes)
