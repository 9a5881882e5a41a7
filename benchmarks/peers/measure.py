"""One engine on one file of points, in a process of its own: d, CPU seconds and peak memory.

    python measure.py ENGINE POINTS.npy [--warm-up ROWS]

Every engine finds the exact 20 nearest neighbours and gives the mean of the unbiased local
estimates (Levina & Bickel 2005; Sharma & Kaplan 2020, eq. B.13, k - 2), so that d must agree.
DADApy and scikit-learn have no such estimator: the equation is applied to their distances.

Prints one JSON line. The seconds are those of a second run, after imports, compilation and
caches: user and system time of all threads and children, and wall time. The peak is that of the
whole process, both runs and the points included. It runs in the peers' environment too, so it
imports nothing but the engine asked for.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

K = 20
THREADS = 2

Run = Callable[[np.ndarray], tuple[float, str]]  # points -> d and how the neighbours were found


def ours() -> Run:
    from scalinglaws import dimension

    def run(X: np.ndarray) -> tuple[float, str]:
        nb = dimension.neighbors(X, K)
        return dimension.mle(nb, K).d, nb.engine

    return run


def scikit_dimension() -> Run:
    from skdim.id import MLE

    def run(X: np.ndarray) -> tuple[float, str]:
        fitted = MLE(unbiased=True).fit(X, n_neighbors=K, comb="mean", n_jobs=THREADS)
        return fitted.dimension_, "its MLE"

    return run


def dadapy() -> Run:
    from dadapy import Data

    def run(X: np.ndarray) -> tuple[float, str]:
        data = Data(X, maxk=K, n_jobs=THREADS)
        data.compute_distances()
        return mean_of_local(data.distances[:, 1:]), "its distances"

    return run


def scikit_learn() -> Run:
    from sklearn.neighbors import NearestNeighbors

    def run(X: np.ndarray) -> tuple[float, str]:
        r, _ = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(X).kneighbors()
        return mean_of_local(r), "brute force"

    return run


ENGINES = {
    "scalinglaws": ours,
    "scikit-dimension": scikit_dimension,
    "DADApy": dadapy,
    "scikit-learn": scikit_learn,
}


def mean_of_local(r: np.ndarray) -> float:
    log_r = np.log(r)
    return float(((K - 2) / (log_r[:, -1:] - log_r[:, :-1]).sum(axis=1)).mean())


def cpu_s() -> float:
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def peak_mb() -> float:
    """The most memory this process held. getrusage would count what its parent held before."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS: bytes
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 2**10


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("points", type=Path)
    parser.add_argument("--warm-up", type=int, help="rows of the first run (default: all)")
    args = parser.parse_args()
    run = ENGINES[args.engine]()
    X = np.load(args.points)
    run(X[: args.warm_up])
    wall, cpu = time.perf_counter(), cpu_s()
    d, how = run(X)
    row = {
        "engine": args.engine,
        "d": d,
        "cpu_s": cpu_s() - cpu,
        "wall_s": time.perf_counter() - wall,
        "peak_mb": peak_mb(),
        "how": how,
    }
    json.dump(row, sys.stdout)
    print()


if __name__ == "__main__":
    main()
