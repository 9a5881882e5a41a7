"""The power law, L = A x^-alpha."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.laws.law import Coordinates, Kind, Law, LogX, Theta, exp, stacked
from scalinglaws.laws.line import fit_line


@dataclass(frozen=True)
class Power(Law):
    """L = A x^-alpha: a straight line of slope -alpha in the log-log plane."""

    A: float
    alpha: float

    name: ClassVar[str] = "power"
    equation: ClassVar[str] = "L = A x^-alpha"
    source: ClassVar[str] = "Hestness et al. 2017, arXiv:1712.00409, section 2 (M1 of 2209.06640)"
    kinds: ClassVar[tuple[Kind, ...]] = (Kind.POSITIVE, Kind.EXPONENT)

    @staticmethod
    def log_loss(theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n"]:
        log_A, alpha = theta
        (log_x,) = log_X
        return log_A - alpha * log_x

    @classmethod
    def log_loss_gradient(cls, theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n p"]:
        (log_x,) = log_X
        return stacked(np.ones_like(theta[0] * log_x), -log_x)

    @staticmethod
    def starts(log_X: LogX, log_L: Float[ndarray, " n"]) -> list[Theta]:
        line = fit_line(log_X[0], log_L)
        return [np.array([line.intercept.value, -line.slope.value])]

    def invert(self, L: float, *, variable: int = 0, given: Sequence[float] = ()) -> float:
        """x = (A/L)^(1/alpha); infinite where the law needs an x beyond double precision."""
        if L <= 0 or self.alpha == 0:
            return math.nan
        return exp((math.log(self.A) - math.log(L)) / self.alpha)

    def formula(self, *x: str) -> str:
        return f"L = {self.A:.4g} {x[0]}^{-self.alpha:.4g}"
