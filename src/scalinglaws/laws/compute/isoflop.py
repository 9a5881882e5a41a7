"""IsoFLOP: the best N at each compute budget, and N* ~ C^a, D* ~ C^b through the budgets.

Hoffmann et al. 2022 (arXiv:2203.15556, approach 2): at each C the loss is a parabola in log N,
    L = c_0 + c_1 u + c_2 u^2,  u = log N - mean,  log N* = mean - c_1 / (2 c_2),
and straight lines through the optima in log C give a and b.
Porian et al. 2024 (arXiv:2406.19146) interpolate instead, log L against log N by Akima's spline
(1970, doi:10.1145/321607.321609), and take its lowest point.

The error of a parabola's optimum is the delta method's, its interval Fieller's: all u where the
slope c_1 + 2 c_2 u may be zero, open where the curvature may be. The error of Akima's is a
residual bootstrap about the cubic through each budget's log losses. Either takes the noise,
relative to L*, as one for all budgets, from the residuals of all of them.

A parabola is not the truth. On E + A/N^alpha + B/D^beta its optima are off by a factor that grows
with the width of the grid (Open-Athena, scaling-law-analysis): on Hoffmann's own surface (alpha
.339, beta .285) tokens come out 1.2, 2.6 and 4.6 % too few on grids of 1/4..4, 1/8..8 and 1/16..16
times N*, and Akima's within .3 %. The factor is the same at every C, so a and b are exact; where
the grid's centre drifts off N* with C they are not (tests/laws/test_isoflop.py). No error bar
here contains that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.estimate import LEVEL, Estimate, two_sided
from scalinglaws.laws.compute.flops import FlopRule, flop_rule
from scalinglaws.laws.law import exp
from scalinglaws.laws.line import Line, fit_line
from scalinglaws.laws.quantile import gaussian, student

Kind = Literal["parabola", "akima"]
_LEAST = {"parabola": 3, "akima": 5}  # distinct N that a budget needs
_GRID = 201  # points on which the spline's minimum is sought


@dataclass(frozen=True)
class Optimum:
    """The best run that a budget could buy.

    C: the budget, the geometric mean over its runs; spread: log of its largest C over its least.
    runs: runs in the budget.
    """

    C: float
    N: Estimate
    D: Estimate
    L: Estimate
    runs: int
    spread: float


@dataclass(frozen=True)
class IsoFlop:
    """Optima in the order of C, and the exponents of N* ~ C^a and D* ~ C^b.

    N_line, D_line: log N* and log D* against log C - log_C_mean; None with fewer than two optima.
    noise: relative standard deviation of the losses about the curves.
    flops: the rule that gave D, or "D as given".
    """

    kind: Kind
    optima: tuple[Optimum, ...]
    a: Estimate
    b: Estimate
    N_line: Line | None
    D_line: Line | None
    log_C_mean: float
    noise: float
    flops: str
    notes: tuple[str, ...]


def isoflop(
    C: ArrayLike,
    N: ArrayLike,
    L: ArrayLike,
    *,
    kind: Kind = "parabola",
    D: ArrayLike | None = None,
    flops: str | FlopRule | Callable[..., ArrayLike] = "6ND",
    tolerance: float = 0.0,
    level: float = LEVEL,
    draws: int = 400,
    seed: int = 0,
) -> IsoFlop:
    """Optima per budget and their exponents.

    C, N, L: one entry per run; equal N within a budget are replicates. D: tokens; by default what
    C pays for under the rule `flops`, D* = D(C, N*); where given, D* is the optimum of the same
    curve against log D.
    tolerance: runs belong to one budget when their log C differ by no more from the next one's;
    0 asks for equal C. draws, seed: of Akima's bootstrap.
    Budgets with too few distinct N, an optimum at or beyond the edge of their N, or a parabola
    that opens downward are dropped, with a note. With one optimum a and b are open.
    Raises BadInput where no budget has an optimum, or on values that have no logarithm.
    """
    if kind not in _LEAST:
        raise UnknownName("kind of IsoFLOP curve", kind, _LEAST)
    if not tolerance >= 0:
        raise BadInput(f"tolerance must not be negative, got {tolerance:g}")
    two_sided(level)  # refuses what is no level
    columns = {"C": C, "N": N, "L": L} | ({} if D is None else {"D": D})
    log_C, log_N, log_L, *log_D = _logarithms(columns)
    budgets = _budgets(log_C, tolerance)
    notes = _spread_notes(log_C, budgets, tolerance)
    fit = _parabolas if kind == "parabola" else _splines
    rng = np.random.default_rng(seed)
    in_N = fit(log_N, log_L, budgets, level, rng, draws)
    rule = None if log_D else flop_rule(flops)
    in_D = fit(log_D[0], log_L, budgets, level, rng, draws) if log_D else in_N

    optima: list[Optimum] = []
    dropped: dict[str, list[str]] = {}
    for index, at_N, at_D in zip(budgets, in_N.curves, in_D.curves, strict=True):
        budget = float(np.exp(log_C[index].mean()))
        if isinstance(at_N, str) or isinstance(at_D, str):
            reason = at_N if isinstance(at_N, str) else str(at_D)
            dropped.setdefault(reason, []).append(f"{budget:.3g}")
            continue
        N_best = at_N.where(level)
        D_best = at_D.where(level) if rule is None else _tokens(rule, budget, N_best)
        spread = float(np.ptp(log_C[index]))
        optima.append(Optimum(budget, N_best, D_best, at_N.least, len(index), spread))
    for reason, at in dropped.items():
        which = ", ".join(at[:3]) + (", ..." if len(at) > 3 else "")
        notes.append(f"{len(at)} of {len(budgets)} budgets dropped (C = {which}): {reason}")
    if not optima:
        mend = "; runs of nearly equal C need a tolerance" if len(budgets) > len(log_C) / 3 else ""
        raise BadInput(f"no budget has an optimum: {'; '.join(notes[:3])}{mend}")
    a, N_line = _exponent([o.C for o in optima], [o.N for o in optima], in_N.dof, level)
    b, D_line = _exponent([o.C for o in optima], [o.D for o in optima], in_D.dof, level)
    if N_line is None:
        notes.append("one budget with an optimum shows no exponent")
    log_C_mean = float(np.mean(np.log([o.C for o in optima])))
    name = "D as given" if rule is None else rule.name
    found = tuple(optima)
    return IsoFlop(kind, found, a, b, N_line, D_line, log_C_mean, in_N.noise, name, tuple(notes))


def _logarithms(columns: Mapping[str, ArrayLike]) -> list[Float[ndarray, " n"]]:
    """Their logarithms. Raises BadInput where there is none, or where lengths differ."""
    arrays = {name: np.asarray(column, dtype=float) for name, column in columns.items()}
    shapes = {array.shape for array in arrays.values()}
    if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
        raise BadInput(f"{', '.join(arrays)} must be one-dimensional and equally long: {shapes}")
    for name, array in arrays.items():
        if not len(array) or not (np.isfinite(array) & (array > 0)).all():
            raise BadInput(f"an IsoFLOP curve needs positive, finite {name}")
    return [np.log(array) for array in arrays.values()]


def _budgets(log_C: Float[ndarray, " n"], tolerance: float) -> list[Int[ndarray, " m"]]:
    """The runs of each budget: sorted by C and cut wherever log C jumps by more than tolerance."""
    order = np.argsort(log_C, kind="stable")
    rounding = 16 * np.finfo(float).eps * max(1.0, float(np.abs(log_C).max()))
    jumps = np.flatnonzero(np.diff(log_C[order]) > max(tolerance, rounding))
    return np.split(order, jumps + 1)


def _spread_notes(
    log_C: Float[ndarray, " n"], budgets: Sequence[Int[ndarray, " m"]], tolerance: float
) -> list[str]:
    if tolerance == 0:
        return []
    widest = max(float(np.ptp(log_C[index])) for index in budgets)
    return [
        f"runs within {tolerance:.2g} in log C of the next are one budget: {len(budgets)} budgets, "
        f"C within one differs by up to {100 * math.expm1(widest):.2g} %, and its effect on the "
        "loss is left in"
    ]


@dataclass(frozen=True)
class _Curve:
    """The lowest point of a budget's curve: log N* with its error and interval, and L*."""

    at: float
    stderr: float
    lo: float
    hi: float
    least: Estimate

    def where(self, level: float) -> Estimate:
        N = math.exp(self.at)
        return Estimate(N, N * self.stderr, exp(self.lo), exp(self.hi), level)


@dataclass(frozen=True)
class _Curves:
    """A curve or the reason for none, per budget; noise: relative, and its degrees of freedom."""

    curves: list[_Curve | str]
    noise: float
    dof: int


@dataclass(frozen=True)
class _Polynomial:
    """L = sum_k c_k (u - mean)^k through a budget by least squares."""

    mean: float
    c: Float[ndarray, " p"]
    inverse: Float[ndarray, "p p"]  # of the normal equations: covariance / s^2
    residual: Float[ndarray, " n"]
    leverage: Float[ndarray, " n"]

    @classmethod
    def of(cls, u: Float[ndarray, " n"], L: Float[ndarray, " n"], degree: int) -> _Polynomial:
        mean = float(u.mean())
        design = np.vander(u - mean, degree + 1, increasing=True)
        Q, R = np.linalg.qr(design)
        back = np.linalg.inv(R)
        c = back @ (Q.T @ L)
        return cls(mean, c, back @ back.T, L - design @ c, np.sum(Q**2, axis=1))

    @property
    def dof(self) -> int:
        return len(self.residual) - len(self.c)


def _pooled(residuals: Sequence[Float[ndarray, " n"]], dof: int) -> float:
    """One relative noise for all budgets; nan if nothing is left to show it."""
    return math.sqrt(sum(float(r @ r) for r in residuals) / dof) if dof > 0 else math.nan


def _parabolas(
    u: Float[ndarray, " n"],
    log_L: Float[ndarray, " n"],
    budgets: Sequence[Int[ndarray, " m"]],
    level: float,
    rng: np.random.Generator,
    draws: int,
) -> _Curves:
    """Hoffmann et al.'s parabolas; exact least squares, so rng and draws are not called on."""
    fits = [_parabola(u[index], np.exp(log_L[index])) for index in budgets]
    found = [fit for fit in fits if not isinstance(fit, str)]
    dof = sum(fit.dof for fit in found)
    noise = _pooled([fit.residual / _bottom(fit)[1] for fit in found], dof)
    t = student(level, dof)
    curves = [fit if isinstance(fit, str) else _lowest(fit, noise, t, level) for fit in fits]
    return _Curves(curves, noise, dof)


def _parabola(u: Float[ndarray, " n"], L: Float[ndarray, " n"]) -> _Polynomial | str:
    distinct = len(np.unique(u))
    if distinct < _LEAST["parabola"]:
        return f"{distinct} distinct sizes, a parabola needs {_LEAST['parabola']}"
    fit = _Polynomial.of(u, L, 2)
    if not fit.c[2] > 0:
        return "its parabola opens downward"
    at, _ = _bottom(fit)
    return fit if u.min() < at < u.max() else "its optimum lies beyond the edge of its sizes"


def _bottom(fit: _Polynomial) -> tuple[float, float]:
    """log N* and L* of a parabola."""
    c_0, c_1, c_2 = fit.c.tolist()
    return fit.mean - c_1 / (2 * c_2), c_0 - c_1**2 / (4 * c_2)


def _lowest(fit: _Polynomial, noise: float, t: float, level: float) -> _Curve:
    """Delta-method errors and Fieller's interval."""
    (_, c_1, c_2), (at, least) = fit.c.tolist(), _bottom(fit)
    V = fit.inverse * (noise * least) ** 2
    u = at - fit.mean
    slope = np.array([0.0, 1.0, 2 * u])  # dL/du, zero at the optimum
    stderr = math.sqrt(slope @ V @ slope) / (2 * c_2)
    value = np.array([1.0, u, u**2])
    L_error = math.sqrt(value @ V @ value)
    L = Estimate(least, L_error, *_arms(least, t * L_error), level)
    # (c_1 + 2 c_2 u)^2 <= t^2 Var: a quadratic in u, q_2 u^2 + 2 q_1 u + q_0 <= 0
    q_2, q_1, q_0 = (
        4 * (c_2**2 - t**2 * V[2, 2]),
        2 * (c_1 * c_2 - t**2 * V[1, 2]),
        c_1**2 - t**2 * V[1, 1],
    )
    if not q_2 > 0:  # the curvature may be zero: nan and infinite t come here too
        return _Curve(at, stderr, -math.inf, math.inf, L)
    root = math.sqrt(max(q_1**2 - q_2 * q_0, 0.0))
    return _Curve(at, stderr, fit.mean - (q_1 + root) / q_2, fit.mean - (q_1 - root) / q_2, L)


def _arms(value: float, arm: float) -> tuple[float, float]:
    """An arm that nothing shows is open."""
    return (-math.inf, math.inf) if math.isnan(arm) else (value - arm, value + arm)


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


def _splines(
    u: Float[ndarray, " n"],
    log_L: Float[ndarray, " n"],
    budgets: Sequence[Int[ndarray, " m"]],
    level: float,
    rng: np.random.Generator,
    draws: int,
) -> _Curves:
    """Porian et al.'s splines, with a residual bootstrap pooled over the budgets."""
    fits = [_knots(u[index], log_L[index]) for index in budgets]
    found = [fit for fit in fits if not isinstance(fit, str)]
    dof = sum(fit.dof for fit in found)
    noise = _pooled([fit.residual for fit in found], dof)
    pool = np.concatenate([fit.scatter for fit in found]) if found else np.empty(0)
    t = student(level, dof)
    curves = [
        fit if isinstance(fit, str) else _bootstrap(fit, pool, t, level, rng, draws) for fit in fits
    ]
    return _Curves(curves, noise, dof)


def _knots(u: Float[ndarray, " n"], log_L: Float[ndarray, " n"]) -> _Knots | str:
    knots, which = np.unique(u, return_inverse=True)
    if len(knots) < _LEAST["akima"]:
        return f"{len(knots)} distinct sizes, Akima's spline needs {_LEAST['akima']}"
    trials = np.bincount(which).astype(float)
    y = np.bincount(which, log_L) / trials
    at, _ = _spline_minima(knots, y[:, None])
    if not knots[0] < at[0] < knots[-1]:
        return "its optimum lies at the edge of its sizes"
    cubic = _Polynomial.of(u, log_L, 3)
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
) -> _Curve:
    """Errors from splines through the cubic and resampled residuals."""
    (at,), (log_least,) = _spline_minima(fit.u, fit.y[:, None])
    noise = rng.choice(pool, size=(len(fit.u), draws)) / np.sqrt(fit.trials)[:, None]
    ats, leasts = _spline_minima(fit.u, fit.smooth[:, None] + noise)
    stderr, L_stderr = float(ats.std(ddof=1)), float(leasts.std(ddof=1))
    least = math.exp(log_least)
    lo, hi = (math.exp(end) for end in _arms(log_least, t * L_stderr))
    L = Estimate(least, least * L_stderr, lo, hi, level)
    return _Curve(float(at), stderr, *_arms(float(at), t * stderr), L)


def _tokens(rule: FlopRule, C: float, N: Estimate) -> Estimate:
    """D* = D(C, N*)."""

    def D(n: float) -> float:
        with np.errstate(divide="ignore"):
            return float(rule.D(C, n))

    step = 1e-4  # of log N: D is smooth, this is its slope to 8 digits
    slope = (D(N.value * math.exp(step)) - D(N.value * math.exp(-step))) / (2 * step * N.value)
    return N.map_monotone(D, slope)


def _exponent(
    C: Sequence[float], optima: Sequence[Estimate], dof: int, level: float
) -> tuple[Estimate, Line | None]:
    """The slope of log optimum against log C; its error holds the optima's and their scatter.

    Their noise was estimated with dof degrees of freedom: the arms take Student's quantile.
    """
    if len(optima) < 2:
        return Estimate(math.nan, math.inf, -math.inf, math.inf, level), None
    log_C = np.log(C)
    y = np.log([o.value for o in optima])
    sigma = np.array([o.stderr / o.value for o in optima])
    known = bool((np.isfinite(sigma) & (sigma > 0)).all())
    line = fit_line(log_C - log_C.mean(), y, sigma_y=sigma if known else None, level=level)
    if not known:
        return line.slope, line
    widen = student(level, dof) / gaussian(level)
    b = line.slope
    wide = replace(b, lo=b.value - widen * (b.value - b.lo), hi=b.value + widen * (b.hi - b.value))
    return wide, replace(line, slope=wide)
