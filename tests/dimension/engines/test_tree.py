"""The KD-tree's cells, where there are many of them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import KDTree

from scalinglaws.dimension.cloud import Cloud
from scalinglaws.dimension.engines import tree
from scalinglaws.dimension.engines.rounding import rounding


@pytest.fixture
def uneven() -> np.ndarray:
    """A curved 4-d sheet in 12 columns, a hundred times denser here than there."""
    rng = np.random.default_rng(0)
    u = rng.normal(size=(6000, 4))
    return np.tanh(u * np.abs(u) @ rng.normal(size=(4, 12)) / 4)


@pytest.mark.parametrize("every", [1, 97], ids=["all points", "few queries"])
def test_no_cell_of_use_is_passed_over_and_none_is_scanned_twice(
    every: int, uneven: np.ndarray, as_cloud: Callable, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tree, "CELL", 16)
    cloud, queries, c = as_cloud(uneven), np.arange(0, 6000, every), 8
    found = tree.search_tree(tree.plant(cloud, c, 1), cloud, c, queries, 1)
    assert all(len(set(row)) == c for row in found.index.tolist())
    x = cloud.block(slice(None))
    r = np.linalg.norm(x[queries, None] - x[found.index], axis=2)
    exact, _ = KDTree(x).query(x[queries], c)
    np.testing.assert_allclose(np.sort(r, axis=1), exact, rtol=1e-9)


@pytest.mark.parametrize("columns", [9, 64, 250])
def test_the_axes_are_orthonormal_far_within_the_floors_margin(columns: int, as_cloud: Callable):
    """In extended precision, also where most of the variances are nothing but rounding."""
    rng = np.random.default_rng(0)
    sheet = np.sin(rng.uniform(size=(600, 3)) @ rng.normal(size=(3, columns)))
    found: list[np.ndarray] = []

    def watched(matrix: np.ndarray, eigh: Callable = np.linalg.eigh):
        found.append(eigh(matrix)[1])
        return None, found[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np.linalg, "eigh", watched)
        defect = tree.plant(as_cloud(sheet), 8, 1).defect
    V = found[0].astype(np.longdouble)
    exact = float(np.sqrt(((V.T @ V - np.eye(columns)) ** 2).sum()))
    assert 0 < exact < rounding(columns) / 2
    assert defect == pytest.approx(exact, rel=0.3)


def left_out_below(cloud: Cloud, planted: tree.Tree, all_distances: Callable) -> int:
    """How many queries have a point nearer than their floor that is not among the candidates."""
    queries = np.arange(cloud.n)
    found = tree.search_tree(planted, cloud, 14, queries, 1)
    true = all_distances(cloud)
    np.put_along_axis(true, found.index.astype(np.intp), np.inf, axis=1)
    return int((true.min(axis=1) < found.floor * (1 - 1e-12)).sum())


def test_floors_hold_in_many_columns_even_along_bad_axes(
    as_cloud: Callable, all_distances: Callable, monkeypatch: pytest.MonkeyPatch
):
    """Axes 3 % too long put every candidate 3 % too far: the defect is all that tells."""
    rng = np.random.default_rng(0)
    cloud = as_cloud(np.sin(rng.uniform(size=(400, 5)) @ rng.normal(size=(5, 200))))
    assert left_out_below(cloud, tree.plant(cloud, 14, 1), all_distances) == 0
    good = np.linalg.eigh
    monkeypatch.setattr(np.linalg, "eigh", lambda matrix: (None, good(matrix)[1] * 1.03))
    bad = tree.plant(cloud, 14, 1)
    assert left_out_below(cloud, bad, all_distances) == 0
    trusted = replace(bad, defect=0.0)  # the control
    assert left_out_below(cloud, trusted, all_distances) > 100
