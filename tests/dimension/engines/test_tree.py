"""The KD-tree's cells, where there are many of them."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial import KDTree

from scalinglaws.dimension.engines import tree


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
