"""What does the sphere's correction of d give, on spheres and where it must not be trusted?

Raw and corrected d, means over seeds with their standard errors, by mle k=20 and TwoNN; in how
many of the data sets the corrected 95 % interval holds the true d; CPU seconds per correction.
By mle k=20 at 2500 points, S^10 should come out within 10 +- 0.3 and N(0, I_20) within 20 +- 1,
and the cube should stay low.

    python benchmarks/dimension_correction.py [--seeds 10] [--n 2500]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from time import process_time

import numpy as np
from numpy.random import Generator

from scalinglaws.data import manifolds
from scalinglaws.dimension import Neighbors, corrected, mle, neighbors, twonn

Sampler = Callable[[int, Generator], np.ndarray]
K = 20


def noisy_sphere(n: int, rng: Generator) -> np.ndarray:
    """S^5 in 30 columns, each with noise of a fiftieth of the radius."""
    X = np.pad(manifolds.sphere(n, 5, rng), ((0, 0), (0, 24)))
    return X + 0.02 * rng.standard_normal(X.shape)


def heavy_tails(n: int, rng: Generator) -> np.ndarray:
    """Student's t of 3 degrees of freedom in 20 dimensions."""
    return rng.standard_normal((n, 20)) / np.sqrt(rng.chisquare(3, (n, 1)) / 3)


def unequal(n: int, rng: Generator) -> np.ndarray:
    """A Gaussian of 60 directions whose deviations fall as 1/i."""
    return rng.standard_normal((n, 60)) / np.arange(1, 61)


def clusters(n: int, rng: Generator) -> np.ndarray:
    """50 Gaussian clusters in 20 dimensions, ten times as far apart as wide."""
    return 10 * rng.standard_normal((50, 20))[rng.integers(50, size=n)] + rng.standard_normal(
        (n, 20)
    )


def family(of: manifolds.Family, d: int) -> Sampler:
    return lambda n, rng: of(n, d, rng)


# Name -> true d (None: no one number), points.
CASES: dict[str, tuple[int | None, Sampler]] = {
    "S^5": (5, family(manifolds.sphere, 5)),
    "S^10": (10, family(manifolds.sphere, 10)),
    "S^20": (20, family(manifolds.sphere, 20)),
    "S^60": (60, family(manifolds.sphere, 60)),
    "N(0, I_10)": (10, family(manifolds.gaussian, 10)),
    "N(0, I_20)": (20, family(manifolds.gaussian, 20)),
    "N(0, I_60)": (60, family(manifolds.gaussian, 60)),
    "ball 20": (20, family(manifolds.ball, 20)),
    "cube 10": (10, family(manifolds.cube, 10)),
    "cube 20": (20, family(manifolds.cube, 20)),
    "cube 60": (60, family(manifolds.cube, 60)),
    "torus 10": (10, family(manifolds.torus, 10)),
    "torus 20": (20, family(manifolds.torus, 20)),
    "torus 60": (60, family(manifolds.torus, 60)),
    "S^5 and noise": (5, noisy_sphere),
    "heavy tails 20": (20, heavy_tails),
    "clusters 20": (20, clusters),
    "unequal 60": (None, unequal),
}
ESTIMATORS: dict[str, Callable[[Neighbors], object]] = {f"mle k={K}": mle, "twonn": twonn}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--n", type=int, default=2500)
    asked = parser.parse_args()
    print(f"{asked.n} points, {asked.seeds} seeds")
    print(f"{'points':<16}{'method':<10}{'raw':>14}{'corrected':>16}{'holds':>8}{'CPU-s':>8}")
    for name, (d, sample) in CASES.items():
        draws = [
            neighbors(sample(asked.n, np.random.default_rng(seed)), K)
            for seed in range(asked.seeds)
        ]
        for method, estimator in ESTIMATORS.items():
            start = process_time()
            found = [corrected(estimator(nb), seed=seed) for seed, nb in enumerate(draws)]
            each = (process_time() - start) / len(found)
            held = sum(c.lo <= d <= c.hi for c in found) if d else "-"
            raw, put_right = ([f(c) for c in found] for f in (lambda c: c.raw.d, lambda c: c.d))
            print(
                f"{name:<16}{method:<10}{mean(raw):>14}{mean(put_right):>16}{held:>8}{each:>8.2f}",
                flush=True,
            )


def mean(values: list[float]) -> str:
    stderr = np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.inf
    return f"{np.mean(values):.2f} ± {stderr:.2f}"


if __name__ == "__main__":
    main()
