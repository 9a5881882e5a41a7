"""How often do 95 % forecasts hold a new run 2, 10 and 100 times beyond the table?

Losses with Gaussian noise in log L at n sizes over three decades. The truth is a power law plus
constant, a broken or a log-corrected power law. Forecasts: `claimed`, the band of power+constant
fitted to the table, its profile band for a new run; `wider`, that band widened by conformal bands
from back-tests (forecast); `stack`, all laws weighted by back-test. Each cell: coverage at 2x, 10x,
100x, and the median half-width of log L. Forecasts with status `unsupported` are counted apart
(`left out`), for the band that they show is the claimed one.

    python benchmarks/forecast_coverage.py [--draws 100] [--n 30 16] [--noise .005 .02 .05]
"""

from __future__ import annotations

import argparse
import math
from collections import defaultdict
from itertools import product

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.laws import LAWS, FitStatus, Law, PowerConstant, fit
from scalinglaws.laws.forecast import Forecast, back_test, forecast, stack

TRUTHS: dict[str, Law] = {
    "power+constant": PowerConstant(E=1.7, A=400.0, alpha=0.34),
    "broken": LAWS["broken"](1.2, 20.0, 0.12, 1e8, 0.15, 0.3),
    "log-power": LAWS["log-power"](3.0, 0.15, 0.8),
}
HORIZONS = (2.0, 10.0, 100.0)
LARGEST = 1e9


def one_draw(
    truth: Law, n: int, noise: float, rng: np.random.Generator
) -> dict[tuple[str, float], tuple[bool, float]]:
    """Whether each supported forecast held, and its half-width."""
    N = np.geomspace(1e6, LARGEST, n)

    def runs(at: np.ndarray) -> np.ndarray:
        return truth.predict(at) * np.exp(noise * rng.normal(size=at.shape))

    table = {"N": N, "loss": runs(N)}
    new = runs(LARGEST * np.array(HORIZONS)).tolist()
    fitted = fit(table, "power+constant")
    one = back_test(table, ["power+constant"])
    near, far = back_test(table), back_test(table, reach=HORIZONS[-1])
    found: dict[tuple[str, float], tuple[bool, float]] = {}

    def judge(name: str, h: float, loss: Estimate, L: float) -> None:
        width = math.log(loss.hi / loss.lo) / 2 if loss.lo > 0 else math.inf
        found[name, h] = (loss.lo <= L <= loss.hi, width)

    for h, L in zip(HORIZONS, new, strict=True):
        judge("claimed", h, fitted.predict(h * LARGEST), L)
        given: dict[str, Forecast] = {
            "wider": forecast(fitted, h * LARGEST, test=one),
            "stack": stack(near if h < HORIZONS[-1] else far, h).predict(h * LARGEST),
        }
        for name, made in given.items():
            if made.status is not FitStatus.UNSUPPORTED:
                judge(name, h, made.loss, L)
    return found


def simulate(truth: Law, n: int, noise: float, *, draws: int, seed: int = 0) -> dict[str, str]:
    """Each forecast's cell of the table."""
    rng = np.random.default_rng(seed)
    held: dict[tuple[str, float], list[tuple[bool, float]]] = defaultdict(list)
    for _ in range(draws):
        for key, value in one_draw(truth, n, noise, rng).items():
            held[key].append(value)
    cells: dict[str, str] = {}
    for name in ("claimed", "wider", "stack"):
        cover = [_mean([hold for hold, _ in held[name, h]]) for h in HORIZONS]
        width = [float(np.median([w for _, w in held[name, h]] or [math.nan])) for h in HORIZONS]
        out = [draws - len(held[name, h]) for h in HORIZONS]
        left = f" left out {out}" if any(out) else ""
        cells[name] = (
            " ".join(f"{c:.2f}" for c in cover)
            + "  +-"
            + " ".join(f"{w:.3f}" for w in width)
            + left
        )
    return cells


def _mean(held: list[bool]) -> float:
    return float(np.mean(held)) if held else math.nan


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--n", type=int, nargs="+", default=[30, 16])
    parser.add_argument("--noise", type=float, nargs="+", default=[0.005, 0.02, 0.05])
    given = parser.parse_args()
    print(f"{given.draws} draws; .95 is known to +-{math.sqrt(0.95 * 0.05 / given.draws):.3f}")
    for (name, truth), n, noise in product(TRUTHS.items(), given.n, given.noise):
        cells = simulate(truth, n, noise, draws=given.draws)
        print(f"{name:15} n={n:2} {noise:5} | " + " | ".join(f"{k} {v}" for k, v in cells.items()))


if __name__ == "__main__":
    main()
