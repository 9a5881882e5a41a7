"""Random walks on trees, nearest labelled sites by two sweeps, and regression from them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path

from scalinglaws.errors import BadInput
from scalinglaws.percolation import (
    grow_between,
    nearest_labelled,
    points_per_dof,
    random_walk,
    regression_loss,
)


@st.composite
def trees(draw: st.DrawFn) -> np.ndarray:
    """Any tree with parents before children, not only breadth-first ones."""
    s = draw(st.integers(2, 40))
    parents = [draw(st.integers(0, i - 1)) for i in range(1, s)]
    return np.array([-1, *parents], dtype=np.int32)


def distances(parent: np.ndarray) -> np.ndarray:
    """All pairs by Dijkstra on the graph."""
    s = len(parent)
    edges = coo_array((np.ones(s - 1), (np.arange(1, s), parent[1:])), shape=(s, s))
    return shortest_path(edges.tocsr(), directed=False)


def chain(s: int) -> np.ndarray:
    return np.arange(-1, s - 1, dtype=np.int32)


def critical(seed: int, size_min: int, size_max: int) -> np.ndarray:
    return grow_between(np.random.default_rng(seed), 200, 1 / 199, size_min, size_max).parent


@given(parent=trees(), data=st.data())
@settings(deadline=None)
def test_two_sweeps_find_the_nearest_label_of_every_site(parent: np.ndarray, data: st.DataObject):
    s = len(parent)
    labelled = np.array(data.draw(st.lists(st.integers(0, s - 1), min_size=1, unique=True)))
    nearest = nearest_labelled(parent, labelled)
    D = distances(parent)
    np.testing.assert_array_equal(nearest.distance, D[:, labelled].min(axis=1))
    assert set(nearest.site) <= set(labelled)
    np.testing.assert_array_equal(D[np.arange(s), nearest.site], nearest.distance)


def test_ties_go_to_the_subtree_and_there_to_the_last_child():
    parent = np.array([-1, 0, 0, 1, 1], dtype=np.int32)
    assert nearest_labelled(parent, [0, 3, 4]).site[1] == 4
    assert nearest_labelled(parent, [1, 2]).site[0] == 2


def test_nearest_labels_lie_half_as_far_where_there_are_four_times_as_many():
    """Distance ~ (s/n)^1/2: chemical dimension 2.

    Read at distances of 50 to 200 sites; at 5 to 25 the lattice spacing still makes it .556.
    """
    slopes = []
    for k in range(12):
        parent = critical(50 + k, 200_000, 400_000)
        rng = np.random.default_rng(k)
        far, near = (
            nearest_labelled(parent, rng.choice(len(parent), n, replace=False)).distance.mean()
            for n in (16, 256)
        )
        slopes.append(np.log(far / near) / np.log(16))
    assert abs(np.mean(slopes) - 0.5) < 4 * np.std(slopes) / 12**0.5 + 0.01


def test_a_walk_is_standardised_and_its_increments_are_independent_gaussians():
    parent = critical(12, 20_000, 40_000)
    y = random_walk(parent, np.random.default_rng(1))
    s = len(y)
    assert y.mean() == pytest.approx(0, abs=1e-10)
    assert y.std() == pytest.approx(1, rel=1e-12)
    step = y[1:] - y[parent[1:]]
    step = step / step.std()
    assert abs(step.mean()) < 4 / s**0.5
    assert abs((step**4).mean() - 3) < 4 * (96 / s) ** 0.5
    assert abs((step[1:] * step[:-1]).mean()) < 4 / s**0.5


def test_differences_of_a_walk_grow_as_the_graph_distance():
    """On a chain E (y_i - y_j)^2 is proportional to |i - j|; 4 standard errors of an average."""
    s, lags, repeats = 20_000, (1, 4, 16), 4
    for lag in lags:
        ratio = []
        for seed in range(repeats):
            y = random_walk(chain(s), np.random.default_rng(seed))
            ratio.append(np.mean((y[lag:] - y[:-lag]) ** 2) / np.mean((y[1:] - y[:-1]) ** 2))
        stderr = lag * np.sqrt(2 * 4 * lag / 3 / s / repeats)
        assert abs(np.mean(ratio) - lag) < 4 * stderr + 1e-12


def test_regression_is_the_shrunk_nearest_value():
    """Against the definition, site by site, on a small tree."""
    parent = critical(13, 50, 80)
    s = len(parent)
    y = random_walk(parent, np.random.default_rng(2))
    D = distances(parent)
    for n in (1, 5, s - 1):
        train = np.random.default_rng(n).choice(s, size=n, replace=False)
        rest = np.setdiff1d(np.arange(s), train)
        if n == 1:  # one label: no ties
            predicted = y[train] / (1 + D[rest, train[0]] / s**0.5)
            expected = np.mean((y[rest] - predicted) ** 2)
            assert regression_loss(parent, y, n, np.random.default_rng(n)) == pytest.approx(
                expected
            )
        loss = regression_loss(parent, y, n, np.random.default_rng(n))
        bound = np.max((np.abs(y)[:, None] + np.abs(y)[None, :]) ** 2)
        assert 0 < loss < bound


def test_without_training_sites_nothing_is_predicted():
    parent = critical(14, 300, 400)
    y = random_walk(parent, np.random.default_rng(3))
    assert regression_loss(parent, y, 0, np.random.default_rng(0)) == pytest.approx(1)


def test_a_sample_of_test_sites_estimates_the_loss_on_all_of_them():
    parent = critical(15, 20_000, 30_000)
    y = random_walk(parent, np.random.default_rng(4))
    everywhere = [regression_loss(parent, y, 50, np.random.default_rng(i)) for i in range(30)]
    sampled = [regression_loss(parent, y, 50, np.random.default_rng(i), 200) for i in range(30)]
    stderr = np.hypot(np.std(everywhere), np.std(sampled)) / 30**0.5
    assert abs(np.mean(everywhere) - np.mean(sampled)) < 4 * stderr


def test_the_loss_of_a_cluster_falls_as_one_over_the_root_of_its_training_sites():
    """n^-1/2 for 16 <= n <= s/10, 12 clusters; 4 standard errors, .01 for the finite range."""
    slopes = []
    n_train = np.array([16, 32, 64, 128, 256, 512, 1024])
    for k in range(12):
        parent = critical(100 + k, 20_000, 60_000)
        y = random_walk(parent, np.random.default_rng(k))
        rng = np.random.default_rng(k)
        loss = [regression_loss(parent, y, int(n), rng) for n in n_train]
        slopes.append(np.polyfit(np.log(n_train), np.log(loss), 1)[0])
    assert abs(np.mean(slopes) + 0.5) < 4 * np.std(slopes) / 12**0.5 + 0.01


def test_the_same_seeds_give_the_same_bits():
    a, b = (
        regression_loss(
            critical(16, 500, 900),
            random_walk(critical(16, 500, 900), np.random.default_rng(5)),
            20,
            np.random.default_rng(6),
        )
        for _ in range(2)
    )
    assert a == b


@given(g=st.floats(1.2, 40), seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=30)
def test_points_per_dof_are_recovered(g: float, seed: int):
    """loss = max(n/g, 1)^-1/2 with 2 % noise; dlog loss/dlog g = 1/2 over the falling points."""
    n = np.unique(np.geomspace(1, 10_000, 40).round().astype(int))
    noise = 0.02 * np.random.default_rng(seed).standard_normal(len(n))
    loss = np.maximum(n / g, 1) ** -0.5 * np.exp(noise)
    falling = (n > g).sum()
    assert abs(np.log(points_per_dof(n, loss) / g)) < 5 * 0.02 * 2 / falling**0.5


def test_percolation_regression_refuses_what_does_not_fit():
    parent = chain(10)
    y = random_walk(parent, np.random.default_rng(0))
    rng = np.random.default_rng(0)
    with pytest.raises(BadInput, match="do not fit"):
        regression_loss(parent, y, 10, rng)
    with pytest.raises(BadInput, match="do not fit"):
        regression_loss(parent, y, 5, rng, 6)
    with pytest.raises(BadInput, match="at least one"):
        nearest_labelled(parent, [])
    with pytest.raises(BadInput, match=r"0\.\.9"):
        nearest_labelled(parent, [10])
    with pytest.raises(BadInput, match="one site"):
        random_walk(chain(1), rng)
