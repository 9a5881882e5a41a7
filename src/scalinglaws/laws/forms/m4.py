"""The sigmoid-like law between a first and a last loss, M4."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.laws.forms.power import Power
from scalinglaws.laws.forms.power_constant import without_constant
from scalinglaws.laws.forms.sums import log_sum, logistic, shares, softplus
from scalinglaws.laws.law import Coordinates, Kind, Law, LogX, Theta, stacked

_SHARES = (0.0, 0.5, 0.9, 0.99)  # of the least loss that E is taken to be at the start
_OVER = (1.01, 1.3, 4.0)  # times the largest loss that L0 is taken to be


@dataclass(frozen=True)
class M4(Law):
    """(L - E) / (L0 - L) = A x^-alpha: from L0, the loss of a guess, down to E.

    L = (E + L0 z) / (1 + z) with z = A x^-alpha; the exponent on L0 - L, which the source also
    fits, is 1.
    """

    E: float
    L0: float
    A: float
    alpha: float

    name: ClassVar[str] = "m4"
    equation: ClassVar[str] = "L = (E + L0 A x^-alpha) / (1 + A x^-alpha)"
    source: ClassVar[str] = "Alabdulmohsin et al. 2022, arXiv:2209.06640, M4 at alpha = 1"
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind.CONSTANT,
        Kind.POSITIVE,
        Kind.POSITIVE,
        Kind.EXPONENT,
    )

    @staticmethod
    def log_loss(theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n"]:
        log_E, log_L0, log_A, alpha = theta
        (log_x,) = log_X
        log_z = log_A - alpha * log_x
        return log_sum(log_E, log_L0 + log_z) - softplus(log_z)

    @classmethod
    def log_loss_gradient(cls, theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n p"]:
        log_E, log_L0, log_A, alpha = theta
        (log_x,) = log_X
        log_z = log_A - alpha * log_x
        last, first = shares(log_E, log_L0 + log_z)
        by_log_z = first - logistic(log_z)
        return stacked(last, first, by_log_z, -log_x * by_log_z)

    @staticmethod
    def starts(log_X: LogX, log_L: Float[ndarray, " n"]) -> list[Theta]:
        """At given E and L0, log (L - E) - log (L0 - L) is a straight line in log x."""
        starts: list[Theta] = []
        for share in _SHARES:
            log_E, log_excess = without_constant(log_L, share)
            for over in _OVER:
                log_L0 = math.log(over) + float(log_L.max())
                log_short = log_L0 + np.log1p(-np.exp(log_L - log_L0))
                (line,) = Power.starts(log_X, log_excess - log_short)
                starts.append(np.array([log_E, log_L0, *line]))
        return starts

    def invert(self, L: float, *, variable: int = 0, given: Sequence[float] = ()) -> float:
        """x = (A (L0 - L)/(L - E))^(1/alpha); nan for L not between E and L0."""
        if not self.E < L < self.L0:
            return math.nan
        return Power(self.A, self.alpha).invert((L - self.E) / (self.L0 - L))
