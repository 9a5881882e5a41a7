"""Exponents and deviations measured on the rows of random-features."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.experiments.random_features.rows import EXCESS_FROM, ImageLosses, Losses
from scalinglaws.experiments.random_features.settings import Settings
from scalinglaws.theory import random_features as theory

Draws = Int[ndarray, " draws"]  # indices

ASYMPTOTIC_S, ASYMPTOTIC_N = 10**6, 200
SMALLEST_JUDGED = 16  # the closed form is claimed for min(D, P) >= 16 ...
NEAREST_JUDGED = 0.1  # ... and |D - P| > 10 % of the larger


@dataclass(frozen=True)
class SpectrumSlopes:
    """Exponents measured for one alpha."""

    alpha: float
    over_data: Estimate  # of L(D, inf) in the window
    over_projections: Estimate  # of L(inf, P) in the window
    closed: float  # of the closed form at the window's sizes
    excess_data: Estimate  # of L(D, P) - L(inf, P) against D - P
    excess_projections: Estimate  # of L(D, P) - L(D, inf) against P - D


@dataclass(frozen=True)
class ImageSlopes:
    """Exponents measured for one image set and pool size, all in one window."""

    alpha_D: Estimate
    alpha_P: Estimate
    alpha_K: Estimate  # minus the slope of the eigenvalues over rank, minus 1
    D_minus_P: Estimate  # draw by draw: all three share the features
    D_minus_K: Estimate
    closed: float  # of the closed form at the measured eigenvalues, over D


@dataclass(frozen=True)
class GridPoint:
    """Simulation against closed form at one (alpha, D, P)."""

    alpha: float
    D: float
    P: float
    ratio: float  # mean simulated loss over closed form
    stderr: float  # of the ratio
    draws: int

    @property
    def m(self) -> float:
        return min(self.D, self.P)

    @property
    def judged(self) -> bool:
        M = max(self.D, self.P)
        apart = math.isinf(M) or abs(self.D - self.P) > NEAREST_JUDGED * M
        return self.m >= SMALLEST_JUDGED and apart and self.draws > 1

    @property
    def strain(self) -> float:
        """|ratio - 1| over its allowance."""
        return abs(self.ratio - 1) / (2 / self.m + 3 * self.stderr)


def log_slope(n: Float[ndarray, " sizes"], losses: Float[ndarray, "draws sizes"]) -> float:
    """Least-squares slope of the logarithm of the mean loss over log n."""
    return float(np.polyfit(np.log(n), np.log(losses.mean(axis=0)), 1)[0])


def jackknife(statistic: Callable[[Draws], float], n: int) -> Estimate:
    """The statistic of all n draws; its error from leaving out each draw in turn.

    Sizes are nested in a draw, so points of a curve err together; whole draws are independent.
    `statistic` is given the indices of the draws to use. Student's quantile for n - 1 degrees of
    freedom; an open interval for one draw.
    """
    from scipy.stats import t

    draws = np.arange(n)
    value = statistic(draws)
    if n < 2:
        return Estimate(value, math.inf, -math.inf, math.inf)
    left_out = np.array([statistic(np.delete(draws, i)) for i in draws])
    stderr = math.sqrt((n - 1) * left_out.var())
    arm = float(t.ppf(0.5 + LEVEL / 2, n - 1)) * stderr
    return Estimate(value, stderr, value - arm, value + arm)


def spectrum_slopes(losses: Losses, settings: Settings) -> SpectrumSlopes:
    """Slopes of one alpha: resolution-limited in the window, variance-limited at one size."""
    first, last = settings.window
    sizes = np.array([n for n in losses.sizes if first <= n <= last], dtype=float)
    spectrum = theory.power_spectrum(losses.S, losses.alpha)
    closed = np.array([[theory.loss(spectrum, n, math.inf) for n in sizes]])
    fixed = settings.variance_at
    far = [n for n in losses.sizes if n >= EXCESS_FROM * fixed]
    distance = np.array(far, dtype=float) - fixed

    def over(n: Float[ndarray, " sizes"], draws: Float[ndarray, "draws sizes"]) -> Estimate:
        return jackknife(lambda kept: log_slope(n, draws[kept]), len(draws))

    return SpectrumSlopes(
        alpha=losses.alpha,
        over_data=over(sizes, losses.at([(n, math.inf) for n in sizes])),
        over_projections=over(sizes, losses.at([(math.inf, n) for n in sizes])),
        closed=log_slope(sizes, closed),
        excess_data=over(distance, losses.excess_over_data(far, fixed)),
        excess_projections=over(distance, losses.excess_over_projections(far, fixed)),
    )


def measure_images(losses: ImageLosses) -> ImageSlopes:
    """alpha_D, alpha_P and alpha_K in the window of the sizes there are."""
    n = losses.sizes
    inside = (losses.ranks >= n[0]) & (losses.ranks <= n[-1])
    ranks, draws = losses.ranks[inside], len(losses.over_data)
    over_data, over_projections = losses.over_data, losses.over_projections
    eigenvalues = losses.eigenvalues[:, inside]

    def alpha_D(kept: Draws) -> float:
        return -log_slope(n, over_data[kept])

    def alpha_P(kept: Draws) -> float:
        return -log_slope(n, over_projections[kept])

    def alpha_K(kept: Draws) -> float:
        return -log_slope(ranks, eigenvalues[kept]) - 1

    return ImageSlopes(
        alpha_D=jackknife(alpha_D, draws),
        alpha_P=jackknife(alpha_P, draws),
        alpha_K=jackknife(alpha_K, draws),
        D_minus_P=jackknife(lambda kept: alpha_D(kept) - alpha_P(kept), draws),
        D_minus_K=jackknife(lambda kept: alpha_D(kept) - alpha_K(kept), draws),
        closed=-log_slope(n, losses.closed_over_data),
    )


def grid_points(losses: Losses) -> list[GridPoint]:
    """Every simulated (D, P) of one alpha against the closed form."""
    spectrum = theory.power_spectrum(losses.S, losses.alpha)
    points: list[GridPoint] = []
    for (D, P), draws in losses.draws.items():
        closed = theory.loss(spectrum, D, P)
        n = len(draws)
        stderr = float(draws.std(ddof=1)) / math.sqrt(n) / closed if n > 1 else math.nan
        points.append(GridPoint(losses.alpha, D, P, float(draws.mean()) / closed, stderr, n))
    return points


def asymptotic_slopes(alphas: Iterable[float]) -> list[Estimate]:
    """Local slope of the closed form plus alpha; a number without error."""
    shifts = [
        theory.local_slope(theory.power_spectrum(ASYMPTOTIC_S, alpha), ASYMPTOTIC_N) + alpha
        for alpha in alphas
    ]
    return [Estimate(shift, 0.0, shift, shift) for shift in shifts]
