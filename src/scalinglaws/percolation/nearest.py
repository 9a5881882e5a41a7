"""The labelled site nearest to every site of a tree, in O(s)."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from jaxtyping import Int32
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput
from scalinglaws.percolation.bethe import Parents

FAR = np.int32(2**30)  # more than any graph distance, and FAR + 1 does not overflow


@dataclass(frozen=True)
class Nearest:
    """For every site, the nearest labelled site and the graph distance to it."""

    distance: Int32[ndarray, " s"]
    site: Int32[ndarray, " s"]


def nearest_labelled(parent: Parents, labelled: ArrayLike) -> Nearest:
    """Distances along the tree from every site to the nearest of the labelled sites.

    Two sweeps: from the leaves to the root every site learns the nearest label below it; from
    the root to the leaves, the nearest one by way of its parent. Of labels equally far the one
    found first stays: the subtree's before the parent's side, and within the subtree the one by
    way of the last child. Which one cannot matter to a mean over random walks, whose increments
    know nothing of the order of the sites.

    labelled: indices of the labelled sites, at least one.
    """
    sites = np.asarray(labelled)
    if sites.size == 0 or sites.min() < 0 or sites.max() >= len(parent):
        raise BadInput(f"labelled sites must be indices in 0..{len(parent) - 1}, at least one")
    distance = np.full(len(parent), FAR, dtype=np.int32)
    site = np.empty(len(parent), dtype=np.int32)
    distance[sites] = 0
    site[sites] = sites
    _leaves_to_root(parent, distance, site)
    _root_to_leaves(parent, distance, site)
    return Nearest(distance, site)


@numba.njit(cache=True, nogil=True)
def _leaves_to_root(parent, distance, site):  # pyright: ignore[reportMissingParameterType]
    for i in range(len(parent) - 1, 0, -1):
        above = parent[i]
        if distance[i] + 1 < distance[above]:
            distance[above] = distance[i] + 1
            site[above] = site[i]


@numba.njit(cache=True, nogil=True)
def _root_to_leaves(parent, distance, site):  # pyright: ignore[reportMissingParameterType]
    for i in range(1, len(parent)):
        above = parent[i]
        if distance[above] + 1 < distance[i]:
            distance[i] = distance[above] + 1
            site[i] = site[above]
