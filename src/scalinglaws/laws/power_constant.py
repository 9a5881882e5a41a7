"""The power law plus a constant, L = E + A x^-alpha."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.laws.law import Kind, Law, Theta
from scalinglaws.laws.power import Power

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
    def log_loss(theta: Theta, log_X: Float[ndarray, "v n"]) -> Float[ndarray, " n"]:
        log_E, log_A, alpha = theta
        (log_x,) = log_X
        return np.logaddexp(log_E, log_A - alpha * log_x)

    @staticmethod
    def log_loss_gradient(theta: Theta, log_X: Float[ndarray, "v n"]) -> Float[ndarray, "n p"]:
        """The shares of the constant and of the power law in L, and -log x of the latter."""
        log_E, log_A, alpha = theta
        (log_x,) = log_X
        constant = np.exp(log_E - PowerConstant.log_loss(theta, log_X))
        power = np.exp(log_A - alpha * log_x - PowerConstant.log_loss(theta, log_X))
        return np.stack([constant, power, -log_x * power], axis=1)

    @staticmethod
    def starts(log_X: Float[ndarray, "v n"], log_L: Float[ndarray, " n"]) -> list[Theta]:
        """E as a share of the least loss; then log (L - E) is a straight line in log x."""
        starts: list[Theta] = []
        for share in (0.0, *_SHARES):
            (line,) = Power.starts(log_X, log_L + np.log1p(-share * np.exp(log_L.min() - log_L)))
            log_E = math.log(share) + log_L.min() if share else -math.inf
            starts.append(np.array([log_E, *line]))
        return starts

    def invert(self, L: float) -> float:
        """x = (A/(L - E))^(1/alpha); nan for L <= E."""
        return Power(self.A, self.alpha).invert(L - self.E)

    def formula(self, *x: str) -> str:
        return f"L = {self.E:.4g} + {self.A:.4g} {x[0]}^{-self.alpha:.4g}"
