"""Losses at repeated sizes: the mean log loss at each distinct x, and what noise it carries.

Where the replicates of some sizes scatter more than those of others, as those of small networks do,
sizes weigh by what they know: w_i = n_i v / v_i, v_i the variance at that size (`variances`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput
from scalinglaws.laws.quantile import student
from scalinglaws.laws.ranges.variances import moderated


@dataclass(frozen=True)
class Sizes:
    """Means over the runs at each distinct x, in the order of x."""

    x: Float[ndarray, " w"]  # log x, ascending
    y: Float[ndarray, " w"]  # mean log L
    weights: Float[ndarray, " w"]  # runs at each x, times `variance` over the variance there
    variance: float  # of log L among runs at equal x; 0 without replicates
    dof: int  # of that variance
    n: int  # runs in all

    @property
    def rounding(self) -> float:
        """A sum of squares of log L below this is nothing but rounding."""
        return float(self.weights.sum()) * _rounding(self.y)

    def orthonormal(self, *columns: Float[ndarray, " w"]) -> Float[ndarray, "w c"]:
        """A constant and the columns, weighted, as an orthonormal basis."""
        root = np.sqrt(self.weights)
        design = np.stack([np.ones_like(self.x), *columns], axis=1) * root[:, None]
        return np.linalg.qr(design)[0]

    def centre(self, values: Float[ndarray, "... w"]) -> Float[ndarray, "... w"]:
        """values less their weighted mean over the sizes."""
        return values - (values @ self.weights / self.weights.sum())[..., None]

    def SS(self, residual: Float[ndarray, "... w"]) -> Float[ndarray, ...]:
        """Weighted sum of squares once the best constant is taken out."""
        return self.centre(residual) ** 2 @ self.weights

    def lack_of_fit(self, SS: float, dof: int) -> float:
        """Variance that the means' scatter about a law shows: SS / dof, at least rounding's."""
        return max(SS, self.rounding) / dof if dof > 0 else 0.0

    def reach(self, SS: float, dof: int, level: float) -> float:
        """t^2 s^2: by how much a sum of squares may exceed its minimum SS.

        The replicates' variance and what the lack of fit shows beyond it enter each with
        Student's quantile at its own degrees of freedom.
        """
        if self.dof == 0 and dof <= 0:
            return math.inf
        known = student(level, self.dof) ** 2 * self.variance if self.dof else 0.0
        excess = max(self.lack_of_fit(SS, dof) - self.variance, 0.0)
        return known + (student(level, dof) ** 2 * excess if excess else 0.0)

    def thinned(self, groups: int) -> Sizes:
        """At most this many x: neighbours share their weighted mean. A line stays a line."""
        w = len(self.x)
        if w <= groups:
            return self
        first = np.linspace(0, w, groups, endpoint=False).astype(int)
        weights = np.add.reduceat(self.weights, first)
        x, y = (np.add.reduceat(self.weights * v, first) / weights for v in (self.x, self.y))
        return Sizes(x, y, weights, self.variance, self.dof, self.n)


def sizes_of(x: ArrayLike, L: ArrayLike, name: str = "x") -> Sizes:
    """The means of log L at distinct x, called `name` in messages.

    Raises BadInput unless all are positive and finite.
    """
    every_x, losses = positive_pair(x, L, name)
    log_x, index = np.unique(np.log(every_x), return_inverse=True)
    log_L = np.log(losses)
    trials = np.bincount(index).astype(float)
    y = np.bincount(index, log_L) / trials
    spare = trials - 1
    dof, n = int(spare.sum()), len(log_L)
    within = np.bincount(index, (log_L - y[index]) ** 2)
    variance = float(within.sum()) / dof if dof else 0.0
    if variance <= _rounding(y):  # no replicates, or copies
        return Sizes(log_x, y, trials, variance, dof, n)
    each = moderated(log_x, within / np.maximum(spare, 1), spare)
    return Sizes(log_x, y, trials * variance / each, variance, dof, n)


def _rounding(log_L: Float[ndarray, " w"]) -> float:
    """A variance of log L that is nothing but rounding."""
    return (8 * float(np.finfo(float).eps) * max(1.0, float(np.abs(log_L).max()))) ** 2


def positive_pair(
    x: ArrayLike, L: ArrayLike, name: str = "x"
) -> tuple[Float[ndarray, " n"], Float[ndarray, " n"]]:
    """x and L as equally long columns. Raises BadInput unless all are positive and finite."""
    pair = np.asarray(x, dtype=float), np.asarray(L, dtype=float)
    if pair[0].ndim != 1 or pair[0].shape != pair[1].shape or not len(pair[0]):
        shapes = f"{pair[0].shape}, {pair[1].shape}"
        raise BadInput(f"{name} and L must be one-dimensional, equally long: {shapes}")
    for of, values in zip((name, "L"), pair, strict=True):
        if not (np.isfinite(values) & (values > 0)).all():
            raise BadInput(f"logarithms need positive, finite {of}")
    return pair
