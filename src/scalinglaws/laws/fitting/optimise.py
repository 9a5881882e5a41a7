"""A law and its points: the best of many starts, and the least F with something held.

All starts descend together (`descent`), through the losses that lead to the one asked for; a start
whose log E is -inf stays at E = 0: the boundary is a law of its own, compared with the rest, so
that no bound has to be approached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.laws.fitting.descent import Data, descend, valley
from scalinglaws.laws.fitting.objective import SQUARES, Loss, Residuals
from scalinglaws.laws.law import Law, LogX, Theta

_AGREE = 1e-8  # starts whose F differ by less, relatively, found the same optimum
_TIE = 1e-12
_MOST = 24, 8  # starts that are followed: at the easiest loss, and at those beyond
_ROUGH, _FINE = 1e-6, 1e-15  # relative fall of F that ends the first descent, and the last
# Descents along a profile may end early: one that creeps towards E = 0 has a rival at E = 0.
_CLOSE, _ROUNDS = 1e-9, 60


@dataclass(frozen=True)
class Optimum:
    """theta and its F. stationarity: how far from balance the pulls of the points on a coordinate
    are, at worst, relative to their sizes: zero at an optimum."""

    theta: Theta
    F: float
    starts: int
    agreed: int  # starts that found this optimum
    stationarity: float = 0.0


@dataclass(frozen=True)
class Problem:
    """A law and the points it is fitted to.

    weight: of each point. within: a part of F that no law changes.
    """

    law: type[Law]
    log_X: LogX
    log_L: Float[ndarray, " n"]
    loss: Loss = SQUARES
    weight: Float[ndarray, " n"] = field(default_factory=lambda: np.ones(1))
    within: float = 0.0

    @property
    def data(self) -> Data:
        return Data(self.law, self.log_X, self.log_L, self.weight)

    def residual(self, theta: Theta) -> Float[ndarray, " n"]:
        """log L less the law's."""
        return self.log_L - self.law.log_loss(theta, self.log_X)

    def F(self, theta: Theta) -> float:
        return float(self.data.F(self.loss, theta[None])[0]) + self.within

    def gradient_rows(self, theta: Theta) -> Float[ndarray, "n p"]:
        """d log L / d theta at every point."""
        return self.law.log_loss_gradient(theta, self.log_X)

    def starts(self) -> list[Theta]:
        return self.law.starts(self.log_X, self.log_L)

    def best(self, starts: Sequence[Theta]) -> Optimum:
        """The best end of all starts, by way of easier losses where the loss has such."""
        first, *rest = (replace(self, loss=loss) for loss in self.loss.sharpened())
        ends = first._descend_all(np.array(starts), _ROUGH)
        for problem in (first, *rest):
            order = np.argsort(problem.data.F(problem.loss, ends))  # NaN last
            most = _MOST[problem is not first]
            ends = problem._descend_all(ends[order[:most]], _FINE)
        F = self.data.F(self.loss, ends) + self.within
        # Of ends that tie the one with most constants at 0: the law at E = 0, not one close to it.
        ties = np.flatnonzero(np.nanmin(F) * (1 + _TIE) >= F)
        least = max(ties, key=lambda i: int(np.isneginf(ends[i]).sum()))
        agreed = int(np.isclose(F, F[least], rtol=_AGREE, atol=0.0).sum())
        theta = self.law.settled(ends[least])
        return Optimum(theta, float(F[least]), len(ends), agreed, self.stationarity(theta))

    def least_at(
        self, starts: Sequence[Theta], coordinate: int, values: Float[ndarray, " m"]
    ) -> Float[ndarray, " m"]:
        """The least F with a coordinate held at each of the values.

        The other coordinates of a start move along: log A with alpha, so that the power law stays
        where the points are. Left behind it would vanish beside a constant, and with it its slope.
        """
        base = np.array(starts)
        along = valley(self.data, self.loss, base, coordinate)
        start, vanished = base[:, coordinate], np.isneginf(base)
        with np.errstate(invalid="ignore"):  # from a constant at 0, or to one, nothing moves along
            by = np.where(np.isinf(start) | np.isinf(values[:, None]), 0.0, values[:, None] - start)
            moved = np.where(vanished, -np.inf, base + by[..., None] * along)  # (m, starts, p)
        moved[:, :, coordinate] = values[:, None]
        return self._least(self.data, self.loss, moved, (coordinate,))

    def least_through(
        self,
        starts: Sequence[Theta],
        log_x: Float[ndarray, "v m"],
        log_L: Float[ndarray, " m"],
        weight: float,
    ) -> Float[ndarray, " m"]:
        """The least F of laws that pass through each of these points.

        The point is a pseudo-observation of great weight (1 / its variance), not counted in F.
        """
        m, s, n = len(log_L), len(starts), len(self.log_L)
        each = np.repeat(np.arange(m), s)
        own = np.broadcast_to(self.log_X[:, None], (len(log_x), m * s, n))
        data = Data(
            self.law,
            np.concatenate([own, log_x[:, each, None]], axis=2),
            np.column_stack([np.broadcast_to(self.log_L, (m * s, n)), log_L[each]]),
            np.append(np.broadcast_to(self.weight, n), weight),
        )
        loss = self.loss if self.loss is SQUARES else _LastIsSquares(self.loss)
        return self._least(data, loss, np.repeat(np.array(starts)[None], m, axis=0), ())

    def _least(
        self, data: Data, loss: Loss, starts: Float[ndarray, "m s p"], held: Sequence[int]
    ) -> Float[ndarray, " m"]:
        m, s, p = starts.shape
        ends = descend(
            data, loss, starts.reshape(-1, p), held=held, tolerance=_CLOSE, rounds=_ROUNDS
        )
        F = self.data.F(self.loss, ends).reshape(m, s) + self.within
        return np.min(np.where(np.isnan(F), np.inf, F), axis=1)

    def stationarity(self, theta: Theta) -> float:
        free = np.isfinite(theta)
        pulls = (self.weight * self.loss.psi(self.residual(theta)))[:, None] * self.gradient_rows(
            theta
        )[:, free]
        size = np.abs(pulls).sum(axis=0)
        return float(np.max(np.abs(pulls.sum(axis=0)) / np.where(size > 0, size, 1.0), initial=0.0))

    def _descend_all(
        self, starts: Float[ndarray, "b p"], tolerance: float
    ) -> Float[ndarray, "b p"]:
        return descend(self.data, self.loss, starts, tolerance=tolerance)


@dataclass(frozen=True)
class _LastIsSquares(Loss):
    """Another loss for all points but the last."""

    of_others: Loss

    def rho(self, r: Residuals) -> Residuals:
        return _joined(self.of_others.rho, SQUARES.rho, r)

    def psi(self, r: Residuals) -> Residuals:
        return _joined(self.of_others.psi, SQUARES.psi, r)

    def curvature(self, r: Residuals) -> Residuals:
        return _joined(self.of_others.curvature, SQUARES.curvature, r)

    def weight(self, r: Residuals) -> Residuals:
        return _joined(self.of_others.weight, SQUARES.weight, r)


def _joined(of_others, of_last, r: Residuals) -> Residuals:  # pyright: ignore
    return np.concatenate([of_others(r[..., :-1]), of_last(r[..., -1:])], axis=-1)
