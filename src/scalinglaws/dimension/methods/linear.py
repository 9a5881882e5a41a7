"""The linear baselines: how many directions the variance of the points fills.

What the paper contrasts d with (Sharma & Kaplan 2020, section 4): they see the span of a curved
manifold, not its dimension. They look at all points at once and take no neighbours: k = 0, and
the scale is the root mean square distance from the mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.dimension.cloud import BLOCK, Cloud, blocks, power_of_two
from scalinglaws.dimension.points import as_rows, distinct, survey
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
    points = _centred(X)
    C, T = points.covariance()
    F = float((C**2).sum())
    size = np.concatenate([(x**2).sum(axis=1) for x in points.blocks()]) / T
    along = np.concatenate([((x @ C) * x).sum(axis=1) for x in points.blocks()]) / T
    psi = (2 * (size - 1) - 2 * (along / F - 1)) / F
    stderr = float(np.sqrt(psi @ psi)) / len(psi)
    return points.dimension(Estimate.normal(1 / F, stderr, level), T, "pr")


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
    points = _centred(X)
    C, T = points.covariance()
    shares, axes = np.linalg.eigh(C)
    shares, axes = shares[::-1].clip(0), axes[:, ::-1]
    S = np.cumsum(shares)
    squares = np.zeros(len(S))
    for x in points.blocks():
        held = np.cumsum((x @ axes) ** 2, axis=1)  # |P_m x|^2
        squares += ((held - S * held[:, -1:]) ** 2).sum(axis=0)
    stderr_S = np.sqrt(squares) / T / points.n
    z = two_sided(level)
    count, lo, hi = (_first(S + sign * stderr_S, share) for sign in (0, z, -z))
    estimate = Estimate(count, (hi - lo) / (2 * z), lo, hi, level)
    return points.dimension(
        estimate, T, "pca", (f"components that hold {share:g} of the variance",)
    )


def _first(S: Float[ndarray, " D"], share: float) -> float:
    """The smallest m with S_m >= share; all D where rounding or error leave none."""
    reached = np.flatnonzero(share <= S)
    return float(reached[0] + 1) if len(reached) else float(len(S))


@dataclass(frozen=True)
class _Centred:
    """Distinct points less their mean, in units of `unit`, a block of rows at a time."""

    blocks: Callable[[], Iterator[Float[ndarray, "block D"]]]
    n: int
    D: int
    unit: float

    def covariance(self) -> tuple[Float[ndarray, "D D"], float]:
        """C / T and T, the trace of the covariance C."""
        C = sum((x.T @ x for x in self.blocks()), np.zeros((self.D, self.D))) / self.n
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


def _centred(X: Any) -> _Centred:
    """The points of X, which is read a block at a time where it is a file.

    Unless it has more columns than points: those are held, in as many coordinates as points.
    """
    points = as_rows(X)
    surveyed = survey(points)
    rows = distinct(points, surveyed.hashes)
    n, D = len(rows), points.shape[1]
    if n < 3:
        raise BadInput(f"linear dimensions need three distinct points, got {n}")
    unit = power_of_two(surveyed.largest)
    cloud = Cloud(points, rows, 1 / unit)
    mean = sum((x.sum(axis=0) for x in _blocks(cloud)), np.zeros(D)) / n
    if n >= D:
        return _Centred(lambda: (x - mean for x in _blocks(cloud)), n, D, unit)
    own = _in_own_span(cloud.block(slice(None)) - mean)
    return _Centred(lambda: (own[some] for some in blocks(n, n, BLOCK)), n, n, unit)


def _blocks(cloud: Cloud) -> Iterator[Float[ndarray, "block D"]]:
    return (cloud.block(some) for some in blocks(cloud.n, cloud.D, BLOCK))


def _in_own_span(x: Float[ndarray, "n D"]) -> Float[ndarray, "n n"]:
    """Centred points written in n coordinates: the same products x_i . x_j, and no more columns."""
    values, vectors = np.linalg.eigh(x @ x.T)
    return vectors * np.sqrt(values.clip(0))
