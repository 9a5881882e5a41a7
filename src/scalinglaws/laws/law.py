"""What a law is: named parameters, log loss, and how it is started, inverted and written.

A law is fitted in coordinates theta: the parameter itself for exponents and other reals, its log
otherwise. log E = -inf is E = 0, so that a constant may vanish exactly.

A new law in ten lines: a subclass with name, equation, source and kinds, `log_loss` and `starts`,
entered with `registry.register`. Derivatives, inverse and formula then work by themselves;
analytic ones are faster and exact.

    @register
    @dataclass(frozen=True)
    class Stretched(Law):
        \"\"\"L = A exp(-b log(x)^2).\"\"\"
        A: float
        b: float
        name, equation, source = "stretched", "L = A exp(-b log(x)^2)", "nobody, arXiv:0"
        kinds = (Kind.POSITIVE, Kind.EXPONENT)
        @staticmethod
        def log_loss(theta, log_X):
            return theta[0] - theta[1] * log_X[0] ** 2
        @staticmethod
        def starts(log_X, log_L):
            return [np.array([log_L[0], 0.0])]
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from enum import StrEnum
from typing import ClassVar, cast

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput

Theta = Float[ndarray, " p"]
Coordinates = Float[ndarray, "p ..."]  # one theta, or many: each coordinate of shape (B, 1)
LogX = Float[ndarray, "v n"]


LOG_MAX = math.log(np.finfo(float).max)
_GRID = 1001  # places at which an inverse is looked for
_STEP = np.cbrt(np.finfo(float).eps)  # of a central difference


def exp(value: float) -> float:
    """e^value, infinite beyond double precision."""
    return math.exp(value) if value < LOG_MAX else math.inf


class Kind(StrEnum):
    """What values a parameter takes."""

    CONSTANT = "constant"  # a loss, >= 0; zero is a law of its own
    OFFSET = "offset"  # >= 0 in another unit; zero is a law of its own
    POSITIVE = "positive"
    EXPONENT = "exponent"  # real; the loss falls with x where it is positive
    REAL = "real"

    @property
    def is_log(self) -> bool:
        """Whether the coordinate is the parameter's log."""
        return self not in (Kind.EXPONENT, Kind.REAL)

    @property
    def may_vanish(self) -> bool:
        return self in (Kind.CONSTANT, Kind.OFFSET)


@dataclass(frozen=True)
class Law(ABC):
    """A law L(x) at fixed parameters; its fields are the parameters, in the order of theta."""

    name: ClassVar[str]
    equation: ClassVar[str]
    source: ClassVar[str]
    kinds: ClassVar[tuple[Kind, ...]]
    variables: ClassVar[int] = 1  # columns of x it needs
    least_x: ClassVar[float] = 0.0  # the law is defined for x above it

    @staticmethod
    @abstractmethod
    def log_loss(theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n"]:
        """log L at the points log_X; for each theta where there are many."""

    @staticmethod
    @abstractmethod
    def starts(log_X: LogX, log_L: Float[ndarray, " n"]) -> list[Theta]:
        """Where to start a fit. Coordinates at -inf stay there: start also from each E = 0."""

    @classmethod
    def log_loss_gradient(cls, theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n p"]:
        """d log L / d theta: by central differences, unless the law knows better."""
        columns: list[Float[ndarray, "... n"]] = []
        for i, value in enumerate(theta):
            held = np.isinf(value)
            h = _STEP * np.maximum(np.abs(np.where(held, 0.0, value)), 1.0)
            up, down = theta.copy(), theta.copy()
            up[i] = np.where(held, value, np.where(held, 0.0, value) + h)
            down[i] = np.where(held, value, np.where(held, 0.0, value) - h)
            columns.append((cls.log_loss(up, log_X) - cls.log_loss(down, log_X)) / (2 * h))
        return stacked(*columns)

    def invert(self, L: float, *, variable: int = 0, given: Sequence[float] = ()) -> float:
        """The x[variable] that gives loss L, the other variables as `given`; nan where none does.

        Of several the largest past which the loss is lower. By bisection, from a grid of log x.
        """
        from scipy.optimize import brentq  # late: slow to import

        if L <= 0:
            return math.nan
        log_given = np.log(np.array(given, dtype=float))[:, None]

        def excess(log_x: Float[ndarray, " m"]) -> Float[ndarray, " m"]:
            others = np.broadcast_to(log_given, (len(log_given), len(log_x)))
            at = np.insert(others, variable, log_x, axis=0)
            return self.log_loss(self.theta, at) - math.log(L)

        least = math.log(self.least_x) + _STEP if self.least_x else -LOG_MAX / 2
        grid = np.linspace(least, LOG_MAX / 2, _GRID)
        above = excess(grid) > 0
        falls = np.flatnonzero(above[:-1] & ~above[1:])
        crossings = falls if len(falls) else np.flatnonzero(above[:-1] != above[1:])
        if not len(crossings):
            return math.nan
        lo, hi = grid[crossings[-1] : crossings[-1] + 2].tolist()
        found = brentq(lambda u: float(excess(np.array([u]))[0]), lo, hi, xtol=1e-14)
        return exp(cast(float, found))

    def formula(self, *x: str) -> str:
        """The equation with its numbers, in the variables named x."""
        numbers = ", ".join(
            f"{name} = {value:.4g}"
            for name, value in zip(self.parameters(), astuple(self), strict=True)
        )
        return f"{self.equation} of x = {', '.join(x)}; {numbers}"

    @classmethod
    def parameters(cls) -> tuple[str, ...]:
        return tuple(field.name for field in fields(cls))

    @classmethod
    def at(cls, theta: Theta) -> Law:
        """The law at these coordinates. Raises BadInput where a parameter is no double."""
        values: list[float] = []
        for name, kind, value in zip(cls.parameters(), cls.kinds, theta.tolist(), strict=True):
            natural = exp(value) if kind.is_log else value
            if not math.isfinite(natural) or (kind is Kind.POSITIVE and natural == 0):
                raise BadInput(
                    f"{cls.name}: {name} = e^{value:.4g} is beyond double precision: "
                    "x spans too little, or x or the loss needs another unit"
                )
            values.append(natural)
        return cls(*values)

    @classmethod
    def settled(cls, theta: Theta) -> Theta:
        """The same law where a fit has run far along a coordinate that no longer matters."""
        return theta

    @property
    def theta(self) -> Theta:
        with np.errstate(divide="ignore"):
            return np.array(
                [
                    np.log(value) if kind.is_log else value
                    for kind, value in zip(self.kinds, astuple(self), strict=True)
                ]
            )

    def predict(self, *x: ArrayLike) -> Float[ndarray, ...]:
        """L at x, one array per variable."""
        log_X = np.log(np.array(np.broadcast_arrays(*x), dtype=float))
        loss = np.exp(self.log_loss(self.theta, log_X.reshape(len(x), -1)))
        return loss.reshape(log_X.shape[1:])


def stacked(*columns: Float[ndarray, ...]) -> Float[ndarray, "... n p"]:
    """Derivatives by each coordinate, side by side."""
    return np.stack(np.broadcast_arrays(*columns), axis=-1)
