"""IsoFLOP: the best N at each compute budget, and N* ~ C^a, D* ~ C^b through the budgets.

Hoffmann et al. 2022 (arXiv:2203.15556, approach 2): at each C the loss is a curve in log N, a
`parabola` or `akima`'s spline, and straight lines through the lowest points in log C give a and b.
Either curve takes the noise, relative to L*, as one for all budgets, from the residuals of all.

A parabola is not the truth. On E + A/N^alpha + B/D^beta its optima are off by a factor that grows
with the width of the grid (Open-Athena, scaling-law-analysis): on Hoffmann's own surface (alpha
.339, beta .285) tokens come out 1.2, 2.6 and 4.6 % too few on grids of 1/4..4, 1/8..8 and 1/16..16
times N*, and Akima's within .3 %. The factor is the same at every C, so a and b are exact; where
the grid's centre drifts off N* with C they are not (tests/laws/test_isoflop.py). No error bar
here contains that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.estimate import LEVEL, Estimate, two_sided
from scalinglaws.laws.compute.akima import splines
from scalinglaws.laws.compute.budgets import by_budget, logarithms, spread_notes
from scalinglaws.laws.compute.curve import Curves
from scalinglaws.laws.compute.flops import FlopRule, flop_rule
from scalinglaws.laws.compute.parabola import parabolas
from scalinglaws.laws.line import Line, fit_line
from scalinglaws.laws.quantile import gaussian, student

Kind = Literal["parabola", "akima"]
_CURVES = {"parabola": parabolas, "akima": splines}


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
    if kind not in _CURVES:
        raise UnknownName("kind of IsoFLOP curve", kind, _CURVES)
    if not tolerance >= 0:
        raise BadInput(f"tolerance must not be negative, got {tolerance:g}")
    two_sided(level)  # refuses what is no level
    columns = {"C": C, "N": N, "L": L} | ({} if D is None else {"D": D})
    log_C, log_N, log_L, *log_D = logarithms(columns)
    budgets = by_budget(log_C, tolerance)
    notes = spread_notes(log_C, budgets, tolerance)
    rule = None if log_D else flop_rule(flops)
    rng = np.random.default_rng(seed)
    in_N = _CURVES[kind](log_N, log_L, budgets, level, rng, draws)
    in_D = _CURVES[kind](log_D[0], log_L, budgets, level, rng, draws) if log_D else in_N
    optima, dropped = _optima(log_C, budgets, in_N, in_D, rule, level)
    notes += dropped
    if not optima:
        mend = "; runs of nearly equal C need a tolerance" if len(budgets) > len(log_C) / 3 else ""
        raise BadInput(f"no budget has an optimum: {'; '.join(notes[:3])}{mend}")
    a, N_line = _exponent([o.C for o in optima], [o.N for o in optima], in_N.dof, level)
    b, D_line = _exponent([o.C for o in optima], [o.D for o in optima], in_D.dof, level)
    if N_line is None:
        notes.append("one budget with an optimum shows no exponent")
    log_C_mean = float(np.mean(np.log([o.C for o in optima])))
    name = "D as given" if rule is None else rule.name
    return IsoFlop(kind, optima, a, b, N_line, D_line, log_C_mean, in_N.noise, name, tuple(notes))


def _optima(
    log_C: Float[ndarray, " n"],
    budgets: Sequence[Int[ndarray, " m"]],
    in_N: Curves,
    in_D: Curves,
    rule: FlopRule | None,
    level: float,
) -> tuple[tuple[Optimum, ...], list[str]]:
    """Of the budgets that have one; and notes on those that have none."""
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
    notes = [
        f"{len(at)} of {len(budgets)} budgets dropped (C = {', '.join(at[:3])}"
        f"{', ...' if len(at) > 3 else ''}): {reason}"
        for reason, at in dropped.items()
    ]
    return tuple(optima), notes


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
