"""Akima's spline (1970, doi:10.1145/321607.321609) of log L against log N, its lowest point the
optimum: Porian et al. 2024 (arXiv:2406.19146). Its error is a residual bootstrap about the cubic
through each budget's log losses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from scalinglaws.estimate import Estimate
from scalinglaws.laws.compute.curve import Curve, Curves, Polynomial, arms, pooled
from scalinglaws.laws.quantile import student

LEAST = 5  # distinct N that a budget needs
_GRID = 201  # points on which the spline's minimum is sought


@dataclass(frozen=True)
class _Knots:
    """A budget's distinct sizes with their mean log loss, and the cubic about which it scatters."""

    u: Float[ndarray, " k"]
    y: Float[ndarray, " k"]
    trials: Float[ndarray, " k"]
    smooth: Float[ndarray, " k"]
    scatter: Float[ndarray, " n"]  # residuals of the runs over sqrt(1 - leverage)
    residual: Float[ndarray, " n"]
    dof: int


def splines(
    u: Float[ndarray, " n"],
    log_L: Float[ndarray, " n"],
    budgets: Sequence[Int[ndarray, " m"]],
    level: float,
    rng: np.random.Generator,
    draws: int,
) -> Curves:
    """Porian et al.'s splines, with a residual bootstrap pooled over the budgets."""
    fits = [_knots(u[index], log_L[index]) for index in budgets]
    found = [fit for fit in fits if not isinstance(fit, str)]
    dof = sum(fit.dof for fit in found)
    noise = pooled([fit.residual for fit in found], dof)
    pool = np.concatenate([fit.scatter for fit in found]) if found else np.empty(0)
    t = student(level, dof)
    curves = [
        fit if isinstance(fit, str) else _bootstrap(fit, pool, t, level, rng, draws) for fit in fits
    ]
    return Curves(curves, noise, dof)


def _knots(u: Float[ndarray, " n"], log_L: Float[ndarray, " n"]) -> _Knots | str:
    knots, which = np.unique(u, return_inverse=True)
    if len(knots) < LEAST:
        return f"{len(knots)} distinct sizes, Akima's spline needs {LEAST}"
    trials = np.bincount(which).astype(float)
    y = np.bincount(which, log_L) / trials
    at, _ = _spline_minima(knots, y[:, None])
    if not knots[0] < at[0] < knots[-1]:
        return "its optimum lies at the edge of its sizes"
    cubic = Polynomial.of(u, log_L, 3)
    smooth = np.vander(knots - cubic.mean, 4, increasing=True) @ cubic.c
    scatter = cubic.residual / np.sqrt(1 - np.minimum(cubic.leverage, 1 - 1 / len(u)))
    return _Knots(knots, y, trials, smooth, scatter, cubic.residual, cubic.dof)


def _spline_minima(
    u: Float[ndarray, " k"], y: Float[ndarray, "k c"]
) -> tuple[Float[ndarray, " c"], Float[ndarray, " c"]]:
    """Where the Akima spline through each column is lowest, and how low."""
    from scipy.interpolate import Akima1DInterpolator  # late: slow to import

    grid = np.linspace(u[0], u[-1], _GRID)
    values = np.asarray(Akima1DInterpolator(u, y)(grid))  # (g, c)
    best = values.argmin(axis=0)
    column, inner = np.arange(y.shape[1]), np.clip(best, 1, _GRID - 2)
    below, middle, above = (values[inner + i, column] for i in (-1, 0, 1))
    # Between the grid's points: the parabola through the lowest three.
    bend = below - 2 * middle + above
    shift = np.where(bend > 0, (below - above) / (2 * np.where(bend > 0, bend, 1)), 0.0)
    shift = np.where(best == inner, np.clip(shift, -0.5, 0.5), 0.0)
    step = grid[1] - grid[0]
    return grid[best] + step * shift, values[best, column] - bend * shift**2 / 2


def _bootstrap(
    fit: _Knots,
    pool: Float[ndarray, " r"],
    t: float,
    level: float,
    rng: np.random.Generator,
    draws: int,
) -> Curve:
    """Errors from splines through the cubic and resampled residuals."""
    (at,), (log_least,) = _spline_minima(fit.u, fit.y[:, None])
    noise = rng.choice(pool, size=(len(fit.u), draws)) / np.sqrt(fit.trials)[:, None]
    ats, leasts = _spline_minima(fit.u, fit.smooth[:, None] + noise)
    stderr, L_stderr = float(ats.std(ddof=1)), float(leasts.std(ddof=1))
    least = math.exp(log_least)
    lo, hi = (math.exp(end) for end in arms(log_least, t * L_stderr))
    L = Estimate(least, least * L_stderr, lo, hi, level)
    return Curve(float(at), stderr, *arms(float(at), t * stderr), L)
