"""Straight lines with errors in neither, one or both coordinates.

Without errors: ordinary least squares with Student-t intervals.
With errors: effective variance, chi^2 = sum W_i (y_i - a - b x_i)^2 with
W_i = 1 / (sigma_y^2 + b^2 sigma_x^2), minimised as in York et al. 2004, doi:10.1119/1.1632486
(eqs. 13a-13e without correlations). Scatter beyond the given errors scales them by
S = sqrt(chi^2 / dof) where S > 1 (Particle Data Group, Review of Particle Physics, section
"Unconstrained averaging"). S is itself estimated, so the excess takes Student's quantile:
arm^2 = (z sigma)^2 + t_dof^2 (S^2 - 1) sigma^2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput
from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.laws.quantile import gaussian, student

_ITERATIONS = 1000


@dataclass(frozen=True)
class Line:
    """y = intercept + slope x."""

    slope: Estimate
    intercept: Estimate
    residual_sd: float  # sqrt(sum of squared residuals in y / (n - 2)); nan for n = 2
    n: int

    def predict(self, x: ArrayLike) -> Float[ndarray, ...]:
        """The line at x."""
        return self.intercept.value + self.slope.value * np.asarray(x, dtype=float)


def fit_line(
    x: ArrayLike,
    y: ArrayLike,
    *,
    sigma_x: ArrayLike | None = None,
    sigma_y: ArrayLike | None = None,
    level: float = LEVEL,
) -> Line:
    """Fit y = a + b x.

    sigma_x, sigma_y: standard errors, one per point or one for all; absent means exact, both
    absent means unknown, equal errors in y. Two points without errors give a line whose
    interval is open (infinite).
    Raises BadInput on fewer than two distinct x, unequal lengths, NaN, negative errors.
    """
    x, y = _points(x, y, at_least=2)
    n = len(x)
    if sigma_x is None and sigma_y is None:
        u = x - x.mean()
        b = float(u @ (y - y.mean()) / (u @ u))
        a = float(y.mean() - b * x.mean())
        variance = _mean_square(y - a - b * x, n - 2)
        t = student(level, n - 2)
        slope = _symmetric(b, math.sqrt(variance / (u @ u)), t, level)
        sd_a = math.sqrt(variance * (1 / n + x.mean() ** 2 / (u @ u)))
        return Line(slope, _symmetric(a, sd_a, t, level), math.sqrt(variance), n)

    fit = _york(x, y, _variance(sigma_x, n, "sigma_x"), _variance(sigma_y, n, "sigma_y"))
    residual_sd = math.sqrt(_mean_square(y - fit.a - fit.b * x, n - 2))
    return Line(
        slope=_scaled(fit.b, fit.sigma_b, fit.chi2, n - 2, level),
        intercept=_scaled(fit.a, fit.sigma_a, fit.chi2, n - 2, level),
        residual_sd=residual_sd,
        n=n,
    )


def fit_through_origin(
    x: ArrayLike,
    y: ArrayLike,
    *,
    sigma_x: ArrayLike | None = None,
    sigma_y: ArrayLike | None = None,
    level: float = LEVEL,
) -> Estimate:
    """The slope b of y = b x, errors as in `fit_line`.

    With errors in both coordinates exchanging x and y inverts the slope.
    """
    x, y = _points(x, y, at_least=1)
    n = len(x)
    if sigma_x is None and sigma_y is None:
        b = float(x @ y / (x @ x))
        stderr = math.sqrt(_mean_square(y - b * x, n - 1) / (x @ x))
        return _symmetric(b, stderr, student(level, n - 1), level)
    variances = _variance(sigma_x, n, "sigma_x"), _variance(sigma_y, n, "sigma_y")
    fit = _york(x, y, *variances, through_origin=True)
    return _scaled(fit.b, fit.sigma_b, fit.chi2, n - 1, level)


@dataclass(frozen=True)
class _York:
    a: float
    b: float
    sigma_a: float
    sigma_b: float
    chi2: float


def _york(
    x: Float[ndarray, " n"],
    y: Float[ndarray, " n"],
    var_x: Float[ndarray, " n"],
    var_y: Float[ndarray, " n"],
    *,
    through_origin: bool = False,
) -> _York:
    """The slope that solves b = sum W beta V / sum W beta U by iteration (York et al. eq. 13b).

    U, V: points about the weighted centroid, or about the origin for a line through it;
    beta: the adjusted x about the same point.
    """
    if not (var_x + var_y > 0).all():
        raise BadInput("errors: every point needs one that is positive, in x or in y")
    b = _first_slope(x, y, through_origin)
    for _ in range(_ITERATIONS):
        W = 1 / (var_y + b**2 * var_x)
        x0, y0 = (0.0, 0.0) if through_origin else (W @ x / W.sum(), W @ y / W.sum())
        U, V = x - x0, y - y0
        beta = W * (U * var_y + b * V * var_x)
        previous, b = b, float((W * beta) @ V / ((W * beta) @ U))
        if not math.isfinite(b):
            break
        if abs(b - previous) <= 1e-14 * abs(b):
            # The adjusted x scatter about their own weighted mean (York et al. eq. 13d).
            adjusted = x0 + beta
            mean = 0.0 if through_origin else float(W @ adjusted / W.sum())
            sigma_b = 1 / math.sqrt(W @ (adjusted - mean) ** 2)
            sigma_a = math.sqrt(1 / W.sum() + (mean * sigma_b) ** 2)
            a = float(y0 - b * x0)
            return _York(a, b, sigma_a, sigma_b, float(W @ (y - a - b * x) ** 2))
    raise BadInput(f"no line through these {len(x)} points: the errors swamp them")


def _first_slope(x: Float[ndarray, " n"], y: Float[ndarray, " n"], through_origin: bool) -> float:
    u, v = (x, y) if through_origin else (x - x.mean(), y - y.mean())
    return float(u @ v / (u @ u))


def _scaled(value: float, sigma: float, chi2: float, dof: int, level: float) -> Estimate:
    """Given errors take the Gaussian quantile, scatter beyond them Student's."""
    z = gaussian(level)
    excess = max(0.0, chi2 / dof - 1) if dof > 0 else 0.0  # S^2 - 1
    arm = sigma * (math.hypot(z, student(level, dof) * math.sqrt(excess)) if excess else z)
    return Estimate(value, sigma * math.sqrt(1 + excess), value - arm, value + arm, level)


def _symmetric(value: float, stderr: float, quantile: float, level: float) -> Estimate:
    arm = math.inf if math.isinf(quantile) else quantile * stderr
    return Estimate(value, stderr, value - arm, value + arm, level)


def _mean_square(residual: Float[ndarray, " n"], dof: int) -> float:
    return float(residual @ residual) / dof if dof > 0 else math.nan


def _points(
    x: ArrayLike, y: ArrayLike, *, at_least: int
) -> tuple[Float[ndarray, " n"], Float[ndarray, " n"]]:
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.ndim != 1 or x.shape != y.shape:
        raise BadInput(f"x and y must be one-dimensional and equally long: {x.shape}, {y.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise BadInput("a line needs finite points: x or y holds NaN or infinity")
    if len(np.unique(x)) < at_least or not np.any(x):
        raise BadInput(f"a line needs at least {at_least} distinct x, not all of them zero")
    return x, y


def _variance(sigma: ArrayLike | None, n: int, name: str) -> Float[ndarray, " n"]:
    if sigma is None:
        return np.zeros(n)
    sigma = np.asarray(sigma, dtype=float)
    if sigma.shape not in ((), (n,)):
        raise BadInput(f"{name}: one error or one per point ({n}), got shape {sigma.shape}")
    if not (np.isfinite(sigma) & (sigma >= 0)).all():
        raise BadInput(f"{name}: errors must be finite and not negative")
    return np.broadcast_to(sigma**2, (n,)).astype(float)
