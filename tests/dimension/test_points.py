"""Points are read once, and repeats are found exactly."""

import importlib
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from scalinglaws import dimension
from scalinglaws.dimension import estimators, neighbors
from scalinglaws.dimension.cloud import power_of_two
from scalinglaws.dimension.methods import linear, pairs
from scalinglaws.dimension.points import as_rows, distinct, survey
from scalinglaws.errors import BadInput

search, product, recheck = (
    importlib.import_module(f"scalinglaws.dimension.engines.{name}")
    for name in ("search", "product", "recheck")
)


def first_of_each(X: np.ndarray) -> list[int]:
    seen: dict[tuple[float, ...], int] = {}
    for i, row in enumerate(X.tolist()):
        seen.setdefault(tuple(row), i)
    return sorted(seen.values())


small = st.sampled_from([0.0, -0.0, 1.0, -1.0, 5e-324, 1e308])
tables = st.lists(st.tuples(small, small), min_size=1, max_size=40).map(np.array)


@settings(deadline=None)
@given(tables, st.booleans())
def test_the_first_of_equal_rows_is_kept_whatever_the_hashes(X: np.ndarray, collide: bool):
    """Also where all rows have one hash: rows are compared, not hashes."""
    hashes = np.zeros(len(X), dtype=np.uint64) if collide else None
    assert distinct(X, hashes).tolist() == first_of_each(X)


def test_rows_of_few_digits_have_hashes_of_their_own():
    """Whole numbers, signs and powers of two differ in few bits of a float64."""
    signs = np.stack(np.meshgrid(*[[-1.0, 1.0]] * 14), axis=-1).reshape(-1, 14)
    whole = np.stack(np.meshgrid(np.arange(128.0), np.arange(128.0)), axis=-1).reshape(-1, 2)
    powers = np.ldexp(1.0, np.arange(-1000, 1000))[:, None]
    for X in (signs, whole, powers, whole.astype(np.float32), whole.astype(np.uint8)):
        assert len(np.unique(survey(X).hashes)) == len(X)


def test_the_largest_coordinate_is_found_by_size():
    assert survey(np.array([[1.0, -7.0], [3.0, 2.0]])).largest == 7


@pytest.mark.parametrize("largest", [5e-324, 1e-310, 0.75, 1.0, 3.0, 1.7e308])
def test_scaling_rounds_nothing(largest: float):
    unit = power_of_two(largest)
    assert largest / unit * unit == largest
    assert 1 / unit * unit == 1
    assert power_of_two(np.array([0.0, -largest])) == unit


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("u1", "f4"),
        ("i2", "f4"),
        ("f2", "f4"),
        (">f4", "f4"),
        ("?", "f4"),
        ("i4", "f8"),
        ("f8", "f8"),
    ],
)
def test_numbers_are_kept_in_the_smallest_type_that_holds_them(given: str, kept: str):
    assert as_rows(np.ones((3, 2), dtype=given)).dtype == np.dtype(kept)


# Python's numbers, and tensors of types that numpy has not.


def test_objects_that_are_numbers_are_those_numbers():
    X = np.random.default_rng(0).normal(size=(60, 3))
    of_objects = X.astype(object)
    assert dimension.twonn(of_objects) == dimension.twonn(X)
    assert estimators.TwoNN().fit(of_objects).result_ == dimension.twonn(X)
    of_objects[:, 0] = (100 * X[:, 0]).astype(int)  # a frame's columns, each of its own type
    of_objects[:, 1] = X[:, 1] > 0
    assert as_rows(of_objects)[5].tolist() == [int(100 * X[5, 0]), float(X[5, 1] > 0), X[5, 2]]


@pytest.mark.parametrize(
    ("odd", "complaint"),
    [
        ("3", "objects of type float, str: keep the columns of numbers"),
        (b"3", "objects of type bytes, float"),
        (1j, "objects of type complex, float"),
        ({}, "objects of type dict, float"),
        ([1.0, 2.0], "objects of type float, list"),
        (10**400, "objects of type float, int"),
        (2**53 + 1, r"integers above 2\^53 lose their last digits"),
        (None, "NaN or infinity in 1 row: 4 "),
        (np.nan, "NaN or infinity in 1 row: 4 "),
    ],
    ids=repr,
)
def test_an_object_that_is_no_number_is_named(odd: object, complaint: str):
    X = np.random.default_rng(0).normal(size=(60, 3)).astype(object)
    X[4, 1] = odd
    with pytest.raises(BadInput, match=complaint):
        dimension.twonn(X)


@pytest.mark.parametrize("name", ["bfloat16", "float16", "float8_e4m3fn", "float8_e5m2"])
def test_a_narrow_tensor_is_the_numbers_it_holds(name: str):
    tensor = torch.tensor(np.random.default_rng(0).normal(size=(60, 3))).to(getattr(torch, name))
    np.testing.assert_array_equal(as_rows(tensor), tensor.double().numpy())


@pytest.mark.parametrize(
    "tensor",
    [
        torch.ones(6, 2).to_sparse(),
        torch.ones(6, 2, device="meta"),
    ],
    ids=["sparse", "meta"],
)
def test_a_tensor_that_numpy_cannot_hold_is_refused_with_the_mend(tensor: torch.Tensor):
    with pytest.raises(BadInput, match="use to_dense, dequantize or float"):
        dimension.twonn(tensor)


# Points in a file, read as they are asked for.


@pytest.fixture
def in_file(tmp_path: Path):
    def save(X: np.ndarray) -> np.memmap:
        np.save(tmp_path / "points.npy", X)
        return np.load(tmp_path / "points.npy", mmap_mode="r")

    return save


@pytest.mark.parametrize("dtype", ["f4", "f8", ">f8", "f2", "i4"])
@pytest.mark.parametrize("queries", [None, 50])
def test_neighbours_of_points_in_a_file_are_those_in_memory(
    dtype: str, queries: int | None, in_file, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(search, "SMALL", 0)
    X = (np.random.default_rng(0).normal(size=(2500, 8)) * 100).astype(dtype)
    X[7] = X[2000]
    there = neighbors(X, 5, queries=queries)
    monkeypatch.setattr(product, "HELD", 1 << 14)  # queries in several parts
    monkeypatch.setattr(recheck, "GATHERED", 1 << 12)
    here = neighbors(in_file(X), 5, queries=queries)
    assert here.engine == "float32 products"
    assert here.duplicates == there.duplicates
    np.testing.assert_array_equal(here.rows, there.rows)
    np.testing.assert_allclose(here.r, there.r, rtol=1e-13)
    assert (here.index == there.index).mean() > (0.9 if dtype in ("f2", "i4") else 0.9999)  # ties


def test_memory_does_not_grow_with_the_file(in_file, monkeypatch: pytest.MonkeyPatch):
    """What is held is a fraction of the file's 26 MB, and no block is the whole."""
    n, D, k = 100_000, 64, 5
    points = in_file(np.random.default_rng(0).standard_normal((n, D), dtype=np.float32))
    monkeypatch.setattr(recheck, "GATHERED", 1 << 17)
    monkeypatch.setattr(product, "ROWS", 512)  # of a block that every thread has
    neighbors(points[:3000], k, queries=2500)  # machine code is loaded once
    tracemalloc.start()
    nb = neighbors(points, k, queries=200)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert nb.engine == "float32 products"
    assert peak < points.nbytes / 3
    x = np.asarray(points, dtype=np.float64)
    for i in range(0, 200, 40):
        r = np.sort(np.linalg.norm(x - x[nb.queries[i]], axis=1))[1 : k + 1]
        np.testing.assert_allclose(nb.r[i], r, rtol=1e-12)


def test_bad_rows_of_a_file_are_named(in_file):
    X = np.ones((5000, 40))
    X[[3, 4999], 7] = np.nan
    with pytest.raises(BadInput, match="2 rows: 3, 4999"):
        neighbors(in_file(X), 2)


METHODS_OF_A_FILE = {
    "pr": dimension.participation_ratio,
    "pca": dimension.pca_count,
    "corrint": dimension.corrint,
}
each_method_of_a_file = pytest.mark.parametrize(
    "method", METHODS_OF_A_FILE.values(), ids=METHODS_OF_A_FILE
)


@each_method_of_a_file
@pytest.mark.parametrize("dtype", ["f4", ">f8", "f2", "i4"])
def test_estimates_of_points_in_a_file_are_those_in_memory(method, dtype: str, in_file):
    """Far from the origin, with a repeated row."""
    X = (np.random.default_rng(0).normal(size=(600, 6)) * 100 + 1000).astype(dtype)
    X[7] = X[400]
    here, there = method(in_file(X)), method(X)
    assert here == there


@each_method_of_a_file
def test_an_estimate_holds_no_more_than_blocks_of_a_file(
    method, in_file, monkeypatch: pytest.MonkeyPatch
):
    rng = np.random.default_rng(0)
    few = rng.standard_normal((2000, 64), dtype=np.float32)
    method(few)  # what is imported and compiled on the way does not count
    points = in_file(np.concatenate([few, rng.standard_normal((60_000, 64), dtype=np.float32)]))
    for module in (linear, pairs):
        monkeypatch.setattr(module, "BLOCK", 1 << 17)
    monkeypatch.setattr(recheck, "GATHERED", 1 << 17)
    monkeypatch.setattr(product, "ROWS", 512)
    asked = {}
    if method is dimension.corrint:
        asked = {"nb": neighbors(points, 20, queries=50)}
    tracemalloc.start()
    method(points, **asked)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < points.nbytes / 2
