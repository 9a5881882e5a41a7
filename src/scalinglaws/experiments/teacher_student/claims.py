"""What teacher-student claims, with tolerances fixed before measuring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.teacher_student.families import Family, four_over
from scalinglaws.laws.line import Line, fit_line, fit_through_origin
from scalinglaws.result import Budget, Claim, Judgement

_PAPER = "Sharma & Kaplan 2020, "
SLOPE = Claim(
    id="slope-4-over-alpha-on-d",
    statement="Slope of 4/alpha on the measured d, through the origin",
    source=_PAPER + "eq. 2.5, figure 6 right",
    expected=1.0,
    tolerance={Budget.QUICK: 0.25, Budget.FULL: 0.15},
)
FEATURES = Claim(
    id="features-on-inverse-alpha",
    statement="Slope of the number of features k on 1/alpha, with an intercept",
    source=_PAPER + "figure 6 left, k = 2..19",
    expected=5.48,
    tolerance=1.5,
    judged_from=Budget.FULL,
)
CONSTANT = Claim(
    id="d-constant",
    statement="Relative change of d from the smallest to the largest width n >= 3k, "
    "in the family where it is largest",
    source=_PAPER + "prediction 4, figure 3: about 10 %",
    expected=0.0,
    tolerance=0.10,
)
CLAIMS = (SLOPE, FEATURES, CONSTANT)


@dataclass(frozen=True)
class Slopes:
    """Lines through the families of full length.

    drift: the relative shift of alpha from half to full length, mean over the families that
    were trained at both; None where none was. Every alpha moves together, so it is a
    systematic error of a slope, not of its points.
    count: the same for N_used in place of N_all.
    """

    through_origin: Estimate
    free: Line | None
    features_through_origin: Estimate
    features: Line | None
    through_origin_used: Estimate
    drift: float | None
    families: int


def drift_of(family: Family, halves: Sequence[Family]) -> float | None:
    """alpha / alpha(half length) - 1, where the half length was trained."""
    twin = [
        h
        for h in halves
        if (h.loss, h.k, h.teacher_seed) == (family.loss, family.k, family.teacher_seed)
    ]
    return family.exponent.alpha.value / twin[0].exponent.alpha.value - 1 if twin else None


def slopes(full: Sequence[Family], halves: Sequence[Family]) -> Slopes | None:
    """None with fewer than two families that have a positive alpha and a d."""
    pairs = [(f, f.d) for f in full if f.exponent.alpha.value > 0]
    used = [(f, d) for f, d in pairs if d is not None]
    if len(used) < 2:
        return None
    alpha = [f.exponent.alpha for f, _ in used]
    d = [d.value for _, d in used]
    sigma_d = [d.stderr for _, d in used]
    four = [four_over(a) for a in alpha]
    four_used = [four_over(f.exponent_used.alpha) for f, _ in used]
    inverse, sigma_inverse = [e.value / 4 for e in four], [e.stderr / 4 for e in four]
    k = [f.k for f, _ in used]
    drifts = [shift for f, _ in used if (shift := drift_of(f, halves)) is not None]
    several = len(set(k)) > 2
    values, sigma = [e.value for e in four], [e.stderr for e in four]
    return Slopes(
        through_origin=fit_through_origin(d, values, sigma_x=sigma_d, sigma_y=sigma),
        free=fit_line(d, values, sigma_x=sigma_d, sigma_y=sigma) if several else None,
        features_through_origin=fit_through_origin(inverse, k, sigma_x=sigma_inverse),
        features=fit_line(inverse, k, sigma_x=sigma_inverse) if several else None,
        through_origin_used=fit_through_origin(
            d, [e.value for e in four_used], sigma_x=sigma_d, sigma_y=[e.stderr for e in four_used]
        ),
        drift=float(np.mean(drifts)) if drifts else None,
        families=len(used),
    )


def with_drift(slope: Estimate, drift: float | None) -> tuple[Estimate, str]:
    """The slope with the drift as a systematic error, and why where that dominates."""
    if drift is None:
        return slope, ""
    shift = slope.value * drift
    reason = f"training-limited: half the steps shift 1/alpha by {drift:+.0%}"
    return slope.with_systematic(shift), reason if abs(shift) > slope.stderr else ""


def judge(
    full: Sequence[Family], found: Slopes | None, budget: Budget
) -> tuple[Judgement, Judgement, Judgement]:
    """The three verdicts, in the order of CLAIMS."""
    changes = [change for f in full if (change := f.d_change()) is not None]
    worst = max(changes, key=lambda e: abs(e.value), default=None)
    constant = CONSTANT.judge(worst, budget)
    if found is None:
        few = "fewer than two families have an exponent and a d"
        return (
            SLOPE.judge(None, budget, reason=few),
            FEATURES.judge(None, budget, reason=few),
            constant,
        )
    slope, why = with_drift(found.through_origin, found.drift)
    judged = SLOPE.judge(slope, budget, reason=why)
    if found.features is None:
        few = "a line with an intercept needs three values of k"
        return judged, FEATURES.judge(None, budget, reason=few), constant
    features, why = with_drift(found.features.slope, found.drift)
    return judged, FEATURES.judge(features, budget, reason=why), constant
