"""The additive joint law, L = E + A/N^alpha + B/D^beta."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.laws.forms.power import Power
from scalinglaws.laws.forms.start import nonnegative
from scalinglaws.laws.forms.sums import log_sum, shares
from scalinglaws.laws.law import Coordinates, Kind, Law, LogX, Theta, stacked

_EXPONENTS = (0.05, 0.15, 0.3, 0.5, 0.8, 1.3)  # trial alpha and beta


@dataclass(frozen=True)
class Additive(Law):
    """L(N, D) = E + A N^-alpha + B D^-beta: what a finite model and finite data each add."""

    E: float
    A: float
    alpha: float
    B: float
    beta: float

    name: ClassVar[str] = "additive"
    equation: ClassVar[str] = "L = E + A/N^alpha + B/D^beta"
    source: ClassVar[str] = "Hoffmann et al. 2022, arXiv:2203.15556, eq. 2"
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind.CONSTANT,
        Kind.POSITIVE,
        Kind.EXPONENT,
        Kind.POSITIVE,
        Kind.EXPONENT,
    )
    variables: ClassVar[int] = 2

    @staticmethod
    def log_loss(theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n"]:
        return log_sum(*_terms(theta, log_X))

    @classmethod
    def log_loss_gradient(cls, theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n p"]:
        """The share of each term, and -log N and -log D of theirs."""
        constant, model, data = shares(*_terms(theta, log_X))
        log_N, log_D = log_X
        return stacked(constant, model, -log_N * model, data, -log_D * data)

    @staticmethod
    def starts(log_X: LogX, log_L: Float[ndarray, " n"]) -> list[Theta]:
        """E, A and B solved for at every pair of trial exponents, also at E = 0."""
        log_N, log_D = log_X
        starts: list[Theta] = []
        for alpha, beta in product(_EXPONENTS, repeat=2):
            terms = [-alpha * log_N, -beta * log_D]
            log_E, *log_AB = nonnegative([np.zeros_like(log_N), *terms], log_L)
            for constant, (log_A, log_B) in (
                (log_E, log_AB),
                (-math.inf, nonnegative(terms, log_L).tolist()),
            ):
                if math.isfinite(log_A) and math.isfinite(log_B):
                    starts.append(np.array([constant, log_A, alpha, log_B, beta]))
        return starts

    def invert(self, L: float, *, variable: int = 0, given: Sequence[float] = ()) -> float:
        """N = (A / (L - E - B/D^beta))^(1/alpha), or D likewise; nan where the rest exceeds L."""
        (other,) = given
        N, D = Power(self.A, self.alpha), Power(self.B, self.beta)
        one, rest = (N, D) if variable == 0 else (D, N)
        return one.invert(L - self.E - float(rest.predict(other)))

    def formula(self, *x: str) -> str:
        N, D = x
        return (
            f"L = {self.E:.5g} + {self.A:.5g} {N}^{-self.alpha:.4g} "
            f"+ {self.B:.5g} {D}^{-self.beta:.4g}"
        )


def _terms(theta: Coordinates, log_X: LogX) -> tuple[Float[ndarray, ...], ...]:
    log_E, log_A, alpha, log_B, beta = theta
    log_N, log_D = log_X
    return log_E, log_A - alpha * log_N, log_B - beta * log_D
