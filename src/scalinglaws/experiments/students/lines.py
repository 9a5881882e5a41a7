"""Straight lines through families: 4/alpha on d, k on 1/alpha, and what moves them all.

Sharma & Kaplan 2020 (arXiv 2004.10802), eq. 2.5, figure 6.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.students.families import Family, four_over
from scalinglaws.laws.line import Line, fit_line, fit_through_origin
from scalinglaws.laws.quantile import gaussian, student
from scalinglaws.laws.ranges.exponent import Exponent


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

    @property
    def d_slope(self) -> Estimate | None:
        """Of d on 1/alpha, with an intercept: errors in both make it the free line's inverse."""
        return four_over(self.free.slope) if self.free and self.free.slope.value > 0 else None


Slope = Callable[[Slopes], Estimate | None]  # one of them


@dataclass(frozen=True)
class Systematics:
    """What moves all families together, as shifts of standard size; None where not measured.

    drift: from half to full training length, measured on drift_of. start: from all sizes to all
    but the smallest. teachers: error of the mean over the teachers, known with teacher_dof.
    """

    drift: float | None
    teachers: float | None = None
    drift_of: str = ""
    start: float | None = None
    teacher_dof: int = 1


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
    return Systematics(
        drift=drift,
        teachers=_teacher_error(full, slope),
        drift_of=measured_on,
        start=_start(full, slope),
        teacher_dof=max(len({f.teacher_seed for f in full}) - 1, 1),
    )


def _start(full: Sequence[Family], slope: Slope) -> float | None:
    """slope(without the smallest sizes) - slope, of the families that stay on the lines.

    Where the power law begins is not known, and where training is short L(N) bends: a cut at
    another width gives another slope.
    """
    pairs = [(f, later) for f in full if (later := f.later()) and on_the_lines(later)]
    lines = slopes([f for f, _ in pairs]), slopes([later for _, later in pairs])
    before, after = (slope(line) if line else None for line in lines)
    return after.value - before.value if after and before else None


def _drift(
    full: Sequence[Family], halves: Sequence[Family], slope: Slope
) -> tuple[float | None, str]:
    """slope(full) - slope(half) over the families trained at both lengths.

    Where these make no line, the relative drift of their alpha stands for every family's. The
    runs of both lengths share starts and points, so that their statistical errors mostly cancel;
    of a second stage the points are not shared.
    """
    names = {half.name for half in halves if on_the_lines(half)}
    both = [f for f in full if f.name in names and on_the_lines(f)]
    twins = [half for half in halves if half.name in {f.name for f in both}]
    measured_on = f"{len(both)} families"
    drifts = [shift for f in both if (shift := drift_of(f, halves)) is not None]
    if (slopes(both) is None or slopes(twins) is None) and drifts:
        mean = float(np.mean(drifts))
        both, twins = list(full), [_rescaled(f, 1 / (1 + mean)) for f in full]
        ks = ", ".join(str(half.k) for half in halves)
        measured_on = f"alpha's {mean:+.1%} at k = {ks}, standing for every k"
    lines = slopes(both), slopes(twins)
    after, before = (slope(line) if line else None for line in lines)
    return (after.value - before.value, measured_on) if after and before else (None, "")


def _rescaled(family: Family, factor: float) -> Family:
    """The family with alpha times a factor, by either count of N."""

    def scaled(found: Exponent) -> Exponent:
        alpha = found.alpha.map_monotone(lambda value: factor * value, factor)
        return replace(found, alpha=alpha)

    return replace(
        family,
        exponent=scaled(family.exponent),
        exponent_used=scaled(family.exponent_used),
    )


def _teacher_error(full: Sequence[Family], slope: Slope) -> float | None:
    """sd over teachers / sqrt(teachers): one teacher serves every k, so families share it.

    From the k and losses that every teacher has. Of few teachers it is itself known badly.
    """
    seeds = {f.teacher_seed for f in full}
    usable = [f for f in full if on_the_lines(f)]
    shared = Counter((f.loss, f.k) for f in usable)
    common = [f for f in usable if shared[f.loss, f.k] == len(seeds)]
    lines = [slopes([f for f in common if f.teacher_seed == seed]) for seed in sorted(seeds)]
    found = [e.value for line in lines if line is not None and (e := slope(line)) is not None]
    return float(np.std(found, ddof=1)) / math.sqrt(len(found)) if len(found) > 1 else None


def with_systematics(
    slope: Estimate, s: Systematics, name: str = "the slope"
) -> tuple[Estimate, str]:
    """The slope, or another number of that name, with its systematic errors, and the reason
    where training length or the start of the power law dominates."""
    statistical = slope.with_systematic(s.teachers or 0.0)
    wider = statistical.with_systematic(s.start or 0.0).with_systematic(s.drift or 0.0)
    reasons: list[str] = []
    if s.drift is not None and abs(s.drift) > statistical.stderr:
        reasons.append(
            f"training-limited: from half to full length {name} moves by {s.drift:+.2g} "
            f"(measured on {s.drift_of})"
        )
    if s.start is not None and abs(s.start) > statistical.stderr:
        reasons.append(f"without the smallest sizes {name} moves by {s.start:+.2g}")
    return _by_student(wider, s), "; ".join(reasons)


def with_teachers(slope: Estimate, s: Systematics) -> Estimate:
    """The slope with the spread of the teachers alone."""
    return _by_student(slope.with_systematic(s.teachers or 0.0), s)


def _by_student(wider: Estimate, s: Systematics) -> Estimate:
    """Arms by Student's quantile: of all the variance, the teachers' part is known with few
    degrees of freedom, the whole with more (Welch 1947, Satterthwaite 1946)."""
    if not s.teachers or not math.isfinite(wider.stderr):
        return wider
    dof = s.teacher_dof * (wider.stderr / s.teachers) ** 4
    longer = student(wider.level, dof) / gaussian(wider.level)
    lo, hi = (wider.value + longer * (end - wider.value) for end in (wider.lo, wider.hi))
    return replace(wider, lo=lo, hi=hi)
