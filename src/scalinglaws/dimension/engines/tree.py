"""Candidates from cells of a KD-tree after rotation to principal axes, for points of small d.

scipy's tree sorts the points into cells of some hundred. Which cells come near enough to a
query is told by their boxes, and those that do are looked through whole. For 1e6 points of a
5-d manifold in 32 columns that takes a quarter of the time of the tree's own queries.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, Int32
from numpy import ndarray

from scalinglaws.dimension.cloud import STREAM, Cloud, blocks
from scalinglaws.dimension.engines.candidates import Candidates
from scalinglaws.dimension.engines.rounding import rounding
from scalinglaws.threads import share

CELL = 128  # points per cell, the best of 64, 128, 256; twice the candidates where that is more
CELLS = 16  # per job
UNROTATED = 8  # columns: so few are left as they are, which rounds nothing


@dataclass(frozen=True)
class Tree:
    """Points by cell, along axes of falling variance; zero columns up to a multiple of STEP."""

    x: Float[ndarray, "cells D cell"]  # infinite where the last cell is not full
    lo: Float[ndarray, "D cells"]  # their boxes
    hi: Float[ndarray, "D cells"]
    order: Int32[ndarray, " n"]  # which point stands where
    defect: float  # of the axes V: no less than |V'V - 1|, 0 where nothing is rotated


@dataclass(frozen=True)
class Work:
    """What a search does per query: boxes compared with its cell's and with it, cells scanned."""

    cell_boxes: float
    boxes: float
    cells: float


@dataclass(frozen=True)
class Standing:
    """Queries in the order in which they stand in the tree."""

    at: Int32[ndarray, " m"]  # where
    rows: Int[ndarray, " m"]  # which of the queries
    starts: Int[ndarray, " cells+1"]  # where those of a cell begin


def plant(cloud: Cloud, c: int, threads: int) -> Tree:
    """The tree for searches of c candidates."""
    from scipy.spatial import KDTree

    size = max(CELL, 2 * c)
    x, defect = _along_axes(cloud, threads)
    order = KDTree(x, leafsize=size, balanced_tree=True, compact_nodes=False).indices
    cells = list(blocks(cloud.n, 1, size))
    by_cell = np.full((len(cells), x.shape[1], size), np.inf)
    lo, hi = np.empty((2, x.shape[1], len(cells)))
    for i, some in enumerate(cells):
        points = x[order[some]]
        by_cell[i, :, : len(points)] = points.T
        lo[:, i], hi[:, i] = points.min(axis=0), points.max(axis=0)
    return Tree(by_cell, lo, hi, order.astype(np.int32), defect)


def search_tree(
    tree: Tree, cloud: Cloud, c: int, queries: Int[ndarray, " m"], threads: int
) -> Candidates:
    """c candidates for each query."""
    value, point = np.full((len(queries), c), np.inf), np.zeros((len(queries), c), np.int32)
    jobs = list(blocks(len(tree.x), 1, CELLS))
    _scan(tree, _standing(tree, queries), jobs, value, point, threads)
    index = tree.order[point]
    if c == cloud.n:
        return Candidates(index, np.full(len(queries), np.inf))
    return Candidates(index, _floor(cloud, queries, np.sqrt(value[:, -1]), tree.defect))


def work_of_search(tree: Tree, c: int, queries: Int[ndarray, " m"], cells: int) -> Work:
    """Counted on the queries of a few cells, evenly spaced among those that hold any."""
    standing = _standing(tree, queries)
    held = np.flatnonzero(np.diff(standing.starts))
    few = np.unique(np.linspace(0, len(held) - 1, cells + 2, dtype=np.intp)[1:-1])
    value, point = np.full((len(queries), c), np.inf), np.zeros((len(queries), c), np.int32)
    done = _scan(tree, standing, [slice(i, i + 1) for i in held[few]], value, point, threads=1)
    asked, *counts = done.sum(axis=0).tolist()
    return Work(*(count / asked for count in counts))


def _along_axes(cloud: Cloud, threads: int) -> tuple[Float[ndarray, "n D"], float]:
    """All points, rotated, and the defect. Any rotation would be exact: the axes of a sample do."""
    from scalinglaws.dimension.engines.kernels import STEP

    x = np.zeros((cloud.n, -(-cloud.D // STEP) * STEP))
    if cloud.D <= UNROTATED:
        for some in blocks(cloud.n, cloud.D, STREAM):
            x[some, : cloud.D] = cloud.block(some)
        return x, 0.0
    sample = cloud.centred(cloud.sample)
    _, axes = np.linalg.eigh(sample.T @ sample)

    def rotate(some: slice) -> None:
        x[some, : cloud.D] = cloud.centred(some) @ axes[:, ::-1]

    share(rotate, blocks(cloud.n, cloud.D, STREAM), threads)
    return x, float(np.linalg.norm(axes.T @ axes - np.eye(cloud.D)))


def _standing(tree: Tree, queries: Int[ndarray, " m"]) -> Standing:
    cells, _, size = tree.x.shape
    where = np.empty_like(tree.order)
    where[tree.order] = np.arange(len(where), dtype=where.dtype)
    at = where[queries]
    rows = np.argsort(at)
    return Standing(at[rows], rows, np.searchsorted(at[rows], np.arange(cells + 1) * size))


def _scan(
    tree: Tree,
    standing: Standing,
    cells: list[slice],
    value: Float[ndarray, "m c"],
    point: Int32[ndarray, "m c"],
    threads: int,
) -> Int[ndarray, "jobs 4"]:
    """Squared distances and where the points stand, for the queries in these cells."""
    from scalinglaws.dimension.engines.kernels import scan

    s, done = standing, np.zeros((len(cells), 4), np.int64)

    def run(job: int) -> None:
        some = cells[job]
        scan(
            tree.x, tree.lo, tree.hi, s.starts, s.at, s.rows, some.start, some.stop,
            value, point, done[job],
        )  # fmt: skip

    share(run, range(len(cells)), threads)
    return done


def _floor(
    cloud: Cloud, queries: Int[ndarray, " m"], farthest: Float[ndarray, " m"], defect: float
) -> Float[ndarray, " m"]:
    """The distance below which no point was left out, from the farthest candidate's.

    Differences and sums of squares are wrong by e of a distance at most (see `rounding`), and
    rotation moves each point by e of its length, where |y| <= |x| + distance. Axes that are not
    quite orthonormal stretch every distance alike, by (1 + defect)^1/2 at most, which the last
    1 + e holds where e is no smaller than the defect. LAPACK's axes are far within it: e/3
    was the largest measured in 9 columns, e/90 in 800.
    """
    e = max(rounding(cloud.D), defect)
    if cloud.D <= UNROTATED:
        return farthest * (1 - e)
    return (farthest * (1 - e) - 2 * e * cloud.norms(queries)) / (1 + e)
