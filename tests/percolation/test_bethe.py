"""Clusters grown by branching: a tree in breadth-first order, with the exact law of sizes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from scalinglaws.errors import BadInput
from scalinglaws.percolation import grow, grow_between
from scalinglaws.theory.percolation import size_mean, size_pmf, size_probability


def sizes(seed: int, z: int, p: float, n: int, size_max: int = 10**6) -> np.ndarray:
    rng = np.random.default_rng(seed)
    grown = [grow(rng, z, p, size_max) for _ in range(n)]
    return np.array([len(g) if g is not None else size_max + 1 for g in grown])


def depths(parent: np.ndarray) -> np.ndarray:
    depth = np.zeros(len(parent), dtype=int)
    for i in range(1, len(parent)):
        depth[i] = depth[parent[i]] + 1
    return depth


@pytest.mark.parametrize(("z", "p"), [(3, 0.4), (200, 1 / 199)])
def test_sizes_follow_the_exact_law(z: int, p: float):
    """Chi-square at 1e-3 over s = 1..9 and wider classes; nothing is fitted."""
    n = 8000
    edges = [*range(1, 10), 15, 30, 60]
    s = sizes(1, z, p, n, size_max=999)
    observed, _ = np.histogram(s, [*edges, np.inf])
    inside = size_probability(edges, z, p)
    expected = n * np.append(inside, 1 - inside.sum())
    assert expected.min() > 5
    assert chisquare(observed, expected).pvalue > 1e-3


def test_a_root_without_its_further_trial_would_show():
    """Negative control: with z-1 neighbours for the root P(S = 1) is (1-p)^(z-1)."""
    z, p, n = 3, 0.4, 8000
    alone = (sizes(2, z, p, n) == 1).sum()
    for neighbours, agrees in ((z, True), (z - 1, False)):
        expected = n * (1 - p) ** neighbours
        assert (abs(alone - expected) < 4 * np.sqrt(expected)) == agrees


def test_the_mean_size_below_p_c_is_exact():
    z, p = 5, 0.15
    s = sizes(3, z, p, 20_000)
    assert abs(s.mean() - size_mean(z, p)) < 4 * s.std() / np.sqrt(len(s))


@given(seed=st.integers(0, 10**6), z=st.integers(3, 12))
@settings(deadline=None, max_examples=40)
def test_a_cluster_is_a_tree_in_breadth_first_order(seed: int, z: int):
    g = grow_between(np.random.default_rng(seed), z, 1 / (z - 1), 5, 2000)
    parent = g.parent
    assert parent.dtype == np.int32
    assert parent[0] == -1
    assert 5 <= len(parent) <= 2000
    assert (parent[1:] < np.arange(1, len(parent))).all()
    assert (np.diff(parent) >= 0).all()
    assert (np.diff(depths(parent)) >= 0).all()
    children = np.bincount(parent[1:], minlength=len(parent))
    assert children[0] <= z
    assert children[1:].max() <= z - 1


def test_the_depth_of_a_critical_cluster_grows_as_the_root_of_its_size():
    """Chemical dimension 2: mean depth ~ s^1/2, which at s = 100 still lacks a few per cent."""
    z = 200
    small, large = (
        [
            depths(grow_between(np.random.default_rng([7, k]), z, 1 / 199, s, 2 * s).parent).mean()
            for k in range(60)
        ]
        for s in (100, 6400)
    )
    growth = (np.log(large) - np.log(small)) / np.log(64)
    assert abs(growth.mean() - 0.5) < 4 * growth.std() / 60**0.5 + 0.02  # corrections ~ s^-1/2


def test_rejections_are_counted_with_the_exact_odds():
    z, p, kept = 200, 1 / 199, 150
    grown = [grow_between(np.random.default_rng([8, k]), z, p, 20, 200) for k in range(kept)]
    too_small, too_large = (sum(getattr(g, a) for g in grown) for a in ("too_small", "too_large"))
    below, within = size_probability([1, 20, 201], z, p)
    n = kept + too_small + too_large
    for count, share in ((kept, within), (too_large, 1 - below - within)):
        assert abs(count - n * share) < 4 * np.sqrt(n * share * (1 - share))


def test_the_same_seed_grows_the_same_cluster():
    a, b = (grow_between(np.random.default_rng(5), 200, 1 / 199, 300, 3000) for _ in range(2))
    np.testing.assert_array_equal(a.parent, b.parent)


def test_a_larger_limit_does_not_change_a_cluster():
    for seed in range(200):
        limited, free = (
            grow(np.random.default_rng(seed), 200, 1 / 199, size_max) for size_max in (600, 10**5)
        )
        if limited is None:
            assert free is None or len(free) > 600
        else:
            np.testing.assert_array_equal(limited, free)


def test_every_size_up_to_the_limit_is_kept_and_none_beyond():
    assert grow(np.random.default_rng(0), 3, 1.0, 1000) is None
    only = grow(np.random.default_rng(0), 3, 0.0, 1)
    assert only is not None
    assert only.tolist() == [-1]
    s = sizes(9, 3, 0.5, 4000, size_max=7)
    expected = 4000 * size_pmf(7, 3, 0.5)
    assert abs((s == 7).sum() - expected) < 4 * np.sqrt(expected)


def test_bethe_refuses_what_has_no_meaning():
    rng = np.random.default_rng(0)
    with pytest.raises(BadInput, match="0 <= p <= 1"):
        grow(rng, 3, 1.5, 10)
    with pytest.raises(BadInput, match="size_min <= size_max"):
        grow_between(rng, 3, 0.5, 10, 9)
