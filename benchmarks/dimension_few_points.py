"""How often 95 % intervals of d hold their estimator's own mean where there are few points.

    python benchmarks/dimension_few_points.py --tables 1500

Periodic tori of d = 2 and 5, uniform; the shares behind the table in docs/your-data.md and the
remark of `scalinglaws dimension`. Prints one line per d and n, in percent; 1500 tables take about
three minutes on one core.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from numpy.random import default_rng
from scipy.spatial import cKDTree

from scalinglaws.dimension import Dimension, Neighbors, knn, mle, twonn

NS = (5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200)
K = 5
METHODS: dict[str, tuple[int, Callable[[Neighbors], Dimension]]] = {
    "twonn": (2, twonn),
    "knn k=2": (2, lambda nb: knn(nb, 2)),
    "mle k=5": (K, lambda nb: mle(nb, K)),
}


def on_torus(n: int, d: int, rng: np.random.Generator) -> Neighbors:
    """Neighbours on a torus without edges or curvature."""
    points = rng.random((n, d))
    r, index = cKDTree(points, boxsize=1).query(points, min(K, n - 1) + 1)
    every = np.arange(n)
    return Neighbors(
        r=r[:, 1:], index=index[:, 1:], queries=every, rows=every,
        n=n, ambient=d, duplicates=0, engine="periodic tree",
    )  # fmt: skip


def coverage(d: int, n: int, tables: int) -> dict[str, float]:
    rng = default_rng([d, n])
    found: dict[str, list[tuple[float, float, float]]] = {}
    for _ in range(tables):
        nb = on_torus(n, d, rng)
        for name, (k, estimate) in METHODS.items():
            if k <= n - 1:
                e = estimate(nb)
                found.setdefault(name, []).append((e.d, e.lo, e.hi))
    shares: dict[str, float] = {}
    for name, estimates in found.items():
        value, lo, hi = np.array(estimates).T
        shares[name] = float(100 * np.mean((lo < value.mean()) & (value.mean() < hi)))
    return shares


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=1500)
    tables = parser.parse_args().tables
    for d in (2, 5):
        for n in NS:
            shares = coverage(d, n, tables)
            print(d, n, *(f"{name}: {share:.1f}" for name, share in shares.items()), flush=True)
