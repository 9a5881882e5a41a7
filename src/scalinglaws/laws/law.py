"""What a law is: named parameters, log loss and its gradient, an inverse, an equation, a source.

A law is fitted in coordinates theta: log of a positive parameter, the parameter itself
otherwise. log E = -inf is E = 0, so that a constant may vanish exactly.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import astuple, dataclass, fields
from enum import StrEnum
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput

Theta = Float[ndarray, " p"]


LOG_MAX = math.log(np.finfo(float).max)


def exp(value: float) -> float:
    """e^value, infinite beyond double precision."""
    return math.exp(value) if value < LOG_MAX else math.inf


class Kind(StrEnum):
    """What values a parameter takes."""

    CONSTANT = "constant"  # a loss, >= 0; zero is a law of its own
    POSITIVE = "positive"
    EXPONENT = "exponent"  # real; the loss falls with x where it is positive


@dataclass(frozen=True)
class Law(ABC):
    """A law L(x) at fixed parameters; its fields are the parameters, in the order of theta.

    A new law is a subclass with the five class attributes, `log_loss`, `log_loss_gradient`,
    `starts` and `invert`, entered into the registry.
    """

    name: ClassVar[str]
    equation: ClassVar[str]
    source: ClassVar[str]
    kinds: ClassVar[tuple[Kind, ...]]
    variables: ClassVar[int] = 1  # columns of x it needs

    @staticmethod
    @abstractmethod
    def log_loss(theta: Theta, log_X: Float[ndarray, "v n"]) -> Float[ndarray, " n"]:
        """log L at the points log_X."""

    @staticmethod
    @abstractmethod
    def log_loss_gradient(theta: Theta, log_X: Float[ndarray, "v n"]) -> Float[ndarray, "n p"]:
        """d log L / d theta."""

    @staticmethod
    @abstractmethod
    def starts(log_X: Float[ndarray, "v n"], log_L: Float[ndarray, " n"]) -> list[Theta]:
        """Where to start a fit. Coordinates at -inf stay there: start also from each E = 0."""

    @abstractmethod
    def invert(self, L: float) -> float:
        """The x that gives loss L; nan where no x does."""

    @abstractmethod
    def formula(self, *x: str) -> str:
        """The equation with its numbers, in the variables named x."""

    @classmethod
    def parameters(cls) -> tuple[str, ...]:
        return tuple(field.name for field in fields(cls))

    @classmethod
    def at(cls, theta: Theta) -> Law:
        """The law at these coordinates. Raises BadInput where a parameter is no double."""
        values: list[float] = []
        for name, kind, value in zip(cls.parameters(), cls.kinds, theta.tolist(), strict=True):
            natural = value if kind is Kind.EXPONENT else exp(value)
            if not math.isfinite(natural) or (kind is Kind.POSITIVE and natural == 0):
                raise BadInput(
                    f"{cls.name}: {name} = e^{value:.4g} is beyond double precision: "
                    "x spans too little, or x or the loss needs another unit"
                )
            values.append(natural)
        return cls(*values)

    @property
    def theta(self) -> Theta:
        with np.errstate(divide="ignore"):
            return np.array(
                [
                    value if kind is Kind.EXPONENT else np.log(value)
                    for kind, value in zip(self.kinds, astuple(self), strict=True)
                ]
            )

    def predict(self, *x: ArrayLike) -> Float[ndarray, ...]:
        """L at x, one array per variable."""
        log_X = np.log(np.array(np.broadcast_arrays(*x), dtype=float))
        loss = np.exp(self.log_loss(self.theta, log_X.reshape(len(x), -1)))
        return loss.reshape(log_X.shape[1:])
