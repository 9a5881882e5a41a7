"""How well is alpha recovered when the power law may end? Bias, spread and coverage by simulation.

Losses at 8 sizes over a factor 18 in N with replicates and Gaussian noise in log L, from three
truths: a power law; one that meets a floor at `crossing` of the log range; one whose slope falls
to 0.3 alpha at 60 % of the log range. Compared: the all-points fit that allows for an end
(laws.exponent), the straight line through all points, and the straight line through the points
that the circle rule keeps (arXiv:2004.10802, A.1). Columns: bias and standard deviation of
alpha / truth, coverage of the 95 % interval, its median half-width / truth. With --falls F the
noise falls by that factor over the range, its geometric mean as printed.

    python benchmarks/exponent_recovery.py [--draws 200] [--trials 3] [--crossing 0.7] [--falls 1]
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from itertools import product

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.laws.line import fit_line
from scalinglaws.laws.ranges.circle import linear_prefix
from scalinglaws.laws.ranges.exponent import fit_exponent

N = np.geomspace(300.0, 300.0 * 18, 8)
TRUTHS = ("no floor", "floor", "break")
METHODS = ("all points", "straight", "circle")


def log_loss(truth: str, alpha: float, crossing: float) -> np.ndarray:
    x = np.log(N / N[0])
    power = -alpha * x
    if truth == "floor":
        return np.logaddexp(power, -alpha * crossing * x[-1])
    if truth == "break":
        return power + 0.7 * alpha * np.maximum(x - 0.6 * x[-1], 0)
    return power


def estimates(log_L: np.ndarray) -> dict[str, Estimate]:
    """alpha by each method; log_L has shape (trials, sizes)."""
    every_N = np.broadcast_to(N, log_L.shape).ravel()
    exponent = fit_exponent(every_N, np.exp(log_L.ravel()))
    mean = log_L.mean(axis=0)
    kept = linear_prefix(np.log(N), mean)
    circle = fit_line(np.log(N[:kept]), mean[:kept]).slope.map_monotone(lambda b: -b, -1.0)
    return {"all points": exponent.alpha, "straight": exponent.straight, "circle": circle}


def simulate(
    truth: str,
    alpha: float,
    noise: float,
    *,
    draws: int,
    trials: int,
    crossing: float,
    falls: float = 1.0,
    seed: int = 0,
) -> dict[str, tuple[float, float, float, float]]:
    """Per method: bias, sd, coverage, median half-width, all relative to alpha."""
    rng = np.random.default_rng(seed)
    clean = log_loss(truth, alpha, crossing)
    sd = noise * np.geomspace(math.sqrt(falls), 1 / math.sqrt(falls), len(N))
    found = [estimates(clean + sd * rng.normal(size=(trials, len(N)))) for _ in range(draws)]
    table = {}
    for method in METHODS:
        value, lo, hi = np.array([(e[method].value, e[method].lo, e[method].hi) for e in found]).T
        covered = (lo <= alpha) & (alpha <= hi)
        half = float(np.median(hi - lo)) / 2 / alpha
        table[method] = (value.mean() / alpha - 1, value.std() / alpha, covered.mean(), half)
    return table


def main(show: Callable[[str], None] = print) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--trials", type=int, default=3)
    parser.add_argument("--crossing", type=float, default=0.7)
    parser.add_argument("--falls", type=float, default=1.0)
    options = parser.parse_args()
    show(
        f"{options.draws} draws, {options.trials} trials at each of {len(N)} sizes; "
        f"coverage is known to +-{math.sqrt(0.95 * 0.05 / options.draws):.3f}"
    )
    head = "".join(f"  {m:>9}: bias    sd   cov  half" for m in METHODS)
    show(f"alpha noise truth   {head}")
    for alpha, noise, truth in product((0.5, 1.0, 2.0), (0.03, 0.1, 0.2), TRUTHS):
        table = simulate(truth, alpha, noise, **vars(options))
        cells = "".join("{:>16.3f} {:5.3f} {:5.3f} {:5.3f}".format(*table[m]) for m in METHODS)
        show(f"{alpha:5} {noise:5} {truth:8}{cells}")


if __name__ == "__main__":
    main()
