"""What a fit minimises: F = 2 sum_i w_i rho(r_i), r_i = log L_i - log L(x_i).

lsq        rho = r^2/2: noise of one size in every run. F is the sum of squares.
huber      rho = r^2/2 up to delta, delta (|r| - delta/2) beyond: Huber 1964,
           doi:10.1214/aoms/1177703732; of scaling laws with delta = 1e-3, Hoffmann et al. 2022.
lad        rho = |r|, the limit of huber's rho/delta at small delta.
student    rho = delta^2 (nu+1)/2 log(1 + r^2/(nu delta^2)), nu = 4: minus the log likelihood of
           Student's t of scale delta, in units in which small residuals count r^2/2 (nu+1)/nu.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.errors import BadInput, UnknownName

Residuals = Float[ndarray, "..."]
NU = 4.0  # degrees of freedom of student
_BLUNT = 0.2  # of the residuals' spread
HUBER_DELTA = 1e-3  # Hoffmann et al. 2022, arXiv:2203.15556, section 3.3


@dataclass(frozen=True)
class Loss(ABC):
    """rho, its derivative psi and second derivative."""

    name: ClassVar[str]

    @abstractmethod
    def rho(self, r: Residuals) -> Residuals: ...

    @abstractmethod
    def psi(self, r: Residuals) -> Residuals: ...

    @abstractmethod
    def curvature(self, r: Residuals) -> Residuals:
        """psi', never negative: what of it is, counts as zero."""

    @abstractmethod
    def weight(self, r: Residuals) -> Residuals:
        """psi / r, of the parabola that touches rho at r and lies above it."""

    @property
    def scale(self) -> float:
        """delta, beyond which residuals count less; infinite where they never do."""
        return math.inf

    def sharpened(self) -> tuple[Loss, ...]:
        """Losses that lead to this one from one that is easier to minimise."""
        return (self,)

    def blunted(self, spread: float) -> Loss:
        """One as good for intervals of residuals of this spread, whose minima are not corners."""
        return self


@dataclass(frozen=True)
class Squares(Loss):
    name: ClassVar[str] = "lsq"

    def rho(self, r: Residuals) -> Residuals:
        return 0.5 * r**2

    def psi(self, r: Residuals) -> Residuals:
        return r

    def curvature(self, r: Residuals) -> Residuals:
        return np.ones_like(r)

    def weight(self, r: Residuals) -> Residuals:
        return np.ones_like(r)


@dataclass(frozen=True)
class Huber(Loss):
    delta: float
    name: ClassVar[str] = "huber"

    def rho(self, r: Residuals) -> Residuals:
        small = np.minimum(np.abs(r), self.delta)
        return small * (np.abs(r) - 0.5 * small)

    def psi(self, r: Residuals) -> Residuals:
        return np.clip(r, -self.delta, self.delta)

    def curvature(self, r: Residuals) -> Residuals:
        return (np.abs(r) <= self.delta).astype(float)

    def weight(self, r: Residuals) -> Residuals:
        return self.delta / np.maximum(np.abs(r), self.delta)

    @property
    def scale(self) -> float:
        return self.delta

    def blunted(self, spread: float) -> Loss:
        return Huber(max(self.delta, _BLUNT * spread))

    def sharpened(self) -> tuple[Loss, ...]:
        """Continuation in delta, from where nearly all residuals are small."""
        steps = max(math.ceil(math.log10(0.1 / self.delta)), 0)
        return (*(Huber(self.delta * 10.0**i) for i in range(steps, 0, -1)), self)


@dataclass(frozen=True)
class Absolute(Loss):
    """|r|, near enough: huber's rho/delta at a delta that no residual resolves."""

    delta: float = 1e-10
    name: ClassVar[str] = "lad"

    @property
    def _huber(self) -> Huber:
        return Huber(self.delta)

    def rho(self, r: Residuals) -> Residuals:
        return self._huber.rho(r) / self.delta

    def psi(self, r: Residuals) -> Residuals:
        return self._huber.psi(r) / self.delta

    def curvature(self, r: Residuals) -> Residuals:
        return self._huber.curvature(r) / self.delta

    def weight(self, r: Residuals) -> Residuals:
        return self._huber.weight(r) / self.delta

    @property
    def scale(self) -> float:
        return self.delta

    def blunted(self, spread: float) -> Loss:
        return Absolute(max(self.delta, _BLUNT * spread))

    def sharpened(self) -> tuple[Loss, ...]:
        return tuple(Absolute(huber.scale) for huber in self._huber.sharpened())


@dataclass(frozen=True)
class Student(Loss):
    delta: float
    name: ClassVar[str] = "student"

    def rho(self, r: Residuals) -> Residuals:
        return 0.5 * self.delta**2 * (NU + 1) * np.log1p(r**2 / (NU * self.delta**2))

    def psi(self, r: Residuals) -> Residuals:
        return r * self.weight(r)

    def curvature(self, r: Residuals) -> Residuals:
        z = r**2 / (NU * self.delta**2)
        return np.maximum((NU + 1) / NU * (1 - z) / (1 + z) ** 2, 0.0)

    def weight(self, r: Residuals) -> Residuals:
        return (NU + 1) / NU / (1 + r**2 / (NU * self.delta**2))

    @property
    def scale(self) -> float:
        return self.delta

    def sharpened(self) -> tuple[Loss, ...]:
        steps = max(math.ceil(math.log10(0.1 / self.delta)), 0)
        return (*(Student(self.delta * 10.0**i) for i in range(steps, 0, -1)), self)


SQUARES = Squares()
MAD = 1.4826  # standard deviations of a Gaussian in its median absolute deviation
OBJECTIVES = ("lsq", "huber", "lad", "student")


def objective(name: str, delta: float | None = None) -> Loss | None:
    """The loss of that name; None for a student whose scale is to be found in the residuals.

    Raises UnknownName, and BadInput for a delta that the loss has no use for.
    """
    if name not in OBJECTIVES:
        raise UnknownName("objective", name, OBJECTIVES)
    if delta is not None:
        if name not in ("huber", "student"):
            raise BadInput(f"delta belongs to the objectives huber and student, not to {name}")
        if not 1e-9 <= delta < math.inf:
            raise BadInput(f"delta is a residual of log loss, 1e-9 or more, not {delta}")
    match name:
        case "huber":
            return Huber(HUBER_DELTA if delta is None else delta)
        case "lad":
            return Absolute()
        case "student":
            return None if delta is None else Student(delta)
        case _:
            return SQUARES
