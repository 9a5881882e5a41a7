"""The power law of a shifted x, M3."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.laws.forms.power import Power
from scalinglaws.laws.forms.power_constant import PowerConstant
from scalinglaws.laws.forms.sums import log_sum, shares
from scalinglaws.laws.law import Coordinates, Kind, Law, LogX, Theta, stacked

_SHIFTS = (0.0, 0.3, 3.0)  # times the least x that B is taken to be at the start


@dataclass(frozen=True)
class Shifted(Law):
    """L = E + A (x + B)^-alpha: a plateau up to x ~ B, then a power law, then E."""

    E: float
    A: float
    B: float
    alpha: float

    name: ClassVar[str] = "shifted"
    equation: ClassVar[str] = "L = E + A (x + B)^-alpha"
    source: ClassVar[str] = "Zhai et al. 2021, arXiv:2106.04560, eq. 1"
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind.CONSTANT,
        Kind.POSITIVE,
        Kind.OFFSET,
        Kind.EXPONENT,
    )

    @staticmethod
    def log_loss(theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n"]:
        log_E, log_A, log_B, alpha = theta
        (log_x,) = log_X
        return log_sum(log_E, log_A - alpha * log_sum(log_x, log_B))

    @classmethod
    def log_loss_gradient(cls, theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n p"]:
        log_E, log_A, log_B, alpha = theta
        (log_x,) = log_X
        log_s = log_sum(log_x, log_B)
        constant, power = shares(log_E, log_A - alpha * log_s)
        shift = np.exp(log_B - log_s)
        return stacked(constant, power, -alpha * shift * power, -log_s * power)

    @staticmethod
    def starts(log_X: LogX, log_L: Float[ndarray, " n"]) -> list[Theta]:
        """At a given B the law is a power law plus a constant in x + B."""
        starts: list[Theta] = []
        for shift in _SHIFTS:
            log_B = math.log(shift) + float(log_X.min()) if shift else -math.inf
            for log_E, log_A, alpha in PowerConstant.starts(np.logaddexp(log_X, log_B), log_L):
                starts.append(np.array([log_E, log_A, log_B, alpha]))
        return starts

    def invert(self, L: float, *, variable: int = 0, given: Sequence[float] = ()) -> float:
        """x = (A/(L - E))^(1/alpha) - B; nan for L <= E and where x would not be positive."""
        x = Power(self.A, self.alpha).invert(L - self.E) - self.B
        return x if x > 0 else math.nan

    def formula(self, *x: str) -> str:
        return f"L = {self.E:.4g} + {self.A:.4g} ({x[0]} + {self.B:.4g})^{-self.alpha:.4g}"
