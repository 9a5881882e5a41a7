"""Clusters of the Bethe lattice, grown by branching. Brill 2024, arXiv:2412.07942, experiments.

A cluster is a tree held as one array: sites in breadth-first order, parent[i] < i the site that
i hangs from, parent[0] = -1 the root. Parents never decrease, so that sweeps run through memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int32
from numpy import ndarray

from scalinglaws.errors import BadInput

Parents = Int32[ndarray, " s"]
FIRST_BLOCK = 512  # sites whose children are drawn at once; then as many as are known already


@dataclass(frozen=True)
class Grown:
    """A cluster of the wanted size, and what was thrown away before it."""

    parent: Parents
    too_small: int
    too_large: int

    @property
    def size(self) -> int:
        return len(self.parent)


def grow(rng: np.random.Generator, z: int, p: float, size_max: int) -> Parents | None:
    """The cluster of a random site: each site joins each further neighbour with probability p.

    The root has Binomial(z, p) children, every other site Binomial(z-1, p). Breadth first, the
    sites found but not yet visited after i visits are 1 + (children so far) - i; the cluster is
    complete when that first reaches 0. Returns None once more than size_max sites are found.

    O(size) time and memory. The sites drawn do not depend on size_max.
    """
    if z < 2 or not 0 <= p <= 1 or size_max < 1:
        raise BadInput(
            f"a cluster needs z >= 2, 0 <= p <= 1 and size_max >= 1; got {z}, {p}, {size_max}"
        )
    blocks: list[ndarray] = []
    visited, waiting = 0, 1
    while visited + waiting <= size_max:
        children = rng.binomial(z - 1, p, size=max(FIRST_BLOCK, visited)).astype(np.int32)
        if not blocks:
            children[0] += rng.binomial(1, p)
        path = waiting + np.cumsum(children - 1, dtype=np.int64)
        extinct = np.flatnonzero(path == 0)
        if len(extinct):
            blocks.append(children[: extinct[0] + 1])
            size = visited + int(extinct[0]) + 1
            return _parents(np.concatenate(blocks)) if size <= size_max else None
        blocks.append(children)
        visited, waiting = visited + len(children), int(path[-1])
    return None


def _parents(children: ndarray) -> ndarray:
    """Breadth first, the children of a site stand together, in the order of their parents."""
    size = len(children)
    parent = np.empty(size, dtype=np.int32)
    parent[0] = -1
    parent[1:] = np.repeat(np.arange(size, dtype=np.int32), children)
    return parent


def grow_between(rng: np.random.Generator, z: int, p: float, size_min: int, size_max: int) -> Grown:
    """Grow clusters of random sites until one has size_min..size_max sites.

    At p_c and far from the ends, about (size_min)^(1/2) / 0.8 are grown for one kept.
    """
    if not 1 <= size_min <= size_max:
        raise BadInput(f"sizes need 1 <= size_min <= size_max; got {size_min}, {size_max}")
    too_small = too_large = 0
    while True:
        parent = grow(rng, z, p, size_max)
        if parent is None:
            too_large += 1
        elif len(parent) < size_min:
            too_small += 1
        else:
            return Grown(parent, too_small, too_large)
