"""A law and its points: the best of many starts, and the least F with something held.

All starts descend together (`descent`), through the losses that lead to the one asked for; a start
whose log E is -inf stays at E = 0: the boundary is a law of its own, compared with the rest, so
that no bound has to be approached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from scalinglaws.laws.fitting.descent import Data, descend, valleys
from scalinglaws.laws.fitting.objective import SQUARES, Loss, Residuals
from scalinglaws.laws.law import Law, LogX, Theta

_AGREE = 1e-8  # starts whose F differ by less, relatively, found the same optimum
_TIE = 1e-12
_SAME = 1e-5  # ends that differ by less in F, relatively, are one before they are followed further
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
class Along:
    """Starts, and the valley of F through each along every coordinate."""

    starts: Float[ndarray, "s p"]
    moves: Float[ndarray, "p s p"]

    def to(self, coordinate: int, values: Float[ndarray, " m"]) -> Float[ndarray, "m s p"]:
        """The starts with a coordinate at each of the values, the others moved along: log A with
        alpha, so that the power law stays where the points are. Left behind it would vanish beside
        a constant, and with it its slope."""
        start, at = self.starts[:, coordinate], values[:, None]
        with np.errstate(invalid="ignore"):  # from a constant at 0, or to one, nothing moves along
            by = np.where(np.isinf(start) | np.isinf(at), 0.0, at - start)
            moved = self.starts + by[..., None] * self.moves[coordinate]
        moved = np.where(np.isneginf(self.starts), -np.inf, moved)
        moved[:, :, coordinate] = at
        return moved


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
        votes = np.ones(len(ends), dtype=int)
        for problem in (first, *rest):
            reached = problem.data.F(problem.loss, ends)
            kept, votes = _distinct(reached, ends, votes, _MOST[problem is not first])
            ends = problem._descend_all(ends[kept], _FINE)
        F = self.data.F(self.loss, ends) + self.within
        # Of ends that tie the one with most constants at 0: the law at E = 0, not one close to it.
        ties = np.flatnonzero(np.nanmin(F) * (1 + _TIE) >= F)
        least = max(ties, key=lambda i: int(np.isneginf(ends[i]).sum()))
        agreed = int(votes[np.isclose(F, F[least], rtol=_AGREE, atol=0.0)].sum())
        theta = self.law.settled(ends[least])
        return Optimum(theta, float(F[least]), int(votes.sum()), agreed, self.stationarity(theta))

    def along(self, starts: Sequence[Theta]) -> Along:
        """The starts, and how the others move along with each coordinate."""
        base = np.array(starts)
        return Along(base, valleys(self.data, self.loss, base))

    def least_at(
        self, starts: Float[ndarray, "b p"], held: Int[ndarray, " b"]
    ) -> Float[ndarray, " b"]:
        """The F that each start descends to, one coordinate of its own held; infinite for NaN."""
        return self._least(
            self.data, self.loss, starts, held[:, None] == np.arange(starts.shape[1])
        )

    def least_through(
        self,
        starts: Float[ndarray, "b p"],
        log_x: Float[ndarray, "v b"],
        log_L: Float[ndarray, " b"],
        weight: Float[ndarray, " b"],
    ) -> Float[ndarray, " b"]:
        """The F that each start descends to through a point of its own; infinite for NaN.

        The point is a pseudo-observation of great weight (1 / its variance), not counted in F.
        """
        b, n = len(log_L), len(self.log_L)
        own = np.broadcast_to(self.log_X[:, None], (len(log_x), b, n))
        data = Data(
            self.law,
            np.concatenate([own, log_x[..., None]], axis=2),
            np.column_stack([np.broadcast_to(self.log_L, (b, n)), log_L]),
            np.column_stack([np.broadcast_to(self.weight, (b, n)), weight]),
        )
        loss = self.loss if self.loss is SQUARES else _LastIsSquares(self.loss)
        return self._least(data, loss, starts, np.zeros(starts.shape, dtype=bool))

    def _least(
        self, data: Data, loss: Loss, starts: Float[ndarray, "b p"], held: Bool[ndarray, "b p"]
    ) -> Float[ndarray, " b"]:
        ends = descend(data, loss, starts, held=held, tolerance=_CLOSE, rounds=_ROUNDS)
        F = self.data.F(self.loss, ends) + self.within
        return np.where(np.isnan(F), np.inf, F)

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


def _distinct(
    F: Float[ndarray, " b"], ends: Float[ndarray, "b p"], votes: Int[ndarray, " b"], most: int
) -> tuple[Int[ndarray, " k"], Int[ndarray, " k"]]:
    """The ends to follow, and how many starts came to each: one for each least, so that copies of
    one do not crowd out its rivals, and the best at each set of constants that are 0."""
    order = [int(i) for i in np.argsort(F)]  # NaN last
    kept, count = list[int](), list[int]()
    for i in order:
        gone = np.isneginf(ends[i])
        same = (
            at
            for at, j in enumerate(kept)
            if np.array_equal(gone, np.isneginf(ends[j])) and np.isclose(F[i], F[j], rtol=_SAME)
        )
        if (at := next(same, None)) is None:
            kept.append(i)
            count.append(int(votes[i]))
        else:
            count[at] += int(votes[i])
    first = {tuple(np.isneginf(ends[i])): at for at, i in reversed(list(enumerate(kept)))}
    chosen = sorted({*first.values(), *range(most)} & set(range(len(kept))))
    return np.array([kept[at] for at in chosen]), np.array([count[at] for at in chosen])


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
