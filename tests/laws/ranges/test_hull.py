"""Pareto front and lower hull: against scipy's hull, by properties, and on the Gemstones."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from scalinglaws.errors import BadInput
from scalinglaws.laws.ranges.hull import bins, lower_hull, pareto_front

positive = st.floats(1e-3, 1e3)
tables = st.lists(st.tuples(positive, positive), min_size=1, max_size=30)


def by_scipy(x, L):
    """The Gemstones' own recipe: a hull with one point far up and right, then falling losses."""
    points = np.log(np.vstack([[2 * x.max(), 2 * L.max()], np.stack([x, L], axis=1)]))
    corners = ConvexHull(points).vertices
    corners = corners[corners != 0] - 1
    corners = corners[np.argsort(x[corners])]
    return [i for k, i in enumerate(corners) if k == 0 or L[i] < L[corners[k - 1]]]


def test_hull_is_that_of_another_implementation():
    rng = np.random.default_rng(0)
    for _ in range(30):
        x = np.exp(rng.uniform(0, 5, 60))
        L = x**-0.3 * np.exp(0.2 * rng.exponential(size=60))
        assert lower_hull(x, L).tolist() == by_scipy(x, L)


@given(tables)
@settings(deadline=None, max_examples=60)
def test_every_run_is_beaten_by_the_front_and_lies_above_the_hull(table):
    x, L = np.array(table).T
    front, hull = pareto_front(x, L), lower_hull(x, L)
    assert set(hull) <= set(front)
    assert (np.diff(x[front]) > 0).all()
    assert (np.diff(L[front]) < 0).all()
    for a, b in zip(x, L, strict=True):
        assert any(x[i] <= a and L[i] <= b for i in front)
    floor = np.interp(np.log(x), np.log(x[hull]), np.log(L[hull]))
    assert (np.log(L) >= floor - 1e-9).all()


def test_the_front_of_a_table_by_hand():
    assert pareto_front([1, 1, 2, 3, 4], [5, 4, 4, 2, 3]).tolist() == [1, 3]


def test_a_law_with_a_floor_is_all_hull_and_one_that_bends_down_only_its_ends():
    x = np.geomspace(1, 1e4, 9)
    assert lower_hull(x, 1 / x + 0.01).tolist() == list(range(9))
    assert lower_hull(x, 1 / x / (1 + x / 100)).tolist() == [0, 8]
    assert pareto_front(x, 1 / x / (1 + x / 100)).tolist() == list(range(9))


def test_bins_keep_the_least_loss_of_each():
    assert bins([1, 1.5, 20, 50, 1e4], [3, 2, 9, 1, 5], per_decade=1).tolist() == [1, 3, 4]


def test_noise_pulls_the_hull_below_the_envelope():
    """Why the hull's losses are no estimate of the law's: it is a choice of the luckiest runs."""
    rng = np.random.default_rng(1)
    x = np.geomspace(1, 1e3, 200)
    excess = []
    for _ in range(30):
        noise = 0.02 * rng.normal(size=200)
        excess.append(noise[lower_hull(x, (1 / x**0.3 + 1) * np.exp(noise))].mean())
    assert np.mean(excess) < -0.02


def test_the_gemstones_hull_rests_on_few_architectures(laws_data):
    """The runs to 100 B tokens: a sparse hull (McLeish et al. 2025, figure 3)."""
    runs = [json.loads(line) for line in laws_data("gemstones/hot.jsonl").read_text().splitlines()]
    names = ("params_active_precise", "tokens", "final_loss")
    N, D, L = (np.array([float(run[name]) for run in runs]) for name in names)
    hull = lower_hull(6 * N * D, L)
    assert hull.tolist() == by_scipy(6 * N * D, L)
    assert (len(runs), len(hull), len(pareto_front(6 * N * D, L))) == (220, 10, 52)
    shapes = {(runs[i]["width"], runs[i]["depth"]) for i in hull}
    every = {(run["width"], run["depth"]) for run in runs}
    assert (len(shapes), len(every)) == (6, 22)


def test_what_has_no_logarithm_is_refused():
    with pytest.raises(BadInput, match="positive, finite L"):
        lower_hull([1, 2], [1, 0])
    with pytest.raises(BadInput, match="at least 1"):
        bins([1], [1], per_decade=0)
