"""What any curve through a budget's runs says: its lowest point, and the noise about it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.estimate import Estimate
from scalinglaws.laws.law import exp


@dataclass(frozen=True)
class Curve:
    """The lowest point of a budget's curve: log N* with its error and interval, and L*."""

    at: float
    stderr: float
    lo: float
    hi: float
    least: Estimate

    def where(self, level: float) -> Estimate:
        N = math.exp(self.at)
        return Estimate(N, N * self.stderr, exp(self.lo), exp(self.hi), level)


@dataclass(frozen=True)
class Curves:
    """A curve or the reason for none, per budget; noise: relative, and its degrees of freedom."""

    curves: list[Curve | str]
    noise: float
    dof: int


@dataclass(frozen=True)
class Polynomial:
    """L = sum_k c_k (u - mean)^k through a budget by least squares."""

    mean: float
    c: Float[ndarray, " p"]
    inverse: Float[ndarray, "p p"]  # of the normal equations: covariance / s^2
    residual: Float[ndarray, " n"]
    leverage: Float[ndarray, " n"]

    @classmethod
    def of(cls, u: Float[ndarray, " n"], L: Float[ndarray, " n"], degree: int) -> Polynomial:
        mean = float(u.mean())
        design = np.vander(u - mean, degree + 1, increasing=True)
        Q, R = np.linalg.qr(design)
        back = np.linalg.inv(R)
        c = back @ (Q.T @ L)
        return cls(mean, c, back @ back.T, L - design @ c, np.sum(Q**2, axis=1))

    @property
    def dof(self) -> int:
        return len(self.residual) - len(self.c)


def pooled(residuals: Sequence[Float[ndarray, " n"]], dof: int) -> float:
    """One relative noise for all budgets; nan if nothing is left to show it."""
    return math.sqrt(sum(float(r @ r) for r in residuals) / dof) if dof > 0 else math.nan


def arms(value: float, arm: float) -> tuple[float, float]:
    """An arm that nothing shows is open."""
    return (-math.inf, math.inf) if math.isnan(arm) else (value - arm, value + arm)
