"""The linear baselines: how many directions the variance of the points fills.

What the paper contrasts d with (Sharma & Kaplan 2020, section 4): they see the span of a curved
manifold, not its dimension. They look at all points at once and take no neighbours: k = 0, and
the scale is the root mean square distance from the mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.dimension.cloud import BLOCK, power_of_two
from scalinglaws.dimension.points import as_points, distinct
from scalinglaws.dimension.result import Dimension
from scalinglaws.errors import BadInput
from scalinglaws.estimate import LEVEL, Estimate, two_sided

SHARE = 0.95  # of the variance, by default


def participation_ratio(X: Any, *, level: float = LEVEL) -> Dimension:
    """(sum lambda)^2 / sum lambda^2 over the eigenvalues of the distinct points' covariance C.

    It is D where D directions hold the same variance and 1 where one holds it all. As
    PR = T^2/F with T = tr C = E|x|^2 and F = tr C^2 = E x'Cx, the influence of a centred x is

        PR (2 (|x|^2/T - 1) - 2 (x'Cx/F - 1)).

    Points are independent and share nothing, so their influences add in squares. The interval
    covers the estimator's own mean, which is low unless points are many more than PR: n
    Gaussian points in D equal directions read D / (1 + D/n). There PR is at its maximum, the
    influence vanishes and the error, left to the next order, is claimed up to 1.5 times too
    large (measured on spheres, balls and tori).

    Raises BadInput for fewer than three distinct points.
    """
    cloud = _cloud(X)
    C, T = cloud.covariance()
    F = float((C**2).sum())
    size = np.concatenate([(x**2).sum(axis=1) for x in cloud.blocks()]) / T
    along = np.concatenate([((x @ C) * x).sum(axis=1) for x in cloud.blocks()]) / T
    psi = (2 * (size - 1) - 2 * (along / F - 1)) / F
    stderr = float(np.sqrt(psi @ psi)) / len(psi)
    return cloud.dimension(Estimate.normal(1 / F, stderr, level), T, "pr")


def pca_count(X: Any, share: float = SHARE, *, level: float = LEVEL) -> Dimension:
    """The number of leading principal components that hold `share` of the variance.

    The first m with S_m = sum_{i<=m} lambda_i / sum lambda >= share. It is a whole number, so its
    interval is one of whole numbers: the counts at which S_m plus and minus its own error
    reach the share (Woodruff 1952, J. Am. Stat. Assoc. 47, 635, for quantiles). The influence of
    a centred x on S_m is (|P_m x|^2 - S_m |x|^2) / T, P_m the projection on the first m axes.
    stderr is the interval's half-width over the Gaussian quantile: 0 where all the interval is
    one count.

    Raises BadInput for a share outside (0, 1) or fewer than three distinct points.
    """
    if not 0 < share < 1:
        raise BadInput(f"pca needs a share of the variance between 0 and 1, got {share:g}")
    cloud = _cloud(X)
    C, T = cloud.covariance()
    shares, axes = np.linalg.eigh(C)
    shares, axes = shares[::-1].clip(0), axes[:, ::-1]
    S = np.cumsum(shares)
    squares = np.zeros(len(S))
    for x in cloud.blocks():
        held = np.cumsum((x @ axes) ** 2, axis=1)  # |P_m x|^2
        squares += ((held - S * held[:, -1:]) ** 2).sum(axis=0)
    stderr_S = np.sqrt(squares) / T / cloud.n
    z = two_sided(level)
    count, lo, hi = (_first(S + sign * stderr_S, share) for sign in (0, z, -z))
    estimate = Estimate(count, (hi - lo) / (2 * z), lo, hi, level)
    return cloud.dimension(estimate, T, "pca", (f"components that hold {share:g} of the variance",))


def _first(S: Float[ndarray, " D"], share: float) -> float:
    """The smallest m with S_m >= share; all D where rounding or error leave none."""
    reached = np.flatnonzero(share <= S)
    return float(reached[0] + 1) if len(reached) else float(len(S))


@dataclass(frozen=True)
class _Cloud:
    """Distinct points in units of `unit`, and their mean; centred a block of rows at a time."""

    points: Float[ndarray, "n D"]
    mean: Float[ndarray, " D"]
    unit: float

    @property
    def n(self) -> int:
        return len(self.points)

    def blocks(self) -> Iterator[Float[ndarray, "block D"]]:
        rows = max(1, BLOCK // len(self.mean))
        for start in range(0, self.n, rows):
            yield self.points[start : start + rows] / self.unit - self.mean

    def covariance(self) -> tuple[Float[ndarray, "D D"], float]:
        """C / T and T, the trace of the covariance C."""
        D = len(self.mean)
        C = sum((x.T @ x for x in self.blocks()), np.zeros((D, D))) / self.n
        T = float(np.trace(C))
        if not np.finfo(np.float64).tiny < T:
            raise BadInput(
                "the points differ by less than 1e-150 of their largest coordinate: float64 "
                "cannot square that; subtract the mean first"
            )
        return C / T, T

    def dimension(
        self, estimate: Estimate, T: float, method: str, notes: tuple[str, ...] = ()
    ) -> Dimension:
        e = estimate
        scale = T**0.5 * self.unit
        return Dimension(e.value, e.stderr, e.lo, e.hi, self.n, 0, method, scale, e.level, notes)


def _cloud(X: Any) -> _Cloud:
    points = as_points(X)
    rows = distinct(points)
    n = len(rows)
    if n < 3:
        raise BadInput(f"linear dimensions need three distinct points, got {n}")
    points = points[rows] if n < len(points) else points
    unit = power_of_two(points)
    raw = _Cloud(points, np.zeros(points.shape[1]), unit)
    mean = sum((x.sum(axis=0) for x in raw.blocks()), raw.mean) / n
    if len(mean) <= n:
        return _Cloud(points, mean, unit)
    return _Cloud(_in_own_span(points / unit - mean) * unit, np.zeros(n), unit)


def _in_own_span(x: Float[ndarray, "n D"]) -> Float[ndarray, "n n"]:
    """Centred points written in n coordinates: the same products x_i . x_j, and no more columns."""
    values, vectors = np.linalg.eigh(x @ x.T)
    return vectors * np.sqrt(values.clip(0))
