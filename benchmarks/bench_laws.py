"""What a fit costs, beside SciPy's curve_fit without intervals.

    python benchmarks/bench_laws.py

Synthetic tables only: 30 runs of a power law plus a constant and of each law, and 240 runs of N
and D like Chinchilla's. Prints one JSON line each; seconds of CPU, the least of several rounds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.random import default_rng
from scipy.optimize import curve_fit

from scalinglaws import laws
from scalinglaws.experiments.law_coverage.truths import TRUTHS, runs

ROUNDS = 5
DRAWS = 4000


def least_cpu_s(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    seconds: list[float] = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


def report(what: str, **numbers: float) -> None:
    print(json.dumps({"what": what, **{name: round(n, 4) for name, n in numbers.items()}}))


def thirty_runs() -> None:
    truth = laws.PowerConstant(E=1.7, A=400.0, alpha=0.34)
    N = np.geomspace(1e6, 1e9, 30)
    table = {"N": N, "loss": truth.predict(N) * np.exp(0.01 * default_rng(0).standard_normal(30))}
    ours = least_cpu_s(lambda: laws.fit(table))
    log_L = np.log(table["loss"])

    def bare() -> None:
        curve_fit(lambda n, E, A, alpha: np.log(E + A * n**-alpha), N, log_L, p0=(1.0, 100.0, 0.3))

    report("30 runs, auto, profile intervals", ours_cpu_s=ours, curve_fit_cpu_s=least_cpu_s(bare))
    for name, law in TRUTHS.items():
        x = runs(name, 30, default_rng(1))
        noisy = law.predict(*x.values()) * np.exp(0.01 * default_rng(0).standard_normal(30))
        table = {**x, "loss": noisy}
        ours = least_cpu_s(lambda t=table, n=name, x=tuple(x): laws.fit(t, n, x=x), 2)
        report(f"30 runs, {name}, profile intervals", ours_cpu_s=ours)


def chinchilla_like() -> None:
    rng = default_rng(0)
    truth = laws.Additive(E=1.817, A=480.0, alpha=0.348, B=2090.0, beta=0.366)
    N, D = np.exp(rng.uniform(np.log([[4e7], [1e9]]), np.log([[1.6e10], [3e11]]), (2, 240)))
    table = {"N": N, "D": D, "loss": truth.predict(N, D) * np.exp(0.007 * rng.normal(size=240))}
    how = {"x": ("N", "D"), "objective": "huber"}
    fitted = laws.fit(table, "additive", **how)
    report(
        "240 runs, additive, huber, profile intervals",
        ours_cpu_s=least_cpu_s(lambda: laws.fit(table, "additive", **how), 2),
    )
    start = time.perf_counter()
    cpu_s = least_cpu_s(lambda: laws.bootstrap(fitted, DRAWS, scheme="pairs"), 1)
    report(f"{DRAWS} draws", cpu_s=cpu_s, wall_s=time.perf_counter() - start)


def imports() -> None:
    code = (
        "import time; t = time.process_time(); import scalinglaws.laws, sys; "
        "print(time.process_time() - t, 'torch' in sys.modules or 'polars' in sys.modules "
        "or 'scipy.optimize' in sys.modules)"
    )
    found = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(ROUNDS)
    ]
    cpu_s, heavy = zip(*(one.stdout.split() for one in found), strict=True)
    report("import scalinglaws.laws", cpu_s=min(map(float, cpu_s)), heavy=heavy[0] == "True")


if __name__ == "__main__":
    imports()
    thirty_runs()
    chinchilla_like()
