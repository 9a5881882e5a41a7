"""The power law plus a constant, L = E + A x^-alpha."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.laws.forms.power import Power
from scalinglaws.laws.forms.sums import log_sum, shares
from scalinglaws.laws.law import Coordinates, Kind, Law, LogX, Theta, stacked

_SHARES = (0.5, 0.9, 0.99)  # of the least loss that E is taken to be at the start


@dataclass(frozen=True)
class PowerConstant(Law):
    """L = E + A x^-alpha, E >= 0 the loss that no x removes."""

    E: float
    A: float
    alpha: float

    name: ClassVar[str] = "power+constant"
    equation: ClassVar[str] = "L = E + A x^-alpha"
    source: ClassVar[str] = "Henighan et al. 2020, arXiv:2010.14701, eq. 1.1 (M2 of 2209.06640)"
    kinds: ClassVar[tuple[Kind, ...]] = (Kind.CONSTANT, Kind.POSITIVE, Kind.EXPONENT)

    @staticmethod
    def log_loss(theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n"]:
        log_E, log_A, alpha = theta
        (log_x,) = log_X
        return log_sum(log_E, log_A - alpha * log_x)

    @classmethod
    def log_loss_gradient(cls, theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n p"]:
        """The shares of the constant and of the power law in L, and -log x of the latter."""
        log_E, log_A, alpha = theta
        (log_x,) = log_X
        constant, power = shares(log_E, log_A - alpha * log_x)
        return stacked(constant, power, -log_x * power)

    @staticmethod
    def starts(log_X: LogX, log_L: Float[ndarray, " n"]) -> list[Theta]:
        """E as a share of the least loss; then log (L - E) is a straight line in log x."""
        starts: list[Theta] = []
        for share in (0.0, *_SHARES):
            log_E, log_excess = without_constant(log_L, share)
            (line,) = Power.starts(log_X, log_excess)
            starts.append(np.array([log_E, *line]))
        return starts

    def invert(self, L: float, *, variable: int = 0, given: Sequence[float] = ()) -> float:
        """x = (A/(L - E))^(1/alpha); nan for L <= E."""
        return Power(self.A, self.alpha).invert(L - self.E)

    def formula(self, *x: str) -> str:
        return f"L = {self.E:.4g} + {self.A:.4g} {x[0]}^{-self.alpha:.4g}"


def without_constant(
    log_L: Float[ndarray, " n"], share: float
) -> tuple[float, Float[ndarray, " n"]]:
    """log E for a share of the least loss, and log (L - E)."""
    log_E = math.log(share) + float(log_L.min()) if share else -math.inf
    return log_E, log_L + np.log1p(-share * np.exp(log_L.min() - log_L))
