"""From rows to numbers with intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.percolation_quanta.design import ALPHA, C_OVER_DF
from scalinglaws.result import Row
from scalinglaws.theory import percolation, quanta

BAND = (0.16, 0.84)  # quantiles over draws, as the paper's bars
BAND_DRAWS = 10  # of fewer, interpolated quantiles make too narrow a band
RESAMPLED = 2000  # bootstrap samples of draws
EXPECTED_AT_LEAST = 5  # clusters of a class in a chi-square


def column(rows: Sequence[Row], name: str) -> np.ndarray:
    """A numeric column of the rows; None is NaN."""
    return np.array([cast(Any, row[name]) for row in rows], dtype=np.float64)


@dataclass(frozen=True)
class SizeClasses:
    """Clusters of all draws by size, and what the exact law expects of as many."""

    edges: np.ndarray
    observed: np.ndarray
    expected: np.ndarray


def size_classes(rows: Sequence[Row], z: int) -> SizeClasses:
    """Pool the draws. The law is conditional on the sizes kept."""
    lo, hi = column(rows, "size_lo"), column(rows, "size_hi")
    edges = np.unique([*lo, *hi])
    observed, _ = np.histogram(lo, edges, weights=column(rows, "clusters"))
    probability = percolation.size_probability(edges, z, percolation.bethe_threshold(z))
    return SizeClasses(edges, observed, observed.sum() * probability / probability.sum())


def chi_square_p(classes: SizeClasses) -> Estimate:
    """p-value of the class counts, the topmost classes joined until 5 clusters are expected.

    Its interval is itself: a p-value has no error, and the claim's bound is its risk.
    """
    from scipy.stats import chisquare

    observed, expected = list(classes.observed), list(classes.expected)
    while len(expected) > 2 and expected[-1] < EXPECTED_AT_LEAST:
        expected[-2:] = [sum(expected[-2:])]
        observed[-2:] = [sum(observed[-2:])]
    p = float(chisquare(observed, expected).pvalue)
    return Estimate(p, 0.0, p, p)


def tail_slope(classes: SizeClasses) -> Estimate:
    """-t of P(S >= s) ~ s^-t, by maximum likelihood of the class counts.

    P(class) = (lo^-t - hi^-t) / (min^-t - max^-t), a Pareto law truncated at both ends; the
    standard error is from the Fisher information, n Var(d log P / dt).
    """
    from scipy.optimize import minimize_scalar

    edges = classes.edges - 0.5

    def log_p(t: float) -> np.ndarray:
        return np.log(-np.diff(edges**-t) / (edges[0] ** -t - edges[-1] ** -t))

    def cost(t: float) -> float:
        return -float(classes.observed @ log_p(t))

    found: Any = minimize_scalar(cost, bounds=(0.01, 3), method="bounded")
    t = float(found.x)
    step = 1e-4
    score = (log_p(t + step) - log_p(t - step)) / (2 * step)
    p = np.exp(log_p(t))
    information = classes.observed.sum() * (p @ score**2 - (p @ score) ** 2)
    return Estimate.normal(-t, float(information**-0.5))


def mean_slope(rows: Sequence[Row]) -> Estimate | None:
    """Mean over all clusters with a window of a decade; its error from the draws' spread."""
    n, slope = column(rows, "slope_clusters"), column(rows, "slope")
    _, draw = np.unique(column(rows, "seed"), return_inverse=True)
    w = np.bincount(draw, weights=n)
    x = np.bincount(draw, weights=np.where(n > 0, n * slope, 0.0))
    draws = int((w > 0).sum())
    if draws < 2:
        return None
    mean = x.sum() / w.sum()
    # A ratio of sums over independent draws.
    variance = ((x - mean * w) ** 2).sum() / w.sum() ** 2 * draws / (draws - 1)
    return Estimate.normal(float(mean), float(variance**0.5))


@dataclass(frozen=True)
class Curves:
    """Total loss of every draw over one grid."""

    law: str  # model: x is N; data: x is D
    x: np.ndarray
    loss: np.ndarray  # (draws, x)
    allocation: np.ndarray  # (draws, x): the allocation law on each draw's sizes


def curves(rows: Sequence[Row], law: str) -> Curves:
    mine = [r for r in rows if r["law"] == law]
    x, at = np.unique(column(mine, "x"), return_inverse=True)
    seeds, draw = np.unique(column(mine, "seed"), return_inverse=True)
    loss, allocation = np.full((2, len(seeds), len(x)), np.nan)
    loss[draw, at] = column(mine, "loss")
    allocation[draw, at] = column(mine, "allocation")
    return Curves(law, x, loss, allocation)


def paper_law(law: str, x: np.ndarray) -> np.ndarray:
    """L(N)/L(1), or L(D): the curves as the paper draws them."""
    return undivided_law(law, x) / undivided_law(law, np.ones(1))


def undivided_law(
    law: str, x: np.ndarray, closure: quanta.Closure = quanta.Closure.PAPER
) -> np.ndarray:
    """The same in units of the loss of nothing learnt, as the experiment is: .93 at N = 1."""
    if law == "data":
        return np.asarray(quanta.data_loss(x, ALPHA, C_OVER_DF))
    return np.asarray(quanta.model_loss(x, ALPHA, C_OVER_DF, closure))


def carried_to(law: str, K: int) -> float:
    """The largest N, D that K clusters carry: beyond it, each of them is learnt in part."""
    if law == "data":
        return quanta.examples_for(K, ALPHA)
    return float(quanta.parameters_for(K, ALPHA, C_OVER_DF))


def band(loss: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 16 and 84 % quantiles over draws, interpolated between order statistics."""
    lo, hi = np.quantile(loss, BAND, axis=0)
    return lo, hi


def allocation_ratio(c: Curves) -> Estimate:
    """Median over the grid of the draws' median of loss / allocation law.

    Only where the law has fallen below 1/2: before, both are near 1 whatever is true.
    """

    def statistic(loss: np.ndarray, allocation: np.ndarray) -> float:
        learnt = np.median(allocation, axis=0) < 0.5
        if not learnt.any():
            return float("nan")
        return float(np.median(np.median(loss / allocation, axis=0)[learnt]))

    return over_draws(statistic, c.loss, c.allocation)


def inside_band(c: Curves, K: int, expected: Callable[[str, np.ndarray], np.ndarray]) -> np.ndarray:
    """Where a curve lies in the draws' band, for the x that K clusters carry."""
    x = c.x[c.x <= carried_to(c.law, K)]
    return _inside(c.loss[:, : len(x)], expected(c.law, x))


def share_inside(c: Curves, K: int) -> Estimate:
    """The share of the x carried where the paper's curve lies in the band."""
    x = c.x[c.x <= carried_to(c.law, K)]
    expected = paper_law(c.law, x)
    return over_draws(lambda loss: float(_inside(loss, expected).mean()), c.loss[:, : len(x)])


def _inside(loss: np.ndarray, expected: np.ndarray) -> np.ndarray:
    lo, hi = band(loss)
    return (lo <= expected) & (expected <= hi)


def over_draws(statistic: Callable[..., float], *tables: np.ndarray) -> Estimate:
    """A statistic of the draws with its 95 % percentile bootstrap over draws."""
    value, n = statistic(*tables), len(tables[0])
    if n < 2 or value != value:
        return Estimate(value, float("nan"), -np.inf, np.inf)
    rng = np.random.default_rng(0)
    samples = rng.integers(n, size=(RESAMPLED, n))
    resampled = np.array([statistic(*(t[chosen] for t in tables)) for chosen in samples])
    lo, hi = np.quantile(resampled, (0.025, 0.975))
    return Estimate(value, float(resampled.std(ddof=1)), float(lo), float(hi))
