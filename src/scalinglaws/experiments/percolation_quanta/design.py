"""The settings, and the cells they make."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from scalinglaws.experiments.experiment import require
from scalinglaws.sweep.cell import Cell
from scalinglaws.theory import percolation

ALPHA = percolation.zipf_exponent(percolation.MEAN_FIELD_TAU)  # 1
C_OVER_DF = 2 / percolation.MEAN_FIELD_DF  # a nearest neighbour is piecewise constant: c = 2
CLASSES_PER_DECADE = 4  # of cluster size, for the test against the exact law


@dataclass(frozen=True)
class Design:
    """What a draw is made of."""

    clusters: int = 316  # K, the clusters of one draw
    size_max: int = 30_000_000
    size_min: int = 300
    z: int = 200  # neighbours per site, 2d at d = 100
    grid_points: int = 50  # N and D, log-spaced from 1
    grid_max: float = 30_000.0
    curve_points: int = 50  # training sites of a single cluster, log-spaced from 1
    curve_max: int = 10_000  # and at most a tenth of its sites
    max_train_fraction: float = 0.95
    test_fraction: float | None = None  # of a cluster's sites; None: all that are not trained on
    curve_test_sites: int | None = None  # for the curve of a single cluster; None: as above


@dataclass(frozen=True)
class Settings(Design):
    """What a run may vary."""

    seed: int = 0  # of the first draw; the next has seed + 1
    draws: int = 50  # each has its own clusters, walks and training sites


@dataclass(frozen=True, kw_only=True)
class Draw(Design):
    """The configuration of a cell: one draw of all clusters."""

    cluster_seed: int
    walk_seed: int
    sampling_seed: int


def cells(settings: Settings) -> list[Cell]:
    """One cell per seed: about K (size_min size_max)^(1/2) sites, each swept once per point."""
    check(settings)
    design = {field.name: getattr(settings, field.name) for field in fields(Design)}
    return [
        Cell(
            task="scalinglaws.experiments.percolation_quanta.draw:run",
            version=1,
            config=Draw(**design, cluster_seed=seed, walk_seed=seed, sampling_seed=seed),
            cost=2e-8 * _sites(settings) * (2 * settings.grid_points + settings.curve_points),
        )
        for seed in range(settings.seed, settings.seed + settings.draws)
    ]


def check(settings: Settings) -> None:
    """Refuse settings that no draw could meet, before any work. Raises BadInput."""
    rules = {
        "clusters >= 2 and draws >= 1": settings.clusters >= 2 and settings.draws >= 1,
        "seed >= 0": settings.seed >= 0,
        "20 <= size_min < size_max < 2^30": 20 <= settings.size_min < settings.size_max < 2**30,
        "clusters (size_min size_max)^(1/2) <= 1e9, the sites of a draw": _sites(settings) <= 1e9,
        "3 <= z <= 10000": 3 <= settings.z <= 10_000,
        "grid_points >= 2 and curve_points >= 2": min(settings.grid_points, settings.curve_points)
        >= 2,
        "1 < grid_max <= 1e9": 1 < settings.grid_max <= 1e9,
        "curve_max >= 2": settings.curve_max >= 2,
        "0 < max_train_fraction < 1": 0 < settings.max_train_fraction < 1,
        "0 < test_fraction <= 1 - max_train_fraction": settings.test_fraction is None
        or 0 < settings.test_fraction <= 1 - settings.max_train_fraction,
        "1 <= curve_test_sites <= size_min / 2": settings.curve_test_sites is None
        or 1 <= settings.curve_test_sites <= settings.size_min // 2,
    }
    require("percolation-quanta", rules)


def _sites(settings: Settings) -> float:
    """About how many a draw has: K times the mean size of p(s) ~ s^-3/2 between the bounds."""
    return settings.clusters * max(0.0, settings.size_min * settings.size_max) ** 0.5


def size_edges(size_min: int, size_max: int, per_decade: int) -> np.ndarray:
    """Whole-number edges of log-spaced size classes; the last is size_max + 1."""
    classes = max(1, round(per_decade * np.log10((size_max + 1) / size_min)))
    return np.unique(np.geomspace(size_min, size_max + 1, classes + 1).round().astype(int))
