"""What every engine owes: candidates, and a floor that nothing left out is below."""

import importlib
from collections.abc import Callable

import numpy as np
import pytest

from scalinglaws.dimension.cloud import Cloud
from scalinglaws.dimension.engines.candidates import TIE, Candidates, asked
from scalinglaws.dimension.engines.differences import differences
from scalinglaws.dimension.engines.product import product
from scalinglaws.dimension.engines.recheck import recheck
from scalinglaws.dimension.engines.tree import plant, search_tree

K = 10
# The package has a function of this name.
searching = importlib.import_module("scalinglaws.dimension.engines.search")

Engine = Callable[[Cloud, int, np.ndarray], Candidates]

ENGINES: dict[str, Engine] = {
    "float32 products": lambda cloud, c, queries: product(cloud, c, queries, np.float32, 2),
    "float64 products": lambda cloud, c, queries: product(cloud, c, queries, np.float64, 2),
    "KD-tree": lambda cloud, c, queries: search_tree(plant(cloud, c, 2), cloud, c, queries, 2),
}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    return ENGINES[request.param]


def nearest_of(cloud: Cloud, queries: np.ndarray, index: np.ndarray) -> np.ndarray:
    r, which = np.empty((len(queries), K)), np.empty((len(queries), K), dtype=np.intp)
    recheck(cloud, queries, index, np.arange(len(queries)), r, which, 2)
    return r


def doubtful(found: Candidates, r: np.ndarray) -> np.ndarray:
    return found.floor < r[:, -1] * (1 - TIE)


def test_nothing_left_out_is_below_the_floor(
    engine: Engine, hostile: np.ndarray, as_cloud: Callable, all_distances: Callable
):
    """And where the floor leaves no doubt, the nearest candidates are the nearest points."""
    cloud = as_cloud(hostile)
    true, c = all_distances(cloud), asked(K, cloud.n)
    everyone = np.arange(cloud.n)
    for queries in (everyone, everyone[::7]):
        found = engine(cloud, c, queries)
        assert all(len(set(row)) == c for row in found.index.tolist())
        left_out = true[queries].copy()
        np.put_along_axis(left_out, found.index.astype(np.intp), np.inf, axis=1)
        assert (left_out.min(axis=1) >= found.floor * (1 - TIE)).all()
        r = nearest_of(cloud, queries, found.index)
        sure = ~doubtful(found, r)
        exact_r = np.sort(true[queries], axis=1)[:, :K]
        np.testing.assert_allclose(r[sure], exact_r[sure], rtol=TIE)


@pytest.mark.parametrize("few", [0, np.inf], ids=["float64 products next", "differences next"])
@pytest.mark.parametrize("first", ENGINES)
def test_the_search_is_exact_whichever_engine_comes_first(
    first: str,
    few: float,
    hostile: np.ndarray,
    as_cloud: Callable,
    all_distances: Callable,
    monkeypatch: pytest.MonkeyPatch,
):
    cloud = as_cloud(hostile)
    monkeypatch.setattr(searching, "SMALL", 0)
    monkeypatch.setattr(searching, "FEW", few)
    monkeypatch.setattr(
        searching, "pick", lambda cloud, c, *_: (first, lambda q: ENGINES[first](cloud, c, q))
    )
    r, index, name = searching.search(cloud, K, np.arange(cloud.n))
    true = all_distances(cloud)
    assert name == first
    np.testing.assert_allclose(r, np.sort(true, axis=1)[:, :K], rtol=TIE)
    np.testing.assert_allclose(np.take_along_axis(true, index, axis=1), r, rtol=TIE)


def test_plain_differences_are_exact(
    hostile: np.ndarray, as_cloud: Callable, all_distances: Callable
):
    cloud = as_cloud(hostile)
    queries = np.arange(cloud.n)[::3]
    r, index = differences(cloud, K, queries)
    true = all_distances(cloud)[queries]
    np.testing.assert_allclose(r, np.sort(true, axis=1)[:, :K], rtol=TIE)
    np.testing.assert_allclose(np.take_along_axis(true, index, axis=1), r, rtol=TIE)


@pytest.mark.parametrize(
    ("name", "dtype", "wrong"),
    [
        ("gaussian", np.float32, 0.0),
        ("tight clusters far apart", np.float32, 0.9),
        ("tight clusters far apart", np.float64, 0.9),
        ("distances float32 cannot square", np.float32, 0.4),
    ],
)
def test_where_products_lose_the_order_the_floor_says_so(
    name: str,
    dtype: type,
    wrong: float,
    points: dict,
    as_cloud: Callable,
    all_distances: Callable,
):
    """The control: without its floor this engine would be wrong for so many of the points."""
    cloud = as_cloud(points[name]())
    queries = np.arange(cloud.n)
    found = product(cloud, asked(K, cloud.n), queries, dtype, 1)
    r = nearest_of(cloud, queries, found.index)
    exact_r = np.sort(all_distances(cloud), axis=1)[:, :K]
    missed = (np.abs(r / exact_r - 1) > TIE).any(axis=1)
    assert missed.mean() >= wrong
    assert doubtful(found, r)[missed].all()
    if not wrong:
        assert doubtful(found, r).mean() < 0.01  # and where it is right, it is seldom in doubt


def test_threads_change_nothing(points: dict, as_cloud: Callable):
    cloud = as_cloud(points["curved"]())
    queries = np.arange(cloud.n)
    one, two = (product(cloud, 14, queries, np.float32, threads) for threads in (1, 2))
    np.testing.assert_array_equal(one.index, two.index)
    np.testing.assert_array_equal(one.floor, two.floor)
