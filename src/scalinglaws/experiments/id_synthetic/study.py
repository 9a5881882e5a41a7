"""What is drawn and measured: one data set is one cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scalinglaws.experiments.experiment import require
from scalinglaws.result import Row
from scalinglaws.sweep.cell import Cell

TASK = "scalinglaws.experiments.id_synthetic.study:run"
VERSION = 1
MANIFOLDS = ("cube", "torus")
METHODS = {"twonn": "TwoNN", "mle": "MLE, k = {k}"}


@dataclass(frozen=True)
class Settings:
    """What a run may vary."""

    dims: tuple[int, ...] = (2, 4, 8, 16, 32, 64, 128)
    sizes: tuple[int, ...] = (500, 1000, 2000, 4000, 8000)
    replicates: int = 5  # data sets of each kind
    k: int = 100  # neighbours of the maximum-likelihood estimate
    simulated: int = 2000  # points of the correction's sphere, for each d that it tries
    seed: int = 0  # of the first data set; the next has seed + 1


@dataclass(frozen=True, kw_only=True)
class Draw:
    """The configuration of a cell: one data set. A smaller one is the first part of a larger."""

    manifold: str
    d: int
    n: int
    k: int
    simulated: int
    data_seed: int
    simulation_seed: int


def cells(settings: Settings) -> list[Cell]:
    """One cell per manifold, d, n and replicate. Raises BadInput."""
    s = settings
    rules = {
        "dims of 1 to 10000, each once": all(1 <= d <= 10_000 for d in s.dims)
        and 0 < len(s.dims) == len(set(s.dims)),
        "k >= 4, so that B.13 has a variance": s.k >= 4,
        "sizes above k and at most 1000000, each once": all(s.k < n <= 1_000_000 for n in s.sizes)
        and 0 < len(s.sizes) == len(set(s.sizes)),
        "1 <= replicates <= 10000": 1 <= s.replicates <= 10_000,
        "simulated >= 100": s.simulated >= 100,
        "seed >= 0": s.seed >= 0,
    }
    require("id-synthetic", rules)
    return [
        Cell(
            task=TASK,
            version=VERSION,
            config=Draw(
                manifold=manifold,
                d=d,
                n=n,
                k=s.k,
                simulated=s.simulated,
                data_seed=seed,
                simulation_seed=seed,
            ),
            cost=0.3 + 1e-8 * n**2 * (1 + d * {"cube": 1, "torus": 2}[manifold] / 80),
        )
        for manifold in MANIFOLDS
        for d in s.dims
        for n in s.sizes
        for seed in range(s.seed, s.seed + s.replicates)
    ]


def run(draw: Draw) -> Sequence[Row]:
    """One data set: d by both methods, and what the sphere's correction makes of each."""
    import numpy as np

    from scalinglaws.data import manifolds
    from scalinglaws.dimension import corrected, mle, neighbors, twonn

    family = {"cube": manifolds.cube, "torus": manifolds.torus}[draw.manifold]
    X = family(draw.n, draw.d, np.random.default_rng([draw.data_seed, draw.d]))
    nb = neighbors(X, draw.k)
    row: Row = {"manifold": draw.manifold, "d": draw.d, "n": draw.n, "seed": draw.data_seed}
    for raw in (twonn(nb), mle(nb, draw.k)):
        put_right = corrected(raw, seed=draw.simulation_seed, points=draw.simulated)
        row[raw.method] = raw.d
        row[f"{raw.method}_corrected"] = put_right.d
    return [row]
