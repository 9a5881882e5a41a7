"""Ways to find neighbour candidates, and the recheck that makes the answer exact.

Points reach this module distinct and scaled so that the largest coordinate is in [1/2, 1).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from scalinglaws.errors import BadInput

EXTRA = 2  # candidates beyond k: room for rounding to order near-ties wrongly
BLOCK = 1 << 21  # numbers per block of differences: 16 MiB
SMALL = 1 << 27  # n^2 D up to which plain differences cost less than an import
PILOT = 1000  # points that say how many dimensions a tree would have to cut
TREE_COLUMNS = 1000  # beyond, finding the principal axes costs more than it saves
TIE = 1e-12  # relative: distances closer than this are one distance
SQUARABLE = 1e-150  # of the largest coordinate: below, squared differences underflow

Found = tuple[Float[ndarray, "m k"], Int[ndarray, "m k"]]


def search(X: Float[ndarray, "n D"], k: int, queries: Int[ndarray, " m"]) -> tuple[*Found, str]:
    """Distances, indices and the engine's name for the k nearest neighbours of the query rows.

    Candidates come from the engine that is quickest for these points. Their distances are
    computed anew from coordinate differences; a row whose candidates could, by the engine's
    rounding, lack a neighbour nearer than the k-th (by more than 1e-12 of it) is searched again
    by differences alone. So every distance is right to rounding whatever the engine.
    """
    n = len(X)
    centred = X - X.mean(axis=0)
    name, find = _pick(centred)
    asked = min(k + EXTRA + 1, n)  # one more: a point is its own candidate
    approx, candidates = find(centred, asked, queries)
    r, index = _nearest(X, queries, candidates, k)
    if asked < n:
        missed = _may_lack(centred, queries, approx[:, -1], r[:, -1])
        if len(missed):
            _, candidates = differences(X, asked, queries[missed])
            r[missed], index[missed] = _nearest(X, queries[missed], candidates, k)
    if r[:, 0].min() < SQUARABLE:
        raise BadInput(
            "some distinct points differ by less than 1e-150 of the largest coordinate: "
            "float64 cannot square that; remove such near-repeats or the outliers"
        )
    return r, index, name


def differences(X: Float[ndarray, "n D"], k: int, rows: Int[ndarray, " m"]) -> Found:
    """Sums of squared differences, every pair: no cancellation, n^2 D operations."""
    from scipy.spatial.distance import cdist

    r, index = np.empty((len(rows), k)), np.empty((len(rows), k), dtype=np.intp)
    step = max(1, BLOCK // len(X))
    for start in range(0, len(rows), step):
        block = slice(start, start + step)
        all_r = cdist(X[rows[block]], X)
        nearest = np.argpartition(all_r, k - 1, axis=1)[:, :k]
        index[block] = nearest
        r[block] = np.take_along_axis(all_r, nearest, axis=1)
    return _ascending(r, index)


def brute_force(X: Float[ndarray, "n D"], k: int, rows: Int[ndarray, " m"]) -> Found:
    """scikit-learn's blocked float64 products |x|^2 + |y|^2 - 2xy."""
    from sklearn.neighbors import NearestNeighbors

    r, index = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(X).kneighbors(X[rows])
    return r, index


def kd_tree(X: Float[ndarray, "n D"], k: int, rows: Int[ndarray, " m"]) -> Found:
    """scipy's KD-tree after rotation to principal axes: few of them carry the distances."""
    from scipy.spatial import KDTree

    _, axes = np.linalg.eigh(X.T @ X)
    rotated = X @ axes[:, ::-1]
    tree = KDTree(rotated, balanced_tree=False, compact_nodes=False)
    r, index = tree.query(rotated[rows], k)
    return r, np.asarray(index)


ENGINES = {"brute force": brute_force, "KD-tree": kd_tree, "differences": differences}


def _pick(X: Float[ndarray, "n D"]):
    """The engine for these points, by costs measured on one core."""
    n, D = X.shape
    if n * n * D <= SMALL:
        return "differences", differences
    if D <= TREE_COLUMNS and _pilot_dimension(X) <= _tree_dimension(n):
        return "KD-tree", kd_tree
    return "brute force", brute_force


def _tree_dimension(n: int) -> float:
    """The d at which tree and brute force cost the same, for n points in 50 columns."""
    return 6.0 + np.log2(n / 12_000)


def _pilot_dimension(X: Float[ndarray, "n D"]) -> float:
    """TwoNN's d of a subset, evenly spaced in the rows."""
    pilot = X[:: -(-len(X) // PILOT)]
    r, _ = brute_force(pilot, 3, np.arange(len(pilot)))
    mean = np.log(r[:, 2] / r[:, 1]).mean()
    return 1 / mean


def _nearest(
    X: Float[ndarray, "n D"], rows: Int[ndarray, " m"], candidates: Int[ndarray, "m c"], k: int
) -> Found:
    """The k nearest of each row's candidates by exact distance, the row itself left out."""
    r = np.empty(candidates.shape)
    step = max(1, BLOCK // (X.shape[1] * candidates.shape[1]))
    for start in range(0, len(rows), step):
        block = slice(start, start + step)
        gap = X[candidates[block]] - X[rows[block], None]  # (block, c, D)
        r[block] = np.sqrt(np.einsum("bcd,bcd->bc", gap, gap))
    r[candidates == rows[:, None]] = np.inf
    r, index = _ascending(r, candidates)
    return r[:, :k].copy(), index[:, :k].copy()


def _ascending(r: Float[ndarray, "m c"], index: Int[ndarray, "m c"]) -> Found:
    order = np.argsort(r, axis=1, kind="stable")
    return np.take_along_axis(r, order, axis=1), np.take_along_axis(index, order, axis=1)


def _may_lack(
    X: Float[ndarray, "n D"],
    queries: Int[ndarray, " m"],
    farthest: Float[ndarray, " m"],
    r_k: Float[ndarray, " m"],
) -> Int[ndarray, " missed"]:
    """Queries, by place, whose candidates may by rounding lack a neighbour nearer than r_k.

    Such a neighbour y has |y| <= |x| + r_k, and its squared distance comes out wrong by at most
    2 (D+5)^1.5 eps (|x|^2 + |y|^2): D+5 for the product form, D^1.5 for a rotation. It was left
    out because it came out no nearer than the farthest candidate.
    """
    x = np.linalg.norm(X[queries], axis=1)
    rounding = 2 * (X.shape[1] + 5) ** 1.5 * np.finfo(np.float64).eps * (x**2 + (x + r_k) ** 2)
    return np.flatnonzero(farthest**2 - rounding < r_k**2 * (1 - TIE))
