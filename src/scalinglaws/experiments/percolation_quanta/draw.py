"""One draw of all clusters -> rows: what a cell does."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scalinglaws.errors import BadInput
from scalinglaws.experiments.percolation_quanta.design import (
    ALPHA,
    C_OVER_DF,
    CLASSES_PER_DECADE,
    Draw,
    size_edges,
)
from scalinglaws.result import Row
from scalinglaws.theory import quanta
from scalinglaws.theory.percolation import bethe_threshold

if TYPE_CHECKING:
    from scalinglaws.percolation import Grown

STRUCTURE, WALK, SAMPLING = range(3)  # roles of the streams of random numbers
WINDOW_FROM, WINDOW_OF_SIZE = 16, 0.1  # one cluster's slope is read for 16 <= n <= s/10


@dataclass(frozen=True)
class Measured:
    """One cluster: its own curve, what follows from it, and its loss under every allocation."""

    size: int
    n_train: np.ndarray  # training sites of the curve
    curve: np.ndarray  # loss at n_train
    slope: float  # of the curve in its window; NaN if that is too short
    g: float  # training sites per DOF
    dof: np.ndarray  # DOF that an allocation really gave it
    loss: np.ndarray  # loss that it left


def run(draw: Draw) -> Sequence[Row]:
    """One draw: its clusters, total loss at each N and D, size classes, single-cluster curves."""
    from scalinglaws.percolation import grow_between

    p_c = bethe_threshold(draw.z)
    grown = [
        grow_between(
            stream(draw.cluster_seed, STRUCTURE, k), draw.z, p_c, draw.size_min, draw.size_max
        )
        for k in range(draw.clusters)
    ]
    by_rank = sorted(range(draw.clusters), key=lambda k: -grown[k].size)
    sizes = np.array([grown[k].size for k in by_rank], dtype=np.float64)
    grid = np.geomspace(1, draw.grid_max, draw.grid_points)
    shares = allocations(grid, sizes)
    measured = [measure(grown[k], shares[:, rank], draw, k) for rank, k in enumerate(by_rank)]
    return [
        _draw_row(draw, grown, measured),
        *_total_rows(draw, grid, measured),
        *_size_rows(draw, measured),
        *_curve_rows(draw, measured),
    ]


def stream(seed: int, role: int, k: int) -> np.random.Generator:
    """Random numbers of the k-th cluster, whatever the number and the sizes of the others."""
    return np.random.default_rng([seed, role, k])


def allocations(grid: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """DOF by (allocation, rank): model scaling at each N of the grid, then data at each D.

    Model: the theory's n_k, n_{k_br} = 1 at the last rank as in the paper, 0 beyond. Data: sites
    are labelled at random, so that n_k = D s_k / sum s.
    """
    rank = np.arange(1, len(sizes) + 1)
    model = [quanta.allocate(N, rank, ALPHA, C_OVER_DF) for N in grid]
    data = [D * sizes / sizes.sum() for D in grid]
    return np.array([*model, *data])


def measure(grown: Grown, shares: np.ndarray, draw: Draw, k: int) -> Measured:
    """The k-th cluster of a draw, given its DOF under every allocation.

    A DOF is g training sites: each site is one with probability p = min(n g/s, a cap).
    """
    from scalinglaws.percolation import points_per_dof, random_walk, regression_loss

    parent, s = grown.parent, grown.size
    y = random_walk(parent, stream(draw.walk_seed, WALK, k))
    rng = stream(draw.sampling_seed, SAMPLING, k)
    n_train = curve_grid(draw, s)
    curve = np.array([regression_loss(parent, y, n, rng, draw.curve_test_sites) for n in n_train])
    g = points_per_dof(n_train, curve, C_OVER_DF)
    p_train = np.minimum(shares * g / s, draw.max_train_fraction)
    n_test = tested(draw, s)
    loss = np.full(len(shares), np.nan)  # a cluster without a test site has no weight
    if n_test != 0:
        counts = np.minimum(rng.binomial(s, p_train), s - (n_test or 1))
        loss = np.array([regression_loss(parent, y, n, rng, n_test) for n in counts])
    return Measured(s, n_train, curve, window_slope(n_train, curve, s), g, p_train * s / g, loss)


def tested(draw: Draw, s: int) -> int | None:
    """Test sites of a cluster; None: every site that is not trained on."""
    return None if draw.test_fraction is None else round(draw.test_fraction * s)


def curve_grid(draw: Draw, s: int) -> np.ndarray:
    """Training sites of single-cluster curves: one grid for all, as far as a tenth of the cluster.

    The paper spaces its points between 1 and min(1e4, s/10) anew for each cluster.
    """
    grid = np.unique(np.geomspace(1, draw.curve_max, draw.curve_points).round().astype(int))
    return grid[grid <= WINDOW_OF_SIZE * s]


def window_slope(n_train: np.ndarray, loss: np.ndarray, s: float) -> float:
    """Least-squares slope of log loss on log n for 16 <= n <= s/10.

    NaN where that window is shorter than a decade (s < 1600) or holds fewer than 3 points.
    """
    inside = (n_train >= WINDOW_FROM) & (n_train <= WINDOW_OF_SIZE * s)
    if WINDOW_OF_SIZE * s < 10 * WINDOW_FROM or inside.sum() < 3:
        return float("nan")
    return float(np.polyfit(np.log(n_train[inside]), np.log(loss[inside]), 1)[0])


def _draw_row(draw: Draw, grown: Sequence[Grown], measured: Sequence[Measured]) -> Row:
    g = np.array([m.g for m in measured])
    sizes = np.array([m.size for m in measured])
    return {
        "kind": "draw",
        "seed": draw.cluster_seed,
        "clusters": draw.clusters,
        "too_small": sum(c.too_small for c in grown),
        "too_large": sum(c.too_large for c in grown),
        "sites": int(sizes.sum()),
        "g": float(g.mean()),
        "g_by_size": float(np.average(g, weights=sizes)),
    }


def _total_rows(draw: Draw, grid: np.ndarray, measured: Sequence[Measured]) -> list[Row]:
    """Total loss, weighted by test sites, and the allocation law on the DOF really given."""
    counted = [m for m in measured if tested(draw, m.size) != 0]
    if not counted:
        raise BadInput(f"no cluster has a test site: test_fraction {draw.test_fraction} is too low")
    weights = np.array([float(tested(draw, m.size) or m.size) for m in counted])
    loss = np.array([m.loss for m in counted])  # (cluster, allocation)
    dof = np.array([m.dof for m in counted])
    laws = itertools.product(("model", "data"), grid)
    return [
        {
            "kind": "total",
            "seed": draw.cluster_seed,
            "law": law,
            "x": float(x),
            "loss": float(np.average(loss[:, j], weights=weights)),
            "allocation": quanta.realised_loss(weights, dof[:, j], C_OVER_DF),
        }
        for j, (law, x) in enumerate(laws)
    ]


def _size_rows(draw: Draw, measured: Sequence[Measured]) -> list[Row]:
    """Per size class: clusters, and the mean slope of those whose window is long enough."""
    rows: list[Row] = []
    edges = size_edges(draw.size_min, draw.size_max, CLASSES_PER_DECADE)
    for lo, hi in itertools.pairwise(edges):
        members = [m for m in measured if lo <= m.size < hi]
        slopes = [m.slope for m in members if np.isfinite(m.slope)]
        rows.append(
            {
                "kind": "sizes",
                "seed": draw.cluster_seed,
                "size_lo": int(lo),
                "size_hi": int(hi),
                "clusters": len(members),
                "g": float(np.mean([m.g for m in members])) if members else None,
                "slope": float(np.mean(slopes)) if slopes else None,
                "slope_clusters": len(slopes),
            }
        )
    return rows


def _curve_rows(draw: Draw, measured: Sequence[Measured]) -> list[Row]:
    """Per decade of size: the log-mean of its clusters' curves, as far as all of them reach."""
    rows: list[Row] = []
    for lo, hi in itertools.pairwise(size_edges(draw.size_min, draw.size_max, 1)):
        members = [m for m in measured if lo <= m.size < hi]
        if not members:
            continue
        grid = curve_grid(draw, int(lo))
        log_loss = np.mean([np.log(m.curve[: len(grid)]) for m in members], axis=0)
        for n, mean in zip(grid, log_loss, strict=True):
            rows.append(
                {
                    "kind": "curve",
                    "seed": draw.cluster_seed,
                    "size_lo": int(lo),
                    "size_hi": int(hi),
                    "clusters": len(members),
                    "n_train": int(n),
                    "log_loss": float(mean),
                }
            )
    return rows
