"""The law of routed language models, log L = a log N + b log E' + c log N log E' + d.

Clark et al. 2022, arXiv:2202.01169, eq. 1 and its saturation of the number of experts E,

    1/E' = 1/(E - 1 + (1/E_start - 1/E_max)^-1) + 1/E_max;

logs to base 10. Without the saturation E' is E itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.laws.law import Coordinates, Kind, Law, LogX, Theta

LN10 = math.log(10)
_STARTS, _MAXIMA = (1.2, 2.0, 4.0), (150.0, 400.0, 1000.0)  # trial E_start and E_max


@dataclass(frozen=True)
class Bilinear(Law):
    """In the number of experts itself."""

    a: float
    b: float
    c: float
    d: float

    name: ClassVar[str] = "bilinear"
    equation: ClassVar[str] = "log L = a log N + b log E + c log N log E + d"
    source: ClassVar[str] = "Clark et al. 2022, arXiv:2202.01169"
    kinds: ClassVar[tuple[Kind, ...]] = (Kind.REAL,) * 4
    variables: ClassVar[int] = 2

    @staticmethod
    def log_loss(theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n"]:
        return _bilinear(theta, *log_X)

    @staticmethod
    def starts(log_X: LogX, log_L: Float[ndarray, " n"]) -> list[Theta]:
        """The law is linear in its parameters."""
        return [_linear(log_X[0], log_X[1], log_L)]


@dataclass(frozen=True)
class Saturating(Law):
    """In the effective number of experts."""

    a: float
    b: float
    c: float
    d: float
    E_start: float
    E_max: float

    name: ClassVar[str] = "saturating"
    equation: ClassVar[str] = "log L = a log N + b log E' + c log N log E' + d"
    source: ClassVar[str] = "Clark et al. 2022, arXiv:2202.01169, eq. 1"
    kinds: ClassVar[tuple[Kind, ...]] = (Kind.REAL,) * 4 + (Kind.POSITIVE,) * 2
    variables: ClassVar[int] = 2

    @staticmethod
    def log_loss(theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n"]:
        log_N, log_E = log_X
        effective = _log_effective(log_E, theta[4], theta[5])
        return _bilinear(theta[:4], log_N, effective)

    @staticmethod
    def starts(log_X: LogX, log_L: Float[ndarray, " n"]) -> list[Theta]:
        """Linear at every pair of trial E_start and E_max."""
        log_N, log_E = log_X
        found: list[Theta] = []
        for first, last in product(np.log(_STARTS), np.log(_MAXIMA)):
            linear = _linear(log_N, _log_effective(log_E, first, last), log_L)
            found.append(np.append(linear, [first, last]))
        return found


def _linear(
    log_N: Float[ndarray, " n"], log_E: Float[ndarray, " n"], log_L: Float[ndarray, " n"]
) -> Float[ndarray, " p"]:
    """a, b, c, d by least squares."""
    ones = np.ones_like(log_N)
    terms = np.stack([log_N, log_E, log_N * log_E / LN10, ones * LN10], axis=1)
    return np.linalg.lstsq(terms, log_L, rcond=None)[0]


def _log_effective(
    log_E: Float[ndarray, " n"], log_start: Coordinates, log_max: Coordinates
) -> Float[ndarray, "... n"]:
    """log E'; not a number where E_start is E_max or more."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        inverse_max = np.exp(-log_max)
        gap = np.exp(-log_start) - inverse_max
        inverse = 1 / (np.expm1(log_E) + 1 / np.where(gap > 0, gap, np.nan)) + inverse_max
        return -np.log(inverse)


def _bilinear(
    theta: Coordinates, log_N: Float[ndarray, " n"], log_E: Float[ndarray, "... n"]
) -> Float[ndarray, "... n"]:
    """Natural logs in and out; d and c as in the law of logs to base 10."""
    a, b, c, d = theta
    return a * log_N + b * log_E + c * log_N * log_E / LN10 + d * LN10
