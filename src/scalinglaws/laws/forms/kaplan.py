"""The joint law of Kaplan et al., L = [(N_c/N)^(alpha_N/alpha_D) + D_c/D]^alpha_D."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.laws.forms.start import nonnegative
from scalinglaws.laws.forms.sums import log_sum, shares
from scalinglaws.laws.law import Coordinates, Kind, Law, LogX, Theta, exp, stacked

_EXPONENTS = (0.03, 0.08, 0.2, 0.5, 1.0)  # trial alpha_N and alpha_D


@dataclass(frozen=True)
class Kaplan(Law):
    """L(N, D) with no floor, analytic in 1/D, whose limits are (N_c/N)^alpha_N and
    (D_c/D)^alpha_D."""

    N_c: float
    alpha_N: float
    D_c: float
    alpha_D: float

    name: ClassVar[str] = "kaplan"
    equation: ClassVar[str] = "L = [(N_c/N)^(alpha_N/alpha_D) + D_c/D]^alpha_D"
    source: ClassVar[str] = "Kaplan et al. 2020, arXiv:2001.08361, eq. 1.5"
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind.POSITIVE,
        Kind.EXPONENT,
        Kind.POSITIVE,
        Kind.EXPONENT,
    )
    variables: ClassVar[int] = 2

    @staticmethod
    def log_loss(theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n"]:
        return theta[3] * log_sum(*_terms(theta, log_X))

    @classmethod
    def log_loss_gradient(cls, theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n p"]:
        _, alpha_N, _, alpha_D = theta
        of_N, of_D = _terms(theta, log_X)
        model, data = shares(of_N, of_D)
        ratio = alpha_N / alpha_D
        by_alpha_D = log_sum(of_N, of_D) - model * of_N
        return stacked(alpha_N * model, model * of_N / ratio, alpha_D * data, by_alpha_D)

    @staticmethod
    def starts(log_X: LogX, log_L: Float[ndarray, " n"]) -> list[Theta]:
        """L^(1/alpha_D) is linear in N_c^(alpha_N/alpha_D) and D_c."""
        log_N, log_D = log_X
        starts: list[Theta] = []
        for alpha_N, alpha_D in product(_EXPONENTS, repeat=2):
            ratio = alpha_N / alpha_D
            log_a, log_D_c = nonnegative([-ratio * log_N, -log_D], log_L / alpha_D)
            if math.isfinite(log_a) and math.isfinite(log_D_c):
                starts.append(np.array([log_a / ratio, alpha_N, log_D_c, alpha_D]))
        return starts

    def invert(self, L: float, *, variable: int = 0, given: Sequence[float] = ()) -> float:
        """N or D at the other; nan where the other alone leaves more than L."""
        (other,) = given
        log_N_c, alpha_N, log_D_c, alpha_D = self.theta
        ratio = alpha_N / alpha_D
        rest = log_D_c - math.log(other) if variable == 0 else ratio * (log_N_c - math.log(other))
        if L <= 0 or (whole := math.log(L) / alpha_D) <= rest:
            return math.nan
        part = whole + math.log1p(-math.exp(rest - whole))
        return exp(log_N_c - part / ratio) if variable == 0 else exp(log_D_c - part)

    def formula(self, *x: str) -> str:
        N, D = x
        return (
            f"L = [({self.N_c:.4g}/{N})^{self.alpha_N / self.alpha_D:.4g} "
            f"+ {self.D_c:.4g}/{D}]^{self.alpha_D:.4g}"
        )


def _terms(theta: Coordinates, log_X: LogX) -> tuple[Float[ndarray, ...], ...]:
    log_N_c, alpha_N, log_D_c, alpha_D = theta
    log_N, log_D = log_X
    return alpha_N / alpha_D * (log_N_c - log_N), log_D_c - log_D
