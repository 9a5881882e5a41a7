"""Which engine is quickest for the points, by counting what each would do.

Costs are nanoseconds of one core of a 2.8 GHz Xeon with AVX-512 (numba 0.68, OpenBLAS 0.3.31).
What counts is their ratios: a choice that is wrong by a factor of 1.3 costs as much time.
scikit-learn's brute force is not among the engines: for tens of neighbours it is nowhere the
quickest. For 12 000 x 768 points it takes 1.2 times the time of products in float64 where only
some points are asked for, 2.4 times where all are, and its import a second and 100 MB.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from scalinglaws.dimension.cloud import Cloud, mapped
from scalinglaws.dimension.engines.candidates import Candidates
from scalinglaws.dimension.engines.product import product
from scalinglaws.dimension.engines.tree import Tree, plant, search_tree, work_of_search

PRODUCT = 0.0145, 1.0  # of a pair: per column, and to look at the product
KEPT = 50.0  # of a product that is kept for a while, by either engine
SCANNED = 0.07  # of a point in a cell that is scanned, per column
BOX = 6.0  # of a box compared with a query
CELL_BOX = 0.3  # of a box compared with a cell, per column
LARGEST_D = 15.0  # beyond, a tree lost at every n from 12 000 to 200 000: it is not planted
POINTS_PER_COLUMN = 50  # below, rotation alone costs a fifth of the products
COUNTED = 4  # cells on which the tree's work is counted

Engine = Callable[[Int[ndarray, " m"]], Candidates]


def pick(cloud: Cloud, c: int, queries: Int[ndarray, " m"], threads: int) -> tuple[str, Engine]:
    """The engine's name, and what finds c candidates for any of the queries."""
    if _may_pay(cloud):
        tree = plant(cloud, c, threads)
        if _tree_ns(tree, c, queries) < _product_ns(cloud, c, len(queries)):
            return "KD-tree", lambda some: search_tree(tree, cloud, c, some, threads)
    return "float32 products", lambda some: product(cloud, c, some, np.float32, threads)


def _may_pay(cloud: Cloud) -> bool:
    """Whether a tree is worth planting; it takes a float64 copy of the points."""
    return (
        not mapped(cloud.data)
        and cloud.n >= POINTS_PER_COLUMN * cloud.D
        and pilot_dimension(cloud) <= LARGEST_D
    )


def pilot_dimension(cloud: Cloud) -> float:
    """TwoNN's d of a sample, 1 / mean log(r2/r1), roughly: a squared distance lost in rounding
    counts as the least that can be told from 0."""
    x = cloud.centred(cloud.sample)
    half = np.einsum("nd,nd->n", x, x) / 2
    square = half[:, None] + half - x @ x.T
    np.fill_diagonal(square, np.inf)
    nearest = np.partition(square, 1, axis=1)[:, :2]
    nearest = np.maximum(nearest, np.finfo(np.float64).eps * half[:, None])
    mean = np.log(nearest[:, 1] / nearest[:, 0]).mean() / 2
    return float(1 / mean) if mean > 0 else np.inf


def _product_ns(cloud: Cloud, c: int, m: int) -> float:
    """Where all points are asked for, every pair serves both of its points."""
    per_column, look = PRODUCT
    pairs = m * cloud.n / (2 if m == cloud.n else 1)
    return pairs * (per_column * cloud.D + look) + m * _kept(c, cloud.n) * KEPT


def _tree_ns(tree: Tree, c: int, queries: Int[ndarray, " m"]) -> float:
    work, (_, D, cell) = work_of_search(tree, c, queries, COUNTED), tree.x.shape
    scanned = work.cells * cell
    return len(queries) * (
        work.cell_boxes * D * CELL_BOX
        + work.boxes * BOX
        + scanned * D * SCANNED
        + _kept(c, scanned) * KEPT
    )


def _kept(c: int, n: float) -> float:
    """How often a point is among the c nearest so far, of n in any order: sum of min(1, c/i)."""
    return c * (1 + np.log(max(n / c, 1.0)))
