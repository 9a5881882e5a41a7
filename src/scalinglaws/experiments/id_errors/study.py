"""The settings, the cells they make, and a cell's work: replicates of one manifold."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from scalinglaws.data.manifolds import KNOWN, SKEWED
from scalinglaws.dimension.methods import table
from scalinglaws.estimate import LEVEL
from scalinglaws.experiments.experiment import require
from scalinglaws.result import Row
from scalinglaws.sweep.cell import Cell

K = 20  # neighbours found; no method looks further
_STUDIED = {  # each by the name of its columns: the method and its k
    "twonn": ("twonn", 2),
    "knn k=2": ("knn", 2),
    "knn k=5": ("knn", 5),
    "mle k=5": ("mle", 5),
    "mle-harmonic k=5": ("mle-harmonic", 5),
    "knn k=20": ("knn", 20),
    "mle k=20": ("mle", 20),
    "mle-harmonic k=20": ("mle-harmonic", 20),
    "gride n1=10": ("gride", 10),
}
# What is studied, and the neighbours it looks at.
METHODS = {title: k * table.METHODS[name].reach for title, (name, k) in _STUDIED.items()}
_POINTS_PER_CELL = 100_000  # some seconds of work
_DIGITS = 6  # of a stored number: 1e-5 of a standard error is lost


@dataclass(frozen=True)
class Settings:
    """What a run may vary."""

    manifolds: tuple[str, ...] = tuple(KNOWN)
    ns: tuple[int, ...] = (500, 2000, 10_000)
    skewed: tuple[str, ...] = tuple(SKEWED)  # shown beside them, in no claim
    skewed_ns: tuple[int, ...] = (500, 2000)
    replicates: int = 800
    seed: int = 0  # of the first replicate; the next has seed + 1


@dataclass(frozen=True)
class Block:
    """The configuration of a cell: replicates of one manifold at one n."""

    manifold: str
    n: int
    replicates: int
    data_seed: int  # of the first


def cells(settings: Settings) -> list[Cell]:
    """Blocks of replicates, each some seconds."""
    require(
        "id-errors",
        {
            f"manifolds among {', '.join(KNOWN)}": set(settings.manifolds) <= set(KNOWN),
            f"skewed among {', '.join(SKEWED)}": set(settings.skewed) <= set(SKEWED),
            f"n > {K}": all(n > K for n in (*settings.ns, *settings.skewed_ns)),
            "replicates >= 2": settings.replicates >= 2,
            "seed >= 0": settings.seed >= 0,
        },
    )
    samples = [
        *product(settings.manifolds, settings.ns),
        *product(settings.skewed, settings.skewed_ns),
    ]
    return [
        Cell(
            task="scalinglaws.experiments.id_errors.study:run",
            version=1,
            config=Block(manifold, n, min(block, last - first), first),
            cost=2e-5 * n * min(block, last - first) * (1 + n / 5000),
        )
        for manifold, n in samples
        for block in [max(5, _POINTS_PER_CELL // n)]
        for last in [settings.seed + settings.replicates]
        for first in range(settings.seed, last, block)
    ]


def run(block: Block) -> list[Row]:
    """One row per replicate: d and its claimed error by every method."""
    import numpy as np

    from scalinglaws import dimension

    draw = (KNOWN | SKEWED)[block.manifold]
    rows: list[Row] = []
    for seed in range(block.data_seed, block.data_seed + block.replicates):
        points = draw(block.n, np.random.default_rng(seed))
        nb = dimension.neighbors(points, K)
        row: Row = {"manifold": block.manifold, "n": block.n, "seed": seed}
        for title, (name, k) in _STUDIED.items():
            found = table.METHODS[name].measure(None, nb, k, LEVEL)
            row[f"{title}: d"] = _short(found.d)
            row[f"{title}: stderr"] = _short(found.stderr)
        rows.append(row)
    return rows


def _short(x: float) -> float:
    return float(f"{x:.{_DIGITS}g}")
