"""A straight line through the origin on sorted values and their empirical distribution.

What `knn` and `twonn-line` share: d is the slope, an L-statistic of the values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.errors import BadInput


@dataclass(frozen=True)
class Line:
    """Points (x, y) in order, of which the first `fitted` make the least-squares fit y = d x."""

    x: Float[ndarray, " m"]  # log mu, ascending
    y: Float[ndarray, " m"]  # a function of the share F of the values up to x
    fitted: int
    d: float


def line_through_origin(
    x: Float[ndarray, " m"], y: Float[ndarray, " m"], fitted: int, who: str
) -> Line:
    """d = sum x y / sum x^2 over the first `fitted` points; `who` opens the refusal.

    Raises BadInput where these have no slope: fewer than two of them, or all at x = 0.
    """
    xx = x[:fitted] @ x[:fitted]
    if fitted < 2 or not xx > 0:
        tied = np.count_nonzero(x[:fitted] == 0)
        raise BadInput(
            f"{who} has no slope to fit: the fit keeps {fitted} points, {tied} of them with "
            "neighbours equally far; use more points or larger k"
        )
    return Line(x, y, fitted, float(x[:fitted] @ y[:fitted] / xx))


def slope_influence(values: Float[ndarray, " n"], line: Line) -> Float[ndarray, " n"]:
    """Influence of every value on the slope of the line through them in order.

    d = A/B with A = int y(u) Q(u) du and B = int Q(u)^2 du over the fitted u, Q the quantile
    function of the values. The influence of a value x on d is minus the integral over t from x
    to the end of the fit of (y(F(t)) - 2 d t) dt / B, up to a constant (Serfling 1980,
    Approximation Theorems of Mathematical Statistics, section 8.1.1).
    """
    n, m = len(values), line.fitted
    x, y = line.x[:m], line.y[:m]
    steps = y[:-1] * np.diff(x) - line.d * np.diff(x**2)
    psi = np.zeros(n)
    psi[: m - 1] = -np.cumsum(steps[::-1])[::-1]
    psi /= x @ x / n
    of_point = np.empty(n)
    of_point[np.argsort(values)] = psi - psi.mean()
    return of_point
