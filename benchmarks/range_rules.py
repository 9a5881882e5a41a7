"""Where does a power law end, and how well do rules for its range know? By simulation.

Losses at n sizes over a factor 300 in N, Gaussian noise in log L, from three truths: a power law;
one that meets a floor at 60 % of the log range; one whose slope falls to 0.3 alpha there.
    circle   A.1's prefix (arXiv:2004.10802): its 10, 50 and 90 % points in sizes, the share of
             draws that keep 3, bias and sd of alpha / truth from the line through the prefix
    all      laws.exponent's alpha: bias and sd
    break    share of tables whose p is at most .05 (a power law: the false alarms), coverage of
             the break's place
    N_max    coverage of its 95 % interval, share without an upper end, median of log10(hi / lo)
             of the others
The second table shows the best runs of 400 random (N, D) on Hoffmann et al.'s surface: how many
are kept, their mean log loss over the envelope's at their C, mean and sd of the exponent a of
N ~ C^a through them (truth .457).

    python benchmarks/range_rules.py [--draws 40] [--alpha 0.5] [--sizes 8 15 30]
        [--noise .005 .02 .05]
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from itertools import product

import numpy as np

from scalinglaws.laws.line import fit_line
from scalinglaws.laws.ranges.breakpoint import find_break
from scalinglaws.laws.ranges.circle import linear_prefix
from scalinglaws.laws.ranges.exponent import fit_exponent
from scalinglaws.laws.ranges.hull import bins, lower_hull, pareto_front
from scalinglaws.laws.ranges.n_max import find_n_max

RANGE, END = math.log(300.0), 0.6
TRUTHS = ("power", "floor", "break")
E, A, B, ALPHA, BETA = 1.6934, 406.4, 410.7, 0.339171, 0.284908


def log_loss(truth: str, alpha: float, x: np.ndarray) -> np.ndarray:
    if truth == "floor":
        return np.logaddexp(-alpha * x, -alpha * END * RANGE)
    if truth == "break":
        return -alpha * x + 0.7 * alpha * np.maximum(x - END * RANGE, 0)
    return -alpha * x


def one_draw(
    truth: str, alpha: float, n: int, noise: float, rng: np.random.Generator
) -> dict[str, float]:
    x = np.linspace(0, RANGE, n)
    y = log_loss(truth, alpha, x) + noise * rng.normal(size=n)
    N, L = np.exp(x), np.exp(y)
    end = math.inf if truth == "power" else math.exp(END * RANGE)
    kept = linear_prefix(x, y)
    found = find_break(N, L, draws=199, seed=int(rng.integers(2**31)))
    N_max = find_n_max(N, L).N_max
    shut = N_max.lo > 0 and N_max.hi < math.inf
    return {
        "kept": kept,
        "circle": -fit_line(x[:kept], y[:kept]).slope.value / alpha,
        "all": fit_exponent(N, L).alpha.value / alpha,
        "alarm": found.refuted(),
        "place": found.x_break.lo <= end <= found.x_break.hi,
        "N_max": N_max.lo <= end <= N_max.hi,
        "open": math.isinf(N_max.hi),
        "decades": math.log10(N_max.hi / N_max.lo) if shut else math.nan,
    }


def row(truth: str, alpha: float, n: int, noise: float, draws: int) -> str:
    rng = np.random.default_rng(0)
    found = [one_draw(truth, alpha, n, noise, rng) for _ in range(draws)]
    of = {name: np.array([draw[name] for draw in found], dtype=float) for name in found[0]}
    low, half, high = np.quantile(of["kept"], (0.1, 0.5, 0.9))
    shut = of["decades"][np.isfinite(of["decades"])]
    place = f"{of['place'].mean():5.2f}" if truth == "break" else "    -"
    return (
        f"{truth:6} {n:3} {noise:6} {low:5.0f} {half:3.0f} {high:3.0f}"
        f" {np.mean(of['kept'] == 3):5.2f}"
        f" {of['circle'].mean() - 1:7.3f} {of['circle'].std():6.3f}"
        f" {of['all'].mean() - 1:9.3f} {of['all'].std():6.3f}"
        f" {of['alarm'].mean():9.2f} {place}"
        f" {of['N_max'].mean():8.2f} {of['open'].mean():5.2f}"
        f" {np.median(shut) if len(shut) else math.nan:6.2f}"
    )


def best_runs(pick: Callable[..., np.ndarray], noise: float, draws: int) -> str:
    rng = np.random.default_rng(0)
    a = BETA / (ALPHA + BETA)
    G = (ALPHA * A / (BETA * B)) ** (1 / (ALPHA + BETA))
    kept, excess, exponent = [], [], []
    for _ in range(draws):
        C = np.exp(rng.uniform(math.log(1e18), math.log(1e22), 400))
        N = G * (C / 6) ** a * np.exp(rng.uniform(-2, 2, 400))

        def loss(N: np.ndarray, C: np.ndarray) -> np.ndarray:
            return E + A / N**ALPHA + B / (C / (6 * N)) ** BETA

        L = loss(N, C) * np.exp(noise * rng.normal(size=400))
        best = pick(C, L)
        kept.append(len(best))
        excess.append(np.mean(np.log(L / loss(G * (C / 6) ** a, C))[best]))
        exponent.append(fit_line(np.log(C[best]), np.log(N[best])).slope.value)
    return (
        f"{noise:6} {np.mean(kept):6.0f} {np.mean(excess):9.4f}"
        f" {np.mean(exponent):7.3f} {np.std(exponent):6.3f}"
    )


def coarse_bins(C: np.ndarray, L: np.ndarray) -> np.ndarray:
    return bins(C, L, per_decade=10)


def main(show: Callable[[str], None] = print) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=40)
    parser.add_argument("--alpha", type=float, default=0.5)
    parser.add_argument("--sizes", type=int, nargs="+", default=[8, 15, 30])
    parser.add_argument("--noise", type=float, nargs="+", default=[0.005, 0.02, 0.05])
    options = parser.parse_args()
    show(f"alpha {options.alpha}, {options.draws} draws: a share of .95 is known to "
         f"+-{math.sqrt(0.95 * 0.05 / options.draws):.3f}")  # fmt: skip
    show("                   circle: prefix           alpha        all: alpha   break: alarm"
         " place   N_max    open decades")  # fmt: skip
    for n, noise, truth in product(options.sizes, options.noise, TRUTHS):
        show(row(truth, options.alpha, n, noise, options.draws))
    show("rule         noise   kept    excess       a     sd")
    for noise in (0.0, 0.005, 0.02, 0.05):
        for pick in (lower_hull, pareto_front, coarse_bins):
            show(f"{pick.__name__:12}{best_runs(pick, noise, options.draws)}")


if __name__ == "__main__":
    main()
