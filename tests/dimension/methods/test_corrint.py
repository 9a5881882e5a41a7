"""The correlation dimension, its pairs and its error."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from scalinglaws import dimension
from scalinglaws.dimension import Neighbors
from scalinglaws.dimension.methods import pairs
from scalinglaws.dimension.methods.pairs import pairs_within
from scalinglaws.errors import BadInput


def periodic_cube(n: int, d: int, seed: int, queries: int | None = None) -> Neighbors:
    """All neighbours on a flat torus without an embedding: C(r) is exactly a power law."""
    rng = np.random.default_rng(seed)
    X = rng.random((n, d))
    asked = np.arange(n) if queries is None else np.sort(rng.permutation(n)[:queries])
    gap = np.abs(X[asked, None] - X)
    r = np.sqrt((np.minimum(gap, 1 - gap) ** 2).sum(axis=2))
    index = np.argsort(r, axis=1)[:, 1:]
    return Neighbors(
        np.take_along_axis(r, index, 1), index, asked, np.arange(n), n, d, 0, "exact law"
    )


@pytest.mark.parametrize(
    ("points", "d"),
    [("ball5_in_10", 4.35505695941), ("sphere4_in_5", 3.74690091777)],
)
def test_the_r_package_ider_gives_the_same_d(
    points: str, d: float, references: dict[str, np.ndarray]
):
    X = references[points]
    found = dimension.corrint(X)
    assert found.d == pytest.approx(d, rel=1e-6)
    # However the pairs come: all from Neighbors, or searched where 20 neighbours are too few.
    assert dimension.corrint(dimension.neighbors(X, 299)) == found
    assert dimension.corrint(X, nb=dimension.neighbors(X, 60)) == found


@pytest.mark.parametrize(
    ("d", "queries"), [(1, None), (3, None), (2, 60)], ids=["d=1", "d=3", "queries"]
)
def test_mean_and_spread_are_those_claimed_on_the_exact_law(d: int, queries: int | None):
    repeats = 150
    found = [dimension.corrint(periodic_cube(150, d, s, queries), 5, 10) for s in range(repeats)]
    spread = np.std([one.d for one in found], ddof=1)
    assert abs(np.mean([one.d for one in found]) - d) < 4 * spread / np.sqrt(repeats)
    claimed = np.sqrt(np.mean([one.stderr**2 for one in found]))
    # Never below the error of independent pairs, so where that is all there is, a tenth too large.
    known = 1 / np.sqrt(2 * repeats)
    assert 1 - 4 * known < claimed / spread < 1.1 + 4 * known


def test_poisson_radii_give_back_their_d(poisson: Callable):
    for d in (1.0, 8.0):
        found = dimension.corrint(poisson(5000, 40, d, 0, among=5000), 5, 10)
        assert abs(found.d - d) < 4 * found.stderr < 0.1 * d


def test_the_spread_where_the_density_varies_is_the_one_claimed():
    """Crowded points stand in many pairs: the Poisson error of the counts is too small."""
    n, repeats = 200, 150
    d, claimed, poisson = np.empty((3, repeats))
    for seed in range(repeats):
        X = np.random.default_rng(seed).exponential(size=(n, 2))
        nb = dimension.neighbors(X, n - 1)
        found = dimension.corrint(nb)
        d[seed], claimed[seed] = found.d, found.stderr
        r1, r2 = np.median(nb.r[:, [9, 19]], axis=0)
        pairs1, pairs2 = ((nb.r < r).sum() / 2 for r in (r1, r2))
        poisson[seed] = np.sqrt(1 / pairs1 - 1 / pairs2) / np.log(r2 / r1)
    spread, known = np.std(d, ddof=1), 1 / np.sqrt(2 * repeats)
    assert np.sqrt(np.mean(claimed**2)) / spread == pytest.approx(1, abs=4 * known)
    assert poisson.mean() / spread < 1 - 4 * known  # the negative control


@pytest.mark.parametrize("engine", ["KD-tree", "brute force", "a file"])
def test_every_pair_is_found_once_from_either_end(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A tight crowd beside a cloud, far from the origin, with a repeated row."""
    rng = np.random.default_rng(0)
    X = 1e6 + np.vstack([rng.normal(size=(200, 3)), 1e-4 * rng.normal(size=(100, 3))])
    X = np.vstack([X[:1], X])
    nb = dimension.neighbors(X, 5)
    nb = Neighbors(**{**vars(nb), "engine": engine})
    given = X
    if engine == "a file":
        np.save(tmp_path / "X.npy", X)
        given = np.load(tmp_path / "X.npy", mmap_mode="r")
        monkeypatch.setattr(pairs, "BLOCK", 1 << 10)  # several blocks of queries and of points
        monkeypatch.setattr(pairs, "HELD", 1 << 8)
    all_r = cdist(X[nb.rows], X[nb.rows])
    np.fill_diagonal(all_r, np.inf)
    for radius in (1e-4, 0.3, 2.0):
        blocks = list(pairs_within(nb, radius, given))
        i, j, r = (np.concatenate(part) for part in zip(*blocks, strict=True))
        order = np.lexsort((j, i))
        assert np.stack([i, j], axis=1)[order].tolist() == np.argwhere(all_r < radius).tolist()
        np.testing.assert_allclose(r, all_r[i, j], rtol=1e-12)


def test_a_subset_of_queries_counts_its_pairs_with_all_points(sphere: Callable):
    X = sphere(3, 400, 0)
    nb = dimension.neighbors(X, 20, queries=50, seed=1)
    r1, r2 = np.median(nb.r[:, [9, 19]], axis=0)
    all_r = cdist(X[nb.queries], X)
    pairs1, pairs2 = ((all_r < r).sum() - 50 for r in (r1, r2))  # but for a query with itself
    expected = np.log(pairs2 / pairs1) / np.log(r2 / r1)
    assert dimension.corrint(X, nb=nb).d == pytest.approx(expected, rel=1e-12)


def test_neighbors_alone_do_only_where_they_hold_every_pair(sphere: Callable):
    X = sphere(2, 200, 0)
    nb = dimension.neighbors(X, 20)
    with pytest.raises(BadInput, match=r"\d+ of 200 points have more than 20 others within 0\.\d+"):
        dimension.corrint(nb)
    with pytest.raises(BadInput, match=r"of other points than these, of shape \(199, 3\)"):
        dimension.corrint(X[1:], nb=nb)


def test_what_it_cannot_use_is_refused(lattice: np.ndarray):
    for k1, k2 in ((0, 5), (5, 5), (20, 10)):
        with pytest.raises(BadInput, match=f"1 <= k1 < k2, got {k1} and {k2}"):
            dimension.corrint(lattice, k1, k2)
    with pytest.raises(BadInput, match="neighbours 1 and 4 of 100 of 144 points are equally far"):
        dimension.corrint(lattice, 1, 4)
    assert 1.5 < dimension.corrint(lattice, 8, 20).d < 2.5
