"""The power law of a shifted 1/x, M3."""

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

_SHIFTS = (0.0, 0.1, 1.0, 10.0)  # times the least 1/x that B is taken to be at the start


@dataclass(frozen=True)
class M3(Law):
    """L = A (1/x + B)^alpha: a power law that ends at x ~ 1/B, at the loss A B^alpha."""

    A: float
    B: float
    alpha: float

    name: ClassVar[str] = "m3"
    equation: ClassVar[str] = "L = A (1/x + B)^alpha"
    source: ClassVar[str] = "Alabdulmohsin et al. 2022, arXiv:2209.06640, M3 as their code has it"
    kinds: ClassVar[tuple[Kind, ...]] = (Kind.POSITIVE, Kind.OFFSET, Kind.EXPONENT)

    @staticmethod
    def log_loss(theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n"]:
        log_A, log_B, alpha = theta
        (log_x,) = log_X
        return log_A + alpha * log_sum(-log_x, log_B)

    @classmethod
    def log_loss_gradient(cls, theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n p"]:
        _, log_B, alpha = theta
        (log_x,) = log_X
        _, shift = shares(-log_x, log_B)
        total = log_sum(-log_x, log_B)
        return stacked(np.ones_like(total), alpha * shift, total)

    @staticmethod
    def starts(log_X: LogX, log_L: Float[ndarray, " n"]) -> list[Theta]:
        """At a given B the law is a power law in 1/(1/x + B)."""
        starts: list[Theta] = []
        for shift in _SHIFTS:
            log_B = math.log(shift) - float(log_X.max()) if shift else -math.inf
            ((log_A, alpha),) = Power.starts(-np.logaddexp(-log_X, log_B), log_L)
            starts.append(np.array([log_A, log_B, alpha]))
        return starts

    def invert(self, L: float, *, variable: int = 0, given: Sequence[float] = ()) -> float:
        """1/x = (L/A)^(1/alpha) - B; nan where that is not positive."""
        x = Power(self.A, self.alpha).invert(L)
        inverse = 1 / x - self.B if x else math.nan  # x = 0: beyond double precision
        return 1 / inverse if inverse > 0 else math.nan

    def formula(self, *x: str) -> str:
        return f"L = {self.A:.4g} (1/{x[0]} + {self.B:.4g})^{self.alpha:.4g}"
