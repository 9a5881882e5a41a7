"""The log-corrected power law, L = A x^-alpha (log x)^q."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.laws.law import Coordinates, Kind, Law, LogX, Theta, stacked


@dataclass(frozen=True)
class LogPower(Law):
    """L = A x^-alpha (log x)^q, x > 1: what a marginal correction makes of a power law.

    The law knows the unit of x: in another one it is another law.
    """

    A: float
    alpha: float
    q: float

    name: ClassVar[str] = "log-power"
    equation: ClassVar[str] = "L = A x^-alpha (log x)^q"
    source: ClassVar[str] = "Brill 2024, arXiv:2412.07942, the marginal case"
    kinds: ClassVar[tuple[Kind, ...]] = (Kind.POSITIVE, Kind.EXPONENT, Kind.REAL)
    least_x: ClassVar[float] = 1.0

    @staticmethod
    def log_loss(theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n"]:
        log_A, alpha, q = theta
        (log_x,) = log_X
        return log_A - alpha * log_x + q * np.log(log_x)

    @classmethod
    def log_loss_gradient(cls, theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n p"]:
        (log_x,) = log_X
        return stacked(np.ones_like(theta[0] * log_x), -log_x, np.log(log_x))

    @staticmethod
    def starts(log_X: LogX, log_L: Float[ndarray, " n"]) -> list[Theta]:
        """Linear in all three."""
        design = LogPower.log_loss_gradient(np.zeros(3), log_X)
        return [np.linalg.lstsq(design, log_L)[0]]

    def formula(self, *x: str) -> str:
        return f"L = {self.A:.4g} (log {x[0]})^{self.q:.4g} {x[0]}^{-self.alpha:.4g}"
