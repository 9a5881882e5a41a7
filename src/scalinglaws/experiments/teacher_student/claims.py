"""What teacher-student claims, with tolerances fixed before measuring."""

from __future__ import annotations

from collections.abc import Sequence

from scalinglaws.experiments.students.families import Family
from scalinglaws.experiments.students.lines import (
    Slope,
    Slopes,
    systematics,
    with_systematics,
)
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
    "in the worst family",
    source=_PAPER + "prediction 4, figure 3: about 10 %",
    expected=0.0,
    tolerance=0.10,
)
CLAIMS = (SLOPE, FEATURES, CONSTANT)


def judge(
    full: Sequence[Family], halves: Sequence[Family], found: Slopes | None, budget: Budget
) -> tuple[Judgement, Judgement, Judgement]:
    """The three verdicts, in the order of CLAIMS."""
    changes = [change for f in full if (change := f.d_change()) is not None]
    return (
        _judge_slope(SLOPE, full, halves, found, lambda lines: lines.through_origin, budget),
        _judge_slope(FEATURES, full, halves, found, lambda lines: lines.feature_slope, budget),
        CONSTANT.judge_all(changes, budget),
    )


def _judge_slope(
    claim: Claim,
    full: Sequence[Family],
    halves: Sequence[Family],
    found: Slopes | None,
    slope: Slope,
    budget: Budget,
) -> Judgement:
    measured = slope(found) if found else None
    if measured is None:
        return claim.judge(None, budget, reason="too few values of k whose alpha and d have errors")
    wider, why = with_systematics(measured, systematics(full, halves, slope))
    return claim.judge(wider, budget, reason=why)
