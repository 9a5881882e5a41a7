"""Least squares in log loss, from several starts, with coordinates held or a point passed through.

SS(theta) = sum (log L_i - log L(x_i; theta))^2, minimised by Levenberg-Marquardt (MINPACK) with
analytic derivatives. A start whose log E is -inf stays at E = 0: the boundary is a law of its
own, compared with the rest, so that no bound has to be approached.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.laws.law import Law, Theta

_AGREE = 1e-8  # starts whose SS differ by less, relatively, found the same optimum
_TIE = 1e-12


@dataclass(frozen=True)
class Effort:
    """When a descent ends: at a relative change of the cost, or after so many evaluations."""

    tolerance: float
    evaluations: int


TO_THE_END = Effort(1e-15, 1000)


@dataclass(frozen=True)
class Pin:
    """A point that the law must pass through, as a pseudo-observation of great weight."""

    log_x: Float[ndarray, "v 1"]
    log_L: float
    weight: float  # 1 / its standard deviation

    def tension(self, law: type[Law], theta: Theta) -> float:
        return self.weight * float(law.log_loss(theta, self.log_x)[0] - self.log_L)


@dataclass(frozen=True)
class Optimum:
    theta: Theta
    SS: float
    starts: int
    agreed: int  # starts that found this optimum


@dataclass(frozen=True)
class Problem:
    """A law and the points it is fitted to.

    root_weight: square root of each point's weight. within: a part of SS that no law changes.
    """

    law: type[Law]
    log_X: Float[ndarray, "v n"]
    log_L: Float[ndarray, " n"]
    root_weight: Float[ndarray, " n"] | float = 1.0
    within: float = 0.0

    def residual(self, theta: Theta) -> Float[ndarray, " n"]:
        return self.root_weight * (self.law.log_loss(theta, self.log_X) - self.log_L)

    def jacobian(self, theta: Theta) -> Float[ndarray, "n p"]:
        gradient = self.law.log_loss_gradient(theta, self.log_X)
        return np.reshape(self.root_weight, (-1, 1)) * gradient

    def SS(self, theta: Theta) -> float:
        residual = self.residual(theta)
        return float(residual @ residual) + self.within

    def starts(self) -> list[Theta]:
        return self.law.starts(self.log_X, self.log_L)

    def minimise(
        self,
        starts: Sequence[Theta],
        *,
        hold: Mapping[int, float] | None = None,
        pin: Pin | None = None,
        effort: Effort = TO_THE_END,
    ) -> Optimum:
        """The best of all starts. hold: coordinate -> the value it keeps."""

        def cost(theta: Theta) -> float:
            return self.SS(theta) + (pin.tension(self.law, theta) ** 2 if pin else 0.0)

        found = [self._descend(start, hold or {}, pin, effort) for start in starts]
        costs = [cost(theta) for theta in found]
        # Of starts that tie the first wins: the law at E = 0, not one that came close to it.
        least = next(i for i, c in enumerate(costs) if c <= min(costs) * (1 + _TIE))
        agreed = sum(math.isclose(c, costs[least], rel_tol=_AGREE) for c in costs)
        return Optimum(found[least], self.SS(found[least]), len(starts), agreed)

    def _descend(
        self, start: Theta, hold: Mapping[int, float], pin: Pin | None, effort: Effort
    ) -> Theta:
        from scipy.optimize import leastsq  # late: slow to import

        theta = start.copy()
        for coordinate, value in hold.items():
            theta[coordinate] = value
        free = [i for i in range(len(theta)) if np.isfinite(theta[i]) and i not in hold]

        def put(values: Float[ndarray, " q"]) -> Theta:
            moved = theta.copy()
            moved[free] = values
            return moved

        def residual(values: Float[ndarray, " q"]) -> Float[ndarray, " m"]:
            rows = self.residual(put(values))
            return np.append(rows, pin.tension(self.law, put(values))) if pin else rows

        def derivatives(values: Float[ndarray, " q"]) -> Float[ndarray, "m q"]:
            rows = self.jacobian(put(values))
            if pin:
                slope = self.law.log_loss_gradient(put(values), pin.log_x)
                rows = np.concatenate([rows, pin.weight * slope])
            return rows[:, free]

        if not free:
            return theta
        # full_output: what MINPACK has to say comes back as a value, not as a warning; the
        # covariance it adds overflows where a constant is on its way to zero.
        with np.errstate(over="ignore", invalid="ignore"):
            best, *_ = leastsq(
                residual,
                theta[free],
                Dfun=derivatives,
                full_output=True,
                ftol=effort.tolerance,
                xtol=1e-12,
                maxfev=effort.evaluations,
            )
        return put(best)
