"""How much shared neighbours add to the variance of d: what dimension/sharing.py is fitted to.

    python benchmarks/dimension_sharing.py [--replicates 1500] [--d 1 2 3 5 7 10 14 20]

Flat tori of n = 1000. Per d, estimator and k: rho = 1 + (V - 1)/w, with V the variance of d-hat
over replicates divided by that of independent points, w the share of it that sharing correlates.
Then the least-squares fits of log rho. One rho is known to sqrt(2/replicates). About 3 CPU-minutes
per d at 1500.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from scalinglaws import dimension
from scalinglaws.data.manifolds import torus
from scalinglaws.dimension import Dimension, Neighbors
from scalinglaws.dimension.methods.mle import log_ratio_sums
from scalinglaws.dimension.neighbors import log_mu
from scalinglaws.dimension.sharing import LIKELIHOOD, LINE, LOCAL_MEAN, PAIR, Sharing

N = 1000
KS = (2, 3, 4, 5, 7, 10, 14, 20, 30, 50)
SEED = 7


@dataclass(frozen=True)
class Kind:
    """An estimator at one k, its statistic per point, and the terms its log rho is fitted with."""

    sharing: Sharing
    estimate: Callable[[Neighbors, int], Dimension]
    statistic: Callable[[Neighbors, int], np.ndarray]
    ks: tuple[int, ...]
    terms: Callable[[np.ndarray, np.ndarray], list[np.ndarray]]  # of log d and k


KINDS = {
    "LINE": Kind(
        LINE,
        dimension.knn,
        log_mu,
        KS,
        lambda v, k: [v**0, 1 / k, v, v / k, np.log(k)],
    ),
    "LIKELIHOOD": Kind(
        LIKELIHOOD,
        dimension.mle_harmonic,
        log_ratio_sums,
        KS,
        lambda v, k: [v**0, 1 / k],
    ),
    "LOCAL_MEAN": Kind(
        LOCAL_MEAN,
        dimension.mle,
        lambda nb, k: (k - 2) / log_ratio_sums(nb, k),
        tuple(k for k in KS if k >= 4),
        lambda v, k: [v**0, 1 / k, v, v / k, v**2],
    ),
    "PAIR": Kind(
        PAIR,
        lambda nb, k: dimension.gride(nb, k // 2),
        lambda nb, k: np.log(nb.r[:, k - 1] / nb.r[:, k // 2 - 1]),
        (2, 4, 6, 10, 20, 32, 50),
        lambda v, k: [v**0, 1 / k, np.exp(-v), np.exp(-v) / k],
    ),
}
CASES = [(name, k) for name, kind in KINDS.items() for k in kind.ks]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicates", type=int, default=1500)
    parser.add_argument("--d", type=int, nargs="+", default=[1, 2, 3, 5, 7, 10, 14, 20])
    options = parser.parse_args()
    rho = {d: measure(d, options.replicates) for d in options.d}
    for name, kind in KINDS.items():
        at = np.array([(d, k) for d in rho for k in kind.ks], dtype=float)
        y = np.log([rho[d][name, k] for d in rho for k in kind.ks])
        terms = np.stack(kind.terms(np.log(at[:, 0]), at[:, 1]), axis=1)
        fit, *_ = np.linalg.lstsq(terms, y, rcond=None)
        print(f"{name}: {np.round(fit, 3).tolist()}, rms {(y - terms @ fit).std():.3f}")


def measure(d: int, replicates: int) -> dict[tuple[str, int], float]:
    """rho of every case, printed as it is returned."""
    found = np.array([replicate(d, seed) for seed in range(replicates)])  # (replicate, case, 3)
    variance = found[:, :, 0].var(axis=0, ddof=1) / (found[:, :, 1] ** 2).mean(axis=0)
    rho = 1 + (variance - 1) / found[:, :, 2].mean(axis=0)
    for name in KINDS:
        of_k = [f"{k}: {r:.2f}" for (case, k), r in zip(CASES, rho, strict=True) if case == name]
        print(f"d = {d}, {name}: {', '.join(of_k)}", flush=True)
    return dict(zip(CASES, rho, strict=True))


def replicate(d: int, seed: int) -> list[tuple[float, float, float]]:
    """Per case: d-hat, its error if points were independent, the share that is correlated."""
    nb = dimension.neighbors(torus(N, d, np.random.default_rng([SEED, d, seed])), max(KS))
    independent = replace(nb, n=10**12)  # as if these were a few points of very many
    return [
        (one.d, one.stderr, kind.sharing.within(kind.statistic(nb, k), k))
        for name, k in CASES
        for kind in [KINDS[name]]
        for one in [kind.estimate(independent, k)]
    ]


if __name__ == "__main__":
    main()
