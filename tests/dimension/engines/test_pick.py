"""The engine follows what each would have to do."""

from collections.abc import Callable

import numpy as np
import pytest

from scalinglaws.dimension.engines import pick as picking
from scalinglaws.dimension.engines.pick import pick


def embedded(n: int, d: int, D: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    axes, _ = np.linalg.qr(rng.normal(size=(D, d)))
    return rng.normal(size=(n, d)) @ axes.T


@pytest.mark.parametrize(
    ("d", "name"), [(2, "KD-tree"), (20, "float32 products")], ids=["low d", "high d"]
)
def test_a_tree_is_for_few_dimensions(d: int, name: str, as_cloud: Callable):
    cloud = as_cloud(embedded(5000, d, 24))
    assert pick(cloud, 25, np.arange(cloud.n), 1)[0] == name


def test_the_work_is_counted_where_the_pilot_is_of_no_help(as_cloud: Callable):
    """Sines of 5 coordinates, slow or fast: d reads alike, but the fast ones fill every cell."""
    rng = np.random.default_rng(0)
    u, W = rng.uniform(size=(5000, 5)), rng.normal(size=(5, 24))
    slow, fast = (as_cloud(np.sin(speed * u @ W)) for speed in (0.3, 4.0))
    assert picking.pilot_dimension(fast) == pytest.approx(picking.pilot_dimension(slow), rel=0.3)
    assert pick(slow, 25, np.arange(5000), 1)[0] == "KD-tree"
    assert pick(fast, 25, np.arange(5000), 1)[0] == "float32 products"


@pytest.mark.parametrize("d", [2, 5, 10])
def test_the_pilot_reads_d(d: int, as_cloud: Callable):
    found = picking.pilot_dimension(as_cloud(embedded(4000, d, 30)))
    # d/sqrt(1000) of chance, and the bias of a thousand points, low at larger d
    assert 0.75 * d < found < 1.15 * d


def test_a_tree_is_planted_only_where_it_may_pay(
    as_cloud: Callable, monkeypatch: pytest.MonkeyPatch
):
    """Not where d is large, columns are many, or the points are left in a file."""
    monkeypatch.setattr(picking, "plant", lambda *_: pytest.fail("a tree was planted"))
    for X in (embedded(2000, 30, 30), embedded(1000, 2, 40)):
        cloud = as_cloud(X)
        assert pick(cloud, 25, np.arange(cloud.n), 1)[0] == "float32 products"
