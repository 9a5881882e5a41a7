"""Points that break engines, each as (rows, columns)."""

from collections.abc import Callable

import numpy as np
import pytest

from scalinglaws.dimension.cloud import Cloud, power_of_two
from scalinglaws.dimension.points import as_rows, distinct


def gaussian(n: int, D: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, D))


def curved(n: int, d: int, D: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.sin(rng.uniform(size=(n, d)) @ rng.normal(size=(d, D)))


def near_repeats() -> np.ndarray:
    """Rows of float32 that differ in the last digit: their distance squared is lost in float32."""
    steps = np.random.default_rng(1).integers(0, 4, size=(400, 12)).astype(np.float32)
    rows = np.repeat(gaussian(100, 12).astype(np.float32), 4, axis=0)
    return rows * (1 + np.float32(2**-23) * steps)


HOSTILE: dict[str, Callable[[], np.ndarray]] = {
    "gaussian": lambda: gaussian(500, 20),
    "more columns than points": lambda: gaussian(150, 400),
    "curved": lambda: curved(600, 3, 24),
    "an offset in float32": lambda: (gaussian(400, 20) + 300).astype(np.float32),
    "an offset of 1e6": lambda: gaussian(400, 20) + 1e6,
    "tight clusters far apart": lambda: (
        gaussian(400, 10) * 1e-9 + np.repeat([[1.0], [-1.0]], 200, axis=0)
    ),
    "clusters as tight as float64 allows": lambda: (
        gaussian(400, 10) * 2e-15 + np.repeat([[1.0], [-1.0]], 200, axis=0)
    ),
    "clusters apart": lambda: gaussian(400, 40) + 30 * np.repeat(gaussian(8, 40, 1), 50, axis=0),
    "near repeats in float32": near_repeats,
    "distances float32 cannot square": lambda: np.vstack(
        [gaussian(200, 9), gaussian(200, 9, 1) * 1e-25]
    ).astype(np.float32),
    "small beside an outlier": lambda: np.vstack([gaussian(400, 10) * 1e-30, np.ones((1, 10))]),
    "halves": lambda: gaussian(300, 6).astype(np.float16),
    "1e150": lambda: gaussian(300, 12) * 1e150,
    "1e-150": lambda: gaussian(300, 12) * 1e-150,
    "subnormal": lambda: gaussian(300, 12) * 2.0**-1030,
    "constant columns": lambda: np.hstack([gaussian(400, 3), np.full((400, 9), 7.5)]),
    "a lattice": lambda: np.stack(np.meshgrid(*[np.arange(8.0)] * 3), axis=-1).reshape(-1, 3),
    "ties in many columns": lambda: np.random.default_rng(0).integers(0, 2, (400, 30)),
    "a path": lambda: np.cos(np.linspace(0, 3, 600)[:, None] * np.arange(1.0, 13)),
    "a line": lambda: np.linspace(0, 1, 300)[:, None],
    "heavy tails": lambda: np.random.default_rng(0).standard_cauchy((400, 12)),
    "hardly more points than k": lambda: gaussian(11, 3),
}


@pytest.fixture(params=HOSTILE)
def hostile(request: pytest.FixtureRequest) -> np.ndarray:
    return HOSTILE[request.param]()


@pytest.fixture
def points() -> dict[str, Callable[[], np.ndarray]]:
    return HOSTILE


@pytest.fixture
def as_cloud() -> Callable[[np.ndarray], Cloud]:
    def of(X: np.ndarray) -> Cloud:
        rows = as_rows(X)
        return Cloud(rows, distinct(rows), 1 / power_of_two(np.asarray(rows, float)))

    return of


@pytest.fixture
def all_distances() -> Callable[[Cloud], np.ndarray]:
    """Every pair by plain differences in float64, a point infinitely far from itself."""

    def of(cloud: Cloud) -> np.ndarray:
        x = cloud.block(slice(None))
        r = np.sqrt(((x[:, None] - x[None]) ** 2).sum(axis=2))
        np.fill_diagonal(r, np.inf)
        return r

    return of
