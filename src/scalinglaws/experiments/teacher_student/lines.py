"""Straight lines through families: 4/alpha on d, k on 1/alpha, and what moves them all.

Sharma & Kaplan 2020 (arXiv 2004.10802), eq. 2.5, figure 6.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.teacher_student.families import Family, four_over
from scalinglaws.laws.line import Line, fit_line, fit_through_origin


@dataclass(frozen=True)
class Slopes:
    """Lines through families whose alpha and d have errors."""

    through_origin: Estimate  # of 4/alpha on d
    free: Line | None  # the same with an intercept; None below three values of k
    features_through_origin: Estimate  # of k on 1/alpha
    features: Line | None
    through_origin_used: Estimate  # of 4/alpha on d, N_used in place of N_all

    @property
    def feature_slope(self) -> Estimate | None:
        return self.features.slope if self.features else None


Slope = Callable[[Slopes], Estimate | None]  # one of them


@dataclass(frozen=True)
class Systematics:
    """What moves all families together, as shifts of standard size; None where not measured.

    drift: from half to full training length. teachers: error of the mean over the teachers.
    """

    drift: float | None
    teachers: float | None
    drift_of: str = ""  # what the drift was measured on


def on_the_lines(family: Family) -> bool:
    """Whether alpha is known to be positive, with an error, by either count of N, and d is."""
    alphas = (family.exponent.alpha, family.exponent_used.alpha)
    return family.d is not None and all(a.lo > 0 and math.isfinite(a.stderr) for a in alphas)


def slopes(families: Sequence[Family]) -> Slopes | None:
    """None with fewer than two families on the lines, or with one value of k."""
    used = [(f, d) for f in families if on_the_lines(f) and (d := f.d) is not None]
    k = [f.k for f, _ in used]
    if len(set(k)) < 2:
        return None
    d, sigma_d = [d.value for _, d in used], [d.stderr for _, d in used]
    four, sigma = _values([four_over(f.exponent.alpha) for f, _ in used])
    four_used, sigma_used = _values([four_over(f.exponent_used.alpha) for f, _ in used])
    inverse, sigma_inverse = [v / 4 for v in four], [e / 4 for e in sigma]
    several = len(set(k)) > 2
    return Slopes(
        through_origin=fit_through_origin(d, four, sigma_x=sigma_d, sigma_y=sigma),
        free=fit_line(d, four, sigma_x=sigma_d, sigma_y=sigma) if several else None,
        features_through_origin=fit_through_origin(inverse, k, sigma_x=sigma_inverse),
        features=fit_line(inverse, k, sigma_x=sigma_inverse) if several else None,
        through_origin_used=fit_through_origin(d, four_used, sigma_x=sigma_d, sigma_y=sigma_used),
    )


def _values(estimates: Sequence[Estimate]) -> tuple[list[float], list[float]]:
    return [e.value for e in estimates], [e.stderr for e in estimates]


def drift_of(family: Family, halves: Sequence[Family]) -> float | None:
    """alpha / alpha(half length) - 1, where the half length was trained."""
    twins = [half for half in halves if half.name == family.name]
    return family.exponent.alpha.value / twins[0].exponent.alpha.value - 1 if twins else None


def systematics(full: Sequence[Family], halves: Sequence[Family], slope: Slope) -> Systematics:
    """Shifts of one slope of the lines through the families of full length."""
    drift, measured_on = _drift(full, halves, slope)
    return Systematics(drift, _teacher_error(full, slope), measured_on)


def _drift(
    full: Sequence[Family], halves: Sequence[Family], slope: Slope
) -> tuple[float | None, str]:
    """slope(full) - slope(half) over the families trained at both lengths.

    Where these make no line, the relative drift of their alpha stands for every family's: a
    slope of 4/alpha or of k on 1/alpha then shifts by as much.
    """
    names = {half.name for half in halves if on_the_lines(half)}
    both = [f for f in full if f.name in names and on_the_lines(f)]
    twins = [half for half in halves if half.name in {f.name for f in both}]
    lines, before, after = slopes(full), slopes(twins), slopes(both)
    if before and after and (old := slope(before)) and (new := slope(after)):
        return new.value - old.value, f"{len(both)} families"
    whole = slope(lines) if lines else None
    drifts = [shift for f in both if (shift := drift_of(f, halves)) is not None]
    if whole is None or not drifts:
        return None, ""
    ks = ", ".join(str(f.k) for f in both)
    return whole.value * float(np.mean(drifts)), f"alpha at k = {ks}, standing for every k"


def _teacher_error(full: Sequence[Family], slope: Slope) -> float | None:
    """sd over teachers / sqrt(teachers): one teacher serves every k, so families share it."""
    seeds = {f.teacher_seed for f in full}
    lines = [slopes([f for f in full if f.teacher_seed == seed]) for seed in sorted(seeds)]
    found = [e.value for line in lines if line is not None and (e := slope(line)) is not None]
    return float(np.std(found, ddof=1)) / math.sqrt(len(found)) if len(found) > 1 else None


def with_systematics(slope: Estimate, s: Systematics) -> tuple[Estimate, str]:
    """The slope with its systematic errors, and the reason where training length dominates."""
    wider = slope.with_systematic(s.teachers or 0.0)
    if s.drift is None:
        return wider, ""
    reason = (
        f"training-limited: from half to full length the slope moves by {s.drift:+.2g} "
        f"(measured on {s.drift_of})"
    )
    return wider.with_systematic(s.drift), reason if abs(s.drift) > wider.stderr else ""
