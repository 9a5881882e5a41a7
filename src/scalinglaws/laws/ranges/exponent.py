"""The exponent of the resolution-limited part of L(N), when the power law may end.

Sharma & Kaplan 2020 (arXiv:2004.10802, A.1) fit a straight line to the points before the power
law breaks down. Here all points are used, and the end is part of the law. With x = log N:
    power         log L = a - alpha x
    power+floor   log L = log(e^(a - alpha x) + E), E >= 0
    broken        log L = a - alpha x + delta max(x - x_end, 0), delta >= 0
For each form the sum of squares is profiled over everything but alpha, SS(alpha), and a form
with p parameters pays 2 p s^2 (Mallows' C_p). alpha minimises the envelope of these curves, and
its interval is where the envelope lies within t^2 s^2 of that minimum: the discrete profiling
of Dauncey et al. 2015, doi:10.1088/1748-0221/10/04/P04015, so that the interval contains the
doubt about the form. benchmarks/exponent_recovery.py shows bias, spread and coverage beside the
straight line and the circle rule.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput
from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.laws.quantile import gaussian
from scalinglaws.laws.ranges.form import BEFORE_BREAK, PARAMETERS, PENALTY, Form
from scalinglaws.laws.ranges.sizes import Sizes, sizes_of

_GRID = 160  # values of alpha per profile
_ZOOMS = 4  # times the grid closes in on the interval
# Trial log E over the power law at the largest N: from nothing to a loss that is all floor.
_LOG_FLOOR = np.array([-36.0, *np.linspace(-9, 9, 46)])
_ENDS_PER_STEP = 4  # trial breaks between two neighbouring N


@dataclass(frozen=True)
class Exponent:
    """alpha in L ~ N^-alpha at small N, and the law it was read from.

    form: the law of least C_p; the interval of alpha allows for the others.
    straight: the slope of the straight line through all points, for comparison.
    N_end: where the power law ends, A N^-alpha = E or the break; infinite for a power law.
    n: losses used; widths: distinct N.
    log_A, log_E, delta: the law's other parameters; -inf and 0 where the form has none.
    """

    alpha: Estimate
    form: Form
    straight: Estimate
    N_end: float
    n: int
    widths: int
    notes: tuple[str, ...]
    log_A: float
    log_E: float = -math.inf
    delta: float = 0.0

    def predict(self, N: ArrayLike) -> Float[ndarray, ...]:
        """The fitted loss at N."""
        x = np.log(np.asarray(N, dtype=float))
        past = np.maximum(x - math.log(self.N_end), 0.0)
        power = self.log_A - self.alpha.value * x
        return np.exp(np.logaddexp(power, self.log_E) + self.delta * past)


def fit_exponent(N: ArrayLike, L: ArrayLike, *, level: float = LEVEL) -> Exponent:
    """Fit alpha of L = c N^-alpha (1.1, 3.1) to losses L at sizes N; equal N are replicates.

    The variance of log L is the larger of the replicates' and the lack of fit's between sizes:
    what exceeds the replicates' enters with Student's quantile at its own degrees of freedom.
    Sizes whose replicates scatter more weigh less (`variances`).
    Raises BadInput unless all N and L are positive and finite, with two or more distinct N.
    """
    data = sizes_of(N, L, "N")
    if len(data.x) < 2:
        raise BadInput("an exponent needs at least two distinct N")
    straight = _straight(data, level)
    scan = _scan(data, straight, _first_grid(data, straight), level)
    limits = scan.grid[[0, -1]]
    for _ in range(_ZOOMS):
        lo, hi = max(scan.lo - 2, 0), min(scan.hi + 2, len(scan.grid) - 1)
        scan = _scan(data, straight, np.linspace(scan.grid[lo], scan.grid[hi], _GRID), level)
    lo, best, hi = scan.grid[[scan.lo, scan.best, scan.hi]].tolist()
    # An interval that reaches the edge of the first grid has no end that the data could show.
    lo, hi = (-math.inf if lo <= limits[0] else lo), (math.inf if hi >= limits[1] else hi)
    alpha = Estimate(best, (hi - lo) / (2 * gaussian(level)), lo, hi, level)
    return _exponent(data, scan, alpha, straight)


def fit_straight(N: ArrayLike, L: ArrayLike, *, level: float = LEVEL) -> Estimate:
    """alpha of the straight line through all sizes, errors and refusals as in `fit_exponent`."""
    data = sizes_of(N, L, "N")
    if len(data.x) < 2:
        raise BadInput("an exponent needs at least two distinct N")
    return _straight(data, level)


@dataclass(frozen=True)
class _Profile:
    """Least sum of squares at each alpha, and the end of the power law that reaches it.

    end: log of E over the power law at the largest N (floor); x_end (broken); else infinite.
    """

    SS: Float[ndarray, " a"]
    end: Float[ndarray, " a"]


def _power(data: Sizes, alpha: Float[ndarray, "a 1"]) -> Float[ndarray, " a"]:
    return data.SS(data.y + alpha * data.x)


def _floor(
    data: Sizes, alpha: Float[ndarray, "a 1"], end: Float[ndarray, "a e"]
) -> Float[ndarray, "a e"]:
    """log L = const - alpha x + log(1 + e^(end + alpha (x - x_last)))."""
    rise = alpha * (data.x - data.x[-1])  # (a, w)
    bend = np.logaddexp(0, end[..., None] + rise[:, None])  # (a, e, w)
    return data.SS((data.y + rise)[:, None] - bend)


def _broken(
    data: Sizes, alpha: Float[ndarray, "a 1"], end: Float[ndarray, "a e"]
) -> Float[ndarray, "a e"]:
    """log L = const - alpha x + delta max(x - end, 0), least squares in delta >= 0."""
    residual = data.centre(data.y + alpha * data.x)[:, None]  # (a, 1, w)
    hinge = data.centre(np.maximum(data.x - end[..., None], 0))  # (a, e, w)
    along = np.maximum((residual * hinge) @ data.weights, 0)
    return data.SS(residual) - along**2 / (hinge**2 @ data.weights)


def _profile(data: Sizes, form: Form, alpha: Float[ndarray, " a"]) -> _Profile:
    """Least squares over the end at each alpha: a grid that closes in on its best point."""
    column = alpha[:, None]
    if form is Form.POWER:
        return _Profile(_power(data, column), np.full(len(alpha), math.inf))
    SS_of = _floor if form is Form.FLOOR else _broken
    grid = _LOG_FLOOR if form is Form.FLOOR else _trial_breaks(data)
    end = np.broadcast_to(grid, (len(alpha), len(grid)))
    for _ in range(_ZOOMS):
        best = SS_of(data, column, end).argmin(axis=1)[:, None]
        below = np.take_along_axis(end, np.maximum(best - 1, 0), axis=1)
        above = np.take_along_axis(end, np.minimum(best + 1, end.shape[1] - 1), axis=1)
        end = below + (above - below) * np.linspace(0, 1, 9)
    best = (sums := SS_of(data, column, end)).argmin(axis=1)[:, None]
    least, at = (np.take_along_axis(a, best, axis=1)[:, 0] for a in (sums, end))
    return _Profile(least, at)


def _trial_breaks(data: Sizes) -> Float[ndarray, " e"]:
    """From the last N that must lie before a break to the last but one."""
    steps = np.arange(BEFORE_BREAK - 1, len(data.x) - 2 + 0.5 / _ENDS_PER_STEP, 1 / _ENDS_PER_STEP)
    return np.interp(steps, np.arange(len(data.x)), data.x)


@dataclass(frozen=True)
class _Scan:
    """The envelope over a grid of alpha: the best form, and where alpha may lie (indices)."""

    grid: Float[ndarray, " a"]
    profiles: Mapping[Form, _Profile]
    costs: Mapping[Form, float]  # each form's least C_p
    form: Form
    best: int
    lo: int
    hi: int
    reach: float  # by how much the envelope may exceed its minimum


def _scan(data: Sizes, straight: Estimate, grid: Float[ndarray, " a"], level: float) -> _Scan:
    # The power law's valley is the narrowest; the slope at its bottom is known exactly.
    grid = np.unique(np.append(grid, np.clip(straight.value, grid[0], grid[-1])))
    profiles = {form: _profile(data, form, grid) for form in _forms(data)}
    s2 = max(data.variance, min(_lack_of_fit(data, f, p) for f, p in profiles.items()))
    costs = {form: p.SS + PENALTY * PARAMETERS[form] * s2 for form, p in profiles.items()}
    form = min(costs, key=lambda form: float(costs[form].min()))
    envelope = np.min(list(costs.values()), axis=0)
    reach = data.reach(float(profiles[form].SS.min()), _dof(data, form), level)
    near = np.flatnonzero(envelope <= envelope.min() + reach)
    least = {form: float(cost.min()) for form, cost in costs.items()}
    best = int(costs[form].argmin())
    return _Scan(grid, profiles, least, form, best, int(near[0]), int(near[-1]), reach)


def _forms(data: Sizes) -> list[Form]:
    """Those that leave a degree of freedom; the power law always."""
    spare = {form: len(data.x) - parameters for form, parameters in PARAMETERS.items()}
    return [form for form in Form if form is Form.POWER or spare[form] > 0]


def _lack_of_fit(data: Sizes, form: Form, profile: _Profile) -> float:
    """Variance of log L that the scatter of the means about the law shows; 0 if it cannot.

    Sums of squares below rounding are exact fits: forms then tie and the simplest is taken.
    """
    return data.lack_of_fit(float(profile.SS.min()), _dof(data, form))


def _dof(data: Sizes, form: Form) -> int:
    return len(data.x) - PARAMETERS[form]


def _straight(data: Sizes, level: float) -> Estimate:
    """The straight line through all means: SS(alpha) = SS + S_xx (alpha - b)^2."""
    x = data.centre(data.x)
    S_xx = float(data.weights @ x**2)
    b = -float(data.weights @ (x * data.y)) / S_xx
    SS = float(data.SS(data.y + b * data.x))
    arm = math.sqrt(data.reach(SS, _dof(data, Form.POWER), level) / S_xx)
    return Estimate(b, arm / gaussian(level), b - arm, b + arm, level)


def _first_grid(data: Sizes, straight: Estimate) -> Float[ndarray, " a"]:
    """Far beyond the straight line's interval and the steepest step between neighbours."""
    steepest = float(np.max(np.abs(np.diff(data.y) / np.diff(data.x))))
    arm = 6 * straight.half_width if math.isfinite(straight.half_width) else 0.0
    far = max(arm, 3 * steepest, 8 * abs(straight.value)) or 1.0
    return np.linspace(straight.value - far, straight.value + far, 2 * _GRID)


def _exponent(data: Sizes, scan: _Scan, alpha: Estimate, straight: Estimate) -> Exponent:
    end = float(scan.profiles[scan.form].end[scan.best])
    a, x_end, log_E, delta = _parameters(data, scan.form, alpha.value, end)
    return Exponent(
        alpha=alpha,
        form=scan.form,
        straight=straight,
        N_end=math.exp(x_end) if x_end < 700 else math.inf,
        n=data.n,
        widths=len(data.x),
        notes=tuple(_notes(data, scan, alpha)),
        log_A=a,
        log_E=log_E,
        delta=delta,
    )


def _parameters(
    data: Sizes, form: Form, alpha: float, end: float
) -> tuple[float, float, float, float]:
    """log A, log N_end, log E and delta of the form at its profiled optimum."""
    share = data.weights / data.weights.sum()
    power = data.y + alpha * data.x
    if form is Form.FLOOR:
        rise = np.logaddexp(0, end + alpha * (data.x - data.x[-1]))
        log_A = float(share @ (power - rise))
        return log_A, data.x[-1] - end / alpha, log_A - alpha * data.x[-1] + end, 0.0
    if form is Form.BROKEN:
        hinge = np.maximum(data.x - end, 0)
        along = data.centre(hinge) * data.weights
        delta = max(float(along @ power / (along @ hinge)), 0.0)
        return float(share @ (power - delta * hinge)), end, -math.inf, delta
    return float(share @ power), math.inf, -math.inf, 0.0


def _notes(data: Sizes, scan: _Scan, alpha: Estimate) -> list[str]:
    notes: list[str] = []
    absent = [form for form in Form if form not in scan.profiles]
    if absent:
        notes.append(f"{len(data.x)} sizes are too few to look for: {', '.join(absent)}")
    lack = _lack_of_fit(data, scan.form, scan.profiles[scan.form])
    if data.dof and lack > 2 * data.variance:
        times = math.sqrt(lack / data.variance) if data.variance else math.inf
        notes.append(f"scatter between sizes is {times:.1f} times that of the replicates")
    least = scan.costs[scan.form]
    for form, cost in scan.costs.items():
        if form is not scan.form and cost <= least + scan.reach:
            at = float(scan.grid[scan.profiles[form].SS.argmin()])
            notes.append(f"{form} fits about as well, with alpha = {at:.3g}")
    if not math.isfinite(alpha.half_width):
        notes.append("the data leave an end of alpha's interval open")
    return notes
