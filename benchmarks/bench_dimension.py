"""Exact 20 nearest neighbours and d: our CPU seconds and memory beside the peers'.

Three sets of points: A, 12 000 x 64 and B, 12 000 x 768 Gaussian; C, 50 000 x 32 on a curved
5-d manifold. Every engine is a process of its own (peers/measure.py) with two threads on two
cores; they take turns, so that a busy machine slows all alike, and the medians are printed.
scikit-dimension and DADApy run in `.venv-peers` (`make peers`); without it they are left out.
Then the cost of ours against the number of points, up to a million.

    python benchmarks/bench_dimension.py [--rounds 3] [--sets A B C] [--curve-to 1000000]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
MEASURE = HERE / "peers" / "measure.py"
PEERS_ENV = HERE.parent / ".venv-peers"
OURS, IN_PEERS_ENV = "scalinglaws", ("scikit-dimension", "DADApy")
CURVE = (10_000, 30_000, 100_000, 300_000, 1_000_000)
WARM_UP = 20_000  # rows of the curve's first, unmeasured run
CORES = 2
PEAK_MB = 350.0

Row = dict[str, float | str]


def gaussian(n: int, D: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(n, D))


def manifold(n: int, D: int = 32, d: int = 5) -> np.ndarray:
    """Sines of D random directions in the unit d-cube."""
    rng = np.random.default_rng(0)
    W = rng.normal(size=(d, D))
    return np.sin(rng.uniform(size=(n, d)) @ W)


@dataclass(frozen=True)
class Case:
    what: str
    points: Callable[[], np.ndarray]
    target: float  # ours / the best peer's CPU seconds, at most


CASES = {
    "A": Case("12 000 x 64 Gaussian", lambda: gaussian(12_000, 64), 0.75),
    "B": Case("12 000 x 768 Gaussian", lambda: gaussian(12_000, 768), 0.6),
    "C": Case("50 000 x 32, 5-d manifold", lambda: manifold(50_000), 0.35),
}


def measure(engine: str, points: Path, *options: str) -> Row:
    python = PEERS_ENV / "bin" / "python" if engine in IN_PEERS_ENV else sys.executable
    libraries = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA")
    threads = {f"{library}_NUM_THREADS": str(CORES) for library in libraries}
    done = subprocess.run(
        [python, MEASURE, engine, points, *options],
        env=os.environ | threads,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{engine} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def compare(case: Case, engines: list[str], rounds: int, folder: Path) -> None:
    points = folder / "points.npy"
    np.save(points, case.points())
    rows = [{e: measure(e, points) for e in engines} for _ in range(rounds)]

    def median(engine: str, field: str) -> float:
        return statistics.median(float(row[engine][field]) for row in rows)

    cpu = {e: median(e, "cpu_s") for e in engines}
    best = min(engines[1:], key=lambda e: cpu[e])
    ratios = [float(r[OURS]["cpu_s"]) / float(r[best]["cpu_s"]) for r in rows]
    ratio, peak = cpu[OURS] / cpu[best], median(OURS, "peak_mb")
    print(f"\n{case.what}\n{'':18}   CPU-s  of the best peer  wall-s  peak MB           d")
    for e in engines:
        print(
            f"{e:18}{cpu[e]:8.2f}{cpu[e] / cpu[best]:18.2f}{median(e, 'wall_s'):8.2f}"
            f"{median(e, 'peak_mb'):9.0f}{rows[0][e]['d']:12.6f}  {rows[0][e]['how']}"
        )
    print(
        f"{OURS} / {best}: {ratio:.2f} ({min(ratios):.2f} to {max(ratios):.2f}), "
        f"target {case.target}: {met(ratio <= case.target)}; "
        f"peak {peak:.0f} MB, target {PEAK_MB:.0f}: {met(peak <= PEAK_MB)}",
        flush=True,
    )


def met(yes: bool) -> str:
    return "met" if yes else "MISSED"


def curve(sizes: list[int], folder: Path) -> None:
    print(f"\n{OURS} against n, 32 columns, 5-d manifold")
    print("       n   CPU-s  wall-s  peak MB       d")
    points = folder / "points.npy"
    for n in sizes:
        np.save(points, manifold(n))
        row = measure(OURS, points, "--warm-up", str(WARM_UP))
        print(
            f"{n:8}{row['cpu_s']:8.2f}{row['wall_s']:8.2f}{row['peak_mb']:9.0f}{row['d']:8.4f}"
            f"  {row['how']}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sets", nargs="*", choices=CASES, default=list(CASES))
    parser.add_argument("--curve-to", type=int, default=CURVE[-1], metavar="N", help="0: none")
    args = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):  # every child inherits the two cores
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    installed = (PEERS_ENV / ".installed").exists()  # `make peers` came to its end
    engines = [OURS, *(IN_PEERS_ENV if installed else ()), "scikit-learn"]
    if not installed:
        print(f"no .venv-peers: {' and '.join(IN_PEERS_ENV)} are left out; `make peers` makes it")
    with tempfile.TemporaryDirectory() as folder:
        for name in args.sets:
            compare(CASES[name], engines, args.rounds, Path(folder))
        if sizes := [n for n in CURVE if n <= args.curve_to]:
            curve(sizes, Path(folder))


if __name__ == "__main__":
    main()
