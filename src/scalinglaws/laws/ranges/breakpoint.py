"""Is one power law refuted for two? A supremum-F test whose p-value is exact.

With x = log N the rival of the line is the broken line of A.1's breakdown,
    log L = a - alpha x + delta max(x - x_0, 0),
and F(x_0) = (SS_line - SS(x_0)) / (SS(x_0) / (w - 3)) its gain at the break x_0. The largest F
over trial breaks has no F distribution, because x_0 exists only where delta != 0 (Davies 1987,
doi:10.1093/biomet/74.1.33; Andrews 1993, doi:10.2307/2951764). But with Gaussian noise of equal
size it does not depend on a, alpha or that size: it is drawn for the very x of the table, and
    p = (1 + #{F of a draw >= F}) / (1 + draws)
is uniform under the null at any number of draws (Barnard 1963; Dufour 2006,
doi:10.1016/j.jeconom.2005.06.007).

The place. For each x_0 the same test asks whether a second break is needed beside one at x_0;
the interval is every x_0 where it is not. That too is exact at its level, however weak the break
(Knowles, Siegmund & Zhang 1991, doi:10.1093/biomet/78.1.15, the case of one break), and opens
where the table shows no end of it.

Runs at equal N count by their mean: scatter that they share is then no evidence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput
from scalinglaws.estimate import LEVEL, Estimate, two_sided
from scalinglaws.laws.law import exp
from scalinglaws.laws.quantile import student
from scalinglaws.laws.ranges.sizes import Sizes, sizes_of

_EITHER_SIDE = 3  # sizes at or beyond a break on each side: as many as show a line and its error
_TRIALS = 96  # trial breaks
_WIDTHS = 400  # beyond this many distinct x, neighbours share their mean
_PLACE_DRAWS = 399  # of the null at each place; exact at any number


@dataclass(frozen=True)
class Break:
    """The test of one power law against two.

    p: of the power law; small refutes it.
    F: the largest gain in fit over trial breaks, against noise.
    x_break: where the second law starts, if there is one; (0, inf) where the table does not say.
    alpha, alpha_beyond: exponents of L ~ x^-alpha on either side at that place; their errors
        hold the break at its place.
    widths: distinct x.
    """

    p: float
    F: float
    x_break: Estimate
    alpha: Estimate
    alpha_beyond: Estimate
    widths: int
    notes: tuple[str, ...]

    def refuted(self, significance: float = 1 - LEVEL) -> bool:
        """Whether one power law is refuted at this chance of a false alarm."""
        return self.p <= significance


def find_break(
    x: ArrayLike, L: ArrayLike, *, level: float = LEVEL, draws: int = 1999, seed: int = 0
) -> Break:
    """Test whether L(x) is one power law, and place the break.

    draws: of the null; (1 + draws) (1 - level) should be whole. seed: of those draws.
    Raises BadInput on fewer than 6 distinct x, or on values that have no logarithm.
    """
    every = sizes_of(x, L)
    sizes, w = every.thinned(_WIDTHS), len(every.x)
    if w < 2 * _EITHER_SIDE:
        raise BadInput(f"a break needs {2 * _EITHER_SIDE} or more distinct x, got {w}")
    if draws < 19:
        raise BadInput(f"the test needs 19 or more draws, got {draws}")
    z = two_sided(level)
    rng = np.random.default_rng(seed)
    at = _trial_breaks(sizes)
    hinges = np.maximum(sizes.x[:, None] - at, 0)  # (w, b)
    line = _Test.of(sizes, hinges, sizes.x)
    p = line.p(sizes, rng, draws)
    best = int(line.gains(sizes).argmax())

    def is_enough(hinge: Float[ndarray, " w"]) -> bool:
        beside = _Test.of(sizes, hinges, sizes.x, hinge)
        return beside.p(sizes, rng, _PLACE_DRAWS) > 1 - level

    accepted = [i == best or is_enough(hinges[:, i]) for i in range(len(at))]
    inside = np.flatnonzero(accepted)
    lo = -math.inf if inside[0] == 0 else float(at[inside[0] - 1])
    hi = math.inf if inside[-1] == len(at) - 1 else float(at[inside[-1] + 1])
    x_break = float(np.exp(at[best]))
    place = Estimate(x_break, x_break * (hi - lo) / (2 * z), exp(lo), exp(hi), level)
    alpha, beyond = _slopes(sizes, hinges[:, best], level)
    notes: list[str] = []
    if p > 1 - level:
        notes.append(f"one power law is not refuted (p = {p:.2g}): a break need not exist")
    elif math.isinf(hi - lo):
        notes.append("the table leaves an end of the break's place open")
    return Break(p, line.F(sizes), place, alpha, beyond, w, tuple(notes))


def _trial_breaks(sizes: Sizes) -> Float[ndarray, " b"]:
    """From the third size to the third last, evenly in rank so that gaps get their share."""
    ranks = np.linspace(_EITHER_SIDE - 1, len(sizes.x) - _EITHER_SIDE, _TRIALS)
    return np.interp(ranks, np.arange(len(sizes.x)), sizes.x)


@dataclass(frozen=True)
class _Test:
    """Hinges against the model of a constant and some columns.

    known: the model's directions, orthonormal; rivals: each hinge off the model, of length one.
    """

    known: Float[ndarray, "w c"]
    rivals: Float[ndarray, "w b"]

    @classmethod
    def of(
        cls, sizes: Sizes, hinges: Float[ndarray, "w b"], *columns: Float[ndarray, " w"]
    ) -> _Test:
        known = sizes.orthonormal(*columns)
        weighted = hinges * np.sqrt(sizes.weights)[:, None]
        off = weighted - known @ (known.T @ weighted)
        off -= known @ (known.T @ off)  # twice: the first leaves rounding behind
        length, whole = np.linalg.norm(off, axis=0), np.linalg.norm(weighted, axis=0)
        # A hinge that the model holds already is no rival.
        new = length > math.sqrt(np.finfo(float).eps) * whole
        return cls(known, np.where(new, off / np.where(new, length, 1), 0))

    def _residual(self, sizes: Sizes) -> Float[ndarray, " w"]:
        y = np.sqrt(sizes.weights) * sizes.y
        return y - self.known @ (self.known.T @ y)

    def gains(self, sizes: Sizes) -> Float[ndarray, " b"]:
        """The share of the model's sum of squares that each rival would take away."""
        residual = self._residual(sizes)
        SS = float(residual @ residual)
        if sizes.rounding >= SS:
            return np.zeros(self.rivals.shape[1])
        return (residual @ self.rivals) ** 2 / SS

    def F(self, sizes: Sizes) -> float:
        """The largest gain as a variance ratio."""
        gain = float(self.gains(sizes).max())
        dof = len(sizes.x) - self.known.shape[1] - 1
        return dof * gain / (1 - gain) if gain < 1 else math.inf

    def p(self, sizes: Sizes, rng: np.random.Generator, draws: int) -> float:
        """The share of draws of the null whose largest gain is at least the table's.

        Only the directions that the rivals span are drawn one by one; the others add chi^2.
        """
        span, values, _ = np.linalg.svd(self.rivals, full_matrices=False)
        rank = values > values[0] * len(values) * np.finfo(float).eps
        span = span[:, rank]  # (w, r); the rest is rounding
        others = len(sizes.x) - self.known.shape[1] - span.shape[1]
        normal = rng.normal(size=(draws, span.shape[1]))
        rest = rng.chisquare(others, draws) if others > 0 else 0
        SS = np.sum(normal**2, axis=1) + rest
        largest = np.max((normal @ (span.T @ self.rivals)) ** 2, axis=1) / SS
        return float(1 + np.sum(largest >= self.gains(sizes).max())) / (1 + draws)


def _slopes(sizes: Sizes, hinge: Float[ndarray, " w"], level: float) -> tuple[Estimate, Estimate]:
    """-slope before and after the break, least squares with Student's quantile."""
    root = np.sqrt(sizes.weights)
    design = np.stack([np.ones_like(sizes.x), -sizes.x, hinge], axis=1) * root[:, None]
    theta, *_ = np.linalg.lstsq(design, root * sizes.y, rcond=None)
    dof = len(sizes.x) - 4  # the place is fitted too
    residual = root * sizes.y - design @ theta
    covariance = np.linalg.inv(design.T @ design) * float(residual @ residual) / dof
    t = student(level, dof)

    def along(direction: list[float]) -> Estimate:
        value = float(np.dot(direction, theta))
        stderr = math.sqrt(float(direction @ covariance @ np.array(direction)))
        return Estimate(value, stderr, value - t * stderr, value + t * stderr, level)

    return along([0, 1, 0]), along([0, 1, -1])
