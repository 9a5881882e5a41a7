"""Parabolas in log N, Hoffmann et al. 2022 (arXiv:2203.15556, approach 2):

    L = c_0 + c_1 u + c_2 u^2,  u = log N - mean,  log N* = mean - c_1 / (2 c_2).

The error of the optimum is the delta method's, its interval Fieller's: all u where the slope
c_1 + 2 c_2 u may be zero, open where the curvature may be.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from scalinglaws.estimate import Estimate
from scalinglaws.laws.compute.curve import Curve, Curves, Polynomial, arms, pooled
from scalinglaws.laws.quantile import student

LEAST = 3  # distinct N that a budget needs


def parabolas(
    u: Float[ndarray, " n"],
    log_L: Float[ndarray, " n"],
    budgets: Sequence[Int[ndarray, " m"]],
    level: float,
    rng: np.random.Generator,
    draws: int,
) -> Curves:
    """Hoffmann et al.'s parabolas; exact least squares, so rng and draws are not called on."""
    fits = [_parabola(u[index], np.exp(log_L[index])) for index in budgets]
    found = [fit for fit in fits if not isinstance(fit, str)]
    dof = sum(fit.dof for fit in found)
    noise = pooled([fit.residual / _bottom(fit)[1] for fit in found], dof)
    t = student(level, dof)
    curves = [fit if isinstance(fit, str) else _lowest(fit, noise, t, level) for fit in fits]
    return Curves(curves, noise, dof)


def _parabola(u: Float[ndarray, " n"], L: Float[ndarray, " n"]) -> Polynomial | str:
    distinct = len(np.unique(u))
    if distinct < LEAST:
        return f"{distinct} distinct sizes, a parabola needs {LEAST}"
    fit = Polynomial.of(u, L, 2)
    if not fit.c[2] > 0:
        return "its parabola opens downward"
    at, _ = _bottom(fit)
    return fit if u.min() < at < u.max() else "its optimum lies beyond the edge of its sizes"


def _bottom(fit: Polynomial) -> tuple[float, float]:
    """log N* and L* of a parabola."""
    c_0, c_1, c_2 = fit.c.tolist()
    return fit.mean - c_1 / (2 * c_2), c_0 - c_1**2 / (4 * c_2)


def _lowest(fit: Polynomial, noise: float, t: float, level: float) -> Curve:
    """Delta-method errors and Fieller's interval."""
    (_, c_1, c_2), (at, least) = fit.c.tolist(), _bottom(fit)
    V = fit.inverse * (noise * least) ** 2
    u = at - fit.mean
    slope = np.array([0.0, 1.0, 2 * u])  # dL/du, zero at the optimum
    stderr = math.sqrt(slope @ V @ slope) / (2 * c_2)
    value = np.array([1.0, u, u**2])
    L_error = math.sqrt(value @ V @ value)
    L = Estimate(least, L_error, *arms(least, t * L_error), level)
    # (c_1 + 2 c_2 u)^2 <= t^2 Var: a quadratic in u, q_2 u^2 + 2 q_1 u + q_0 <= 0
    q_2, q_1, q_0 = (
        4 * (c_2**2 - t**2 * V[2, 2]),
        2 * (c_1 * c_2 - t**2 * V[1, 2]),
        c_1**2 - t**2 * V[1, 1],
    )
    if not q_2 > 0:  # the curvature may be zero: nan and infinite t come here too
        return Curve(at, stderr, -math.inf, math.inf, L)
    root = math.sqrt(max(q_1**2 - q_2 * q_0, 0.0))
    return Curve(at, stderr, fit.mean - (q_1 + root) / q_2, fit.mean - (q_1 - root) / q_2, L)
