"""The neighbours are exact, whatever the points look like."""

import importlib
import threading
from collections.abc import Callable

import numpy as np
import pytest
import threadpoolctl
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from scalinglaws import dimension
from scalinglaws.dimension.neighbors import neighbors
from scalinglaws.errors import BadInput

Draw = Callable[..., np.ndarray]


def by_brute_force(X: np.ndarray, k: int) -> np.ndarray:
    """Distances by plain float64 differences, every pair."""
    r = np.sqrt(((X[:, None] - X[None]) ** 2).sum(axis=2))
    return np.sort(r, axis=1)[:, 1 : k + 1]


def curved(n: int, d: int, seed: int, columns: int = 20) -> np.ndarray:
    """A d-dimensional manifold in more columns."""
    rng = np.random.default_rng(seed)
    u = rng.uniform(-1, 1, size=(n, d))
    return np.tanh(u @ rng.normal(size=(d, columns)))


@pytest.fixture(params=["few points", "many points"])
def few_or_many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few are searched by plain differences; these few also as if they were many."""
    if request.param == "many points":
        search = importlib.import_module("scalinglaws.dimension.engines.search")
        monkeypatch.setattr(search, "SMALL", 0)


@pytest.mark.parametrize(
    ("d", "engine"), [(2, "KD-tree"), (20, "float32 products")], ids=["low d", "high d"]
)
def test_neighbours_are_those_scikit_learn_finds(d: int, engine: str):
    X = np.random.default_rng(0).normal(size=(4000, d)) @ np.eye(d, 20)
    nb = neighbors(X, 5)
    assert nb.engine == engine
    r, index = NearestNeighbors(n_neighbors=5, algorithm="brute").fit(X).kneighbors()
    np.testing.assert_allclose(nb.r, r, rtol=1e-9)  # theirs has lost digits to cancellation
    np.testing.assert_array_equal(nb.index, index)
    pairs = np.linalg.norm(X[:, None] - X[nb.index], axis=2)
    np.testing.assert_allclose(pairs, nb.r, rtol=1e-12)


@pytest.mark.usefixtures("few_or_many")
def test_cancellation_costs_no_digit_and_no_neighbour():
    """Two tight clusters far apart: |x|^2 + |y|^2 - 2xy has lost every digit of the distances."""
    tight = np.random.default_rng(0).normal(size=(400, 6)) * 1e-9
    X = tight + np.repeat([[1.0], [-1.0]], 200, axis=0)
    product = (X**2).sum(1)[:, None] + (X**2).sum(1) - 2 * X @ X.T
    naive = np.sqrt(np.sort(np.maximum(product, 0), axis=1)[:, 1:6])
    exact = by_brute_force(X, 5)
    assert np.median(np.abs(naive / exact - 1)) > 0.5  # the control: the product form fails
    np.testing.assert_allclose(neighbors(X, 5).r, exact, rtol=1e-12)


@pytest.mark.usefixtures("few_or_many")
def test_rows_of_float32_whose_distance_underflows_there_have_one_in_float64():
    """Differences of 1e-30 square to 0 in float32; such rows are no repeats, and none is lost."""
    X = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32)
    X[:100] = np.float32(1e-30) * X[200:]
    gap = X[:1] - X[1:100]
    assert (gap * gap == 0).all()  # the control
    nb = neighbors(X, 5)
    assert (nb.n, nb.duplicates) == (300, 0)
    np.testing.assert_allclose(nb.r, by_brute_force(X.astype(np.float64), 5), rtol=1e-12)


# Invariance: d is a property of the points, not of the units or axes they are written in.

points = st.builds(curved, st.just(60), st.integers(1, 4), st.integers(0, 50), st.just(6))


def all_d(X: np.ndarray) -> list[float]:
    nb = neighbors(X, 5)
    return [
        dimension.twonn(nb).d,
        dimension.knn(nb, 3).d,
        dimension.mle(nb, 5).d,
        dimension.mle_harmonic(nb, 5).d,
    ]


@settings(deadline=None, max_examples=30)
@given(points, st.integers(-150, 150), st.floats(1, 10))
def test_d_is_invariant_to_scale(X: np.ndarray, power: int, factor: float):
    # A factor that is no power of two rounds every coordinate anew, at 1e-16 of its size.
    assert all_d(X * (factor * 10.0**power)) == pytest.approx(all_d(X), rel=1e-9)


@pytest.mark.usefixtures("few_or_many")
@pytest.mark.parametrize("c", [1e-150, 1e-16, 1e150, 2.0**-480])
def test_d_survives_extreme_scales(c: float, sphere: Draw):
    X = sphere(5, 400, 0)
    assert all_d(X * c) == pytest.approx(all_d(X), rel=1e-9)


@settings(deadline=None, max_examples=20)
@given(points, st.integers(0, 100))
def test_d_is_invariant_to_rotation_and_isometric_embedding(X: np.ndarray, seed: int):
    rng = np.random.default_rng(seed)
    isometry, _ = np.linalg.qr(rng.normal(size=(9, X.shape[1])))
    assert all_d(X @ isometry.T + rng.normal(size=9)) == pytest.approx(all_d(X), rel=1e-8)


@settings(deadline=None, max_examples=20)
@given(points, st.randoms(use_true_random=False))
def test_d_is_invariant_to_row_order(X: np.ndarray, random: object):
    order = list(range(len(X)))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert all_d(X[order]) == pytest.approx(all_d(X), rel=1e-12)


@settings(deadline=None, max_examples=20)
@given(points, st.lists(st.integers(0, 59), max_size=40), st.booleans())
def test_repeated_rows_change_nothing(X: np.ndarray, repeats: list[int], first: bool):
    parts = [X[repeats], X] if first else [X, X[repeats]]
    nb = neighbors(np.vstack(parts), 5)
    assert (nb.n, nb.duplicates) == (60, len(repeats))
    assert all_d(np.vstack(parts)) == pytest.approx(all_d(X), rel=1e-12)


@pytest.mark.usefixtures("few_or_many")
def test_repeated_rows_give_exactly_the_clean_value(sphere: Draw):
    X = sphere(5, 1000, 0)
    assert dimension.twonn(np.vstack([X, X[:100]])) == dimension.twonn(X)


def test_minus_zero_repeats_zero():
    X = np.array([[0.0, 1], [-0.0, 1], [2, 3], [4, 1]])
    nb = neighbors(X, 2)
    assert nb.duplicates == 1
    assert nb.rows.tolist() == [0, 2, 3]


@pytest.mark.usefixtures("few_or_many")
def test_an_offset_in_float32_costs_no_more_than_its_rounding(sphere: Draw):
    rounded = sphere(5, 1000, 0).astype(np.float32) + np.float32(300)
    exact = rounded.astype(np.float64) - 300  # exact: the same points without the offset
    assert dimension.twonn(rounded).d == pytest.approx(dimension.twonn(exact).d, rel=1e-12)
    # The control: a float32 product form has no digit left.
    r2 = (rounded**2).sum(1)[:, None] + (rounded**2).sum(1) - 2 * rounded @ rounded.T
    np.fill_diagonal(r2, np.inf)
    assert (np.sort(r2, axis=1)[:, 0] <= 0).mean() > 0.1


@pytest.mark.usefixtures("few_or_many")
def test_constant_columns_change_nothing_but_the_count(sphere: Draw):
    X = sphere(3, 300, 0)
    padded = np.hstack([X, np.full((300, 4), 7.5)])
    assert dimension.twonn(padded).d == pytest.approx(dimension.twonn(X).d, rel=1e-12)
    assert neighbors(padded, 2).ambient == 8


# What cannot be measured is refused, with the rule and the rows.


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_rows_that_are_not_finite_are_named(bad: float, sphere: Draw):
    X = sphere(2, 30, 0)
    X[[3, 17, 20, 21, 22, 29], 1] = bad
    with pytest.raises(BadInput, match=r"6 rows: 3, 17, 20, 21, 22, \.\.\. \(counting from 0\)"):
        neighbors(X, 2)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.ones((30, 3)), "all 30 points are equal"),
        (np.ones((1, 3)), "there is one point"),
        (np.arange(10.0), r"got shape \(10,\): .*reshape\(-1, 1\)"),
        (np.zeros((2, 3, 4)), r"got shape \(2, 3, 4\)"),
        (np.zeros((0, 4)), r"got shape \(0, 4\)"),
        (np.array([["a"], ["b"]]), "must be real numbers"),
        (np.array([[1j], [2]]), "must be real numbers"),
        (np.array([[None], [2]]), "NaN or infinity in 1 row: 0 "),
        (np.array([["1"], [2]], dtype=object), "must be real numbers"),
        ([[1.0, 2], [3]], "differ in length"),
        (np.arange(6.0)[:, None], "20 neighbours need at least 21 distinct points, got 6"),
        (np.ma.masked_less(np.arange(60.0).reshape(30, 2), 5), "masked entries"),
        ([[0.0], [1e-200], [1.0], [2.0]], "1e-150"),
    ],
    ids=lambda value: None if isinstance(value, str) else "X",
)
def test_what_is_no_set_of_points_is_refused(X: object, message: str):
    k = 20 if "20 neigh" in message else 2
    with pytest.raises(BadInput, match=message):
        neighbors(X, k)


@pytest.mark.usefixtures("few_or_many")
@pytest.mark.parametrize("scale", [1e-320, 1e308])
def test_distances_outside_float64_are_refused(scale: float):
    X = np.random.default_rng(0).uniform(0.1, 1, size=(40, 30)) * np.array([-1.0, 1] * 15) * scale
    X[::2] *= -1
    with pytest.raises(BadInput, match="rescale the data"):
        neighbors(X, 30)


def test_fewer_neighbours_are_given_only_on_request(sphere: Draw):
    X = sphere(2, 10, 0)
    assert neighbors(X, 20, or_fewer=True).k == 9
    with pytest.raises(BadInput, match="at least 21"):
        neighbors(X, 20)


def test_any_array_like_is_taken(sphere: Draw):
    torch = pytest.importorskip("torch")
    polars = pytest.importorskip("polars")
    X = sphere(3, 100, 0)
    d = dimension.twonn(X).d
    assert dimension.twonn(X.tolist()).d == d
    assert dimension.twonn(torch.tensor(X, requires_grad=True)).d == d
    assert dimension.twonn(polars.DataFrame(X)).d == d
    assert dimension.twonn(np.asfortranarray(X)).d == d
    half = torch.tensor(X, dtype=torch.bfloat16)
    assert dimension.twonn(half).d == dimension.twonn(half.double().numpy()).d
    whole = np.arange(200).reshape(100, 2) ** 2
    assert dimension.twonn(whole).d == dimension.twonn(whole.astype(float)).d


# Query subsets


@pytest.mark.usefixtures("few_or_many")
def test_queries_are_a_subset_of_the_whole_search():
    X = np.random.default_rng(0).normal(size=(500, 4))
    whole, part = neighbors(X, 7), neighbors(X, 7, queries=60, seed=3)
    assert len(part.queries) == 60 == len(np.unique(part.queries))
    np.testing.assert_array_equal(part.index, whole.index[part.queries])
    np.testing.assert_array_equal(part.r, whole.r[part.queries])
    assert part.n == whole.n == 500
    other = neighbors(X, 7, queries=60, seed=4)
    assert set(other.queries) != set(part.queries)
    assert len(neighbors(X, 7, queries=501).queries) == 500


def test_the_error_from_queries_is_the_spread_over_draws_of_points_and_queries():
    draws = [
        dimension.twonn(
            neighbors(np.random.default_rng(seed).random((3000, 3)), 2, queries=300, seed=seed)
        )
        for seed in range(60)
    ]
    spread = np.std([one.d for one in draws], ddof=1)
    claimed = np.mean([one.stderr for one in draws])
    assert claimed / spread == pytest.approx(1, abs=4 / np.sqrt(2 * 60))


@pytest.mark.parametrize("change", ["as it is", "by 0.1", "turned", "moved"])
def test_a_lattice_is_tied_however_it_is_written(change: str):
    """Rounding must not break ties: ratios of 1 + 1e-16 would read as d = 1e15."""
    lattice = np.stack(np.meshgrid(np.arange(20.0), np.arange(20.0)), axis=-1).reshape(-1, 2)
    turn = np.array([[np.cos(0.3), np.sin(0.3)], [-np.sin(0.3), np.cos(0.3)]])
    X = {
        "as it is": lattice,
        "by 0.1": lattice * 0.1,
        "turned": lattice @ turn,
        "moved": lattice * 0.1 + 0.3,
    }[change]
    assert neighbors(X, 2).tied == 1
    with pytest.raises(BadInput, match="lattice"):
        dimension.twonn(X)


def test_one_query_point_is_refused(sphere: Draw):
    with pytest.raises(BadInput, match="2 query points or more, got queries = 1"):
        neighbors(sphere(2, 50, 0), 3, queries=1)


def test_many_neighbours_are_exact_too():
    X = curved(700, 3, seed=4)
    np.testing.assert_allclose(neighbors(X, 300).r, by_brute_force(X, 300), rtol=1e-12)


def test_integers_that_float64_would_make_one_are_refused():
    far = 2**60 + 3 * np.arange(40, dtype=np.int64)
    with pytest.raises(BadInput, match=r"integers above 2\^53 .*subtract an offset"):
        neighbors(np.stack([far, far], axis=1), 2)
    near = np.stack([far - 2**60, far - 2**60], axis=1)
    assert neighbors(near, 2).n == 40


def test_two_searches_at_once_leave_the_threads_of_products_as_they_were():
    def product_threads() -> list[int]:
        return [library["num_threads"] for library in threadpoolctl.threadpool_info()]

    before = product_threads()
    X = curved(3000, 16, seed=5, columns=40)
    searches = [threading.Thread(target=neighbors, args=(X, 5)) for _ in range(2)]
    for one in searches:
        one.start()
    for one in searches:
        one.join()
    assert product_threads() == before
