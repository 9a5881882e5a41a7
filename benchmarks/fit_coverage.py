"""How often do the 95 % intervals of `laws.fit` hold? Coverage by simulation.

Losses with Gaussian noise in log L at n sizes over three decades; the truth is a power law or a
power law plus constant, the law fitted is the true one or `auto`. Columns: coverage of alpha, of
E (where the law has it), of a new run inside the range and at 10 times the largest size, and the
median relative half-width of that last forecast.

    python benchmarks/fit_coverage.py [--draws 200]
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from itertools import product

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.laws import Fit, Law, Power, PowerConstant, fit

TRUTHS: tuple[Law, ...] = (Power(A=20.0, alpha=0.1), PowerConstant(E=1.7, A=400.0, alpha=0.34))
INSIDE, BEYOND = 3e7, 1e10


def holds(estimate: Estimate, value: float) -> bool:
    return estimate.lo <= value <= estimate.hi


def one_draw(
    truth: Law, law: str, n: int, noise: float, rng: np.random.Generator
) -> dict[str, float]:
    N = np.geomspace(1e6, 1e9, n)

    def runs(at: np.ndarray) -> np.ndarray:
        return truth.predict(at) * np.exp(noise * rng.normal(size=at.shape))

    fitted: Fit = fit({"N": N, "loss": runs(N)}, law)
    inside, beyond = fitted.predict(INSIDE), fitted.predict(BEYOND)
    new_inside, new_beyond = runs(np.array([INSIDE, BEYOND])).tolist()
    held = {
        "alpha": holds(fitted.params["alpha"], truth.alpha),
        "inside": holds(inside, new_inside),
        "10x": holds(beyond, new_beyond),
        "width": math.log(beyond.hi / beyond.lo) / 2,
    }
    if "E" in fitted.params:
        held["E"] = holds(fitted.params["E"], getattr(truth, "E", 0.0))
    return held


def simulate(
    truth: Law, law: str, n: int, noise: float, *, draws: int, seed: int = 0
) -> dict[str, float]:
    """Shares of draws whose interval holds; nan for what the law does not have."""
    rng = np.random.default_rng(seed)
    found = [one_draw(truth, law, n, noise, rng) for _ in range(draws)]
    shares = {}
    for name in ("alpha", "E", "inside", "10x", "width"):
        values = [draw[name] for draw in found if name in draw]
        middle = np.median if name == "width" else np.mean
        shares[name] = float(middle(values)) if values else math.nan
    return shares


def main(show: Callable[[str], None] = print) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=200)
    draws = parser.parse_args().draws
    show(f"{draws} draws; coverage is known to +-{math.sqrt(0.95 * 0.05 / draws):.3f}")
    show("truth          fitted          n noise |  alpha     E inside   10x | half-width at 10x")
    for truth, n, noise in product(TRUTHS, (8, 15, 30), (0.02, 0.05)):
        for law in (truth.name, "auto"):
            s = simulate(truth, law, n, noise, draws=draws)
            show(
                f"{truth.name:14} {law:14} {n:2} {noise:5} |  {s['alpha']:.3f} {s['E']:5.3f} "
                f"{s['inside']:6.3f} {s['10x']:5.3f} | {s['width']:.3f}"
            )


if __name__ == "__main__":
    main()
