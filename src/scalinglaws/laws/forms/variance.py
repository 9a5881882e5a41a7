"""The variance-limited law, L = L_inf + c / x."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.laws.forms.start import nonnegative
from scalinglaws.laws.forms.sums import log_sum, shares
from scalinglaws.laws.law import Coordinates, Kind, Law, LogX, Theta, stacked


@dataclass(frozen=True)
class Variance(Law):
    """L = L_inf + c/x: loss and its own fluctuations are analytic in 1/x about x = infinity."""

    L_inf: float
    c: float

    name: ClassVar[str] = "variance"
    equation: ClassVar[str] = "L = L_inf + c/x"
    source: ClassVar[str] = "Bahri et al. 2021, arXiv:2102.06701, variance-limited regimes"
    kinds: ClassVar[tuple[Kind, ...]] = (Kind.CONSTANT, Kind.POSITIVE)

    @staticmethod
    def log_loss(theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n"]:
        log_L_inf, log_c = theta
        (log_x,) = log_X
        return log_sum(log_L_inf, log_c - log_x)

    @classmethod
    def log_loss_gradient(cls, theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n p"]:
        log_L_inf, log_c = theta
        (log_x,) = log_X
        return stacked(*shares(log_L_inf, log_c - log_x))

    @staticmethod
    def starts(log_X: LogX, log_L: Float[ndarray, " n"]) -> list[Theta]:
        """Linear in both; and L_inf = 0."""
        (log_x,) = log_X
        log_L_inf, log_c = nonnegative([np.zeros_like(log_x), -log_x], log_L)
        alone = np.array([-math.inf, np.mean(log_L + log_x)])
        return [alone] if math.isinf(log_c) else [np.array([log_L_inf, log_c]), alone]

    def invert(self, L: float, *, variable: int = 0, given: Sequence[float] = ()) -> float:
        """x = c / (L - L_inf); nan for L <= L_inf."""
        return self.c / (L - self.L_inf) if self.L_inf < L else math.nan

    def formula(self, *x: str) -> str:
        return f"L = {self.L_inf:.4g} + {self.c:.4g} {x[0]}^-1"
