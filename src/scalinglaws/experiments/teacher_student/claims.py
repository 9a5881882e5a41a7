"""What teacher-student claims, with tolerances fixed before measuring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from scalinglaws.experiments.students.families import Family
from scalinglaws.experiments.students.lines import Slope, slopes, systematics, with_systematics
from scalinglaws.result import Budget, Claim, Judgement

Loss = Literal["mse", "kl"]
_PAPER = "Sharma & Kaplan 2020, "
_LOSSES: tuple[Loss, ...] = ("mse", "kl")
SLOPES: dict[Loss, Claim] = {
    loss: Claim(
        id=f"slope-4-over-alpha-on-d-{loss}",
        statement="Slope of 4/alpha on the measured d, through the origin, by the widths n >= 3k: "
        f"students of {loss.upper()}",
        source=_PAPER + "eq. 2.5, figure 6 right",
        expected=1.0,
        tolerance={Budget.QUICK: 0.25, Budget.FULL: 0.15},
    )
    for loss in _LOSSES
}
FEATURES = Claim(
    id="features-on-inverse-alpha",
    statement="Slope of the number of features k on 1/alpha, with an intercept, by the widths "
    "n >= 3k",
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
CLAIMS = (*SLOPES.values(), FEATURES, CONSTANT)


def judge(
    full: Sequence[Family], halves: Sequence[Family], budget: Budget
) -> tuple[Judgement, ...]:
    """The verdicts, in the order of CLAIMS."""
    changes = [change for f in full if (change := f.d_change()) is not None]
    return (
        *(_judge_loss(loss, full, halves, budget) for loss in SLOPES),
        _judge_line(FEATURES, full, halves, lambda lines: lines.feature_slope, budget),
        CONSTANT.judge_all(changes, budget),
    )


def _judge_loss(
    loss: Loss, full: Sequence[Family], halves: Sequence[Family], budget: Budget
) -> Judgement:
    own, half = ([f for f in families if f.loss == loss] for families in (full, halves))
    if full and not own:
        why = f"no student was trained on {loss.upper()} at this budget"
        return SLOPES[loss].judge(None, budget, reason=why)
    return _judge_line(SLOPES[loss], own, half, lambda lines: lines.through_origin, budget)


def _judge_line(
    claim: Claim,
    full: Sequence[Family],
    halves: Sequence[Family],
    slope: Slope,
    budget: Budget,
) -> Judgement:
    found = slopes(full)
    measured = slope(found) if found else None
    if measured is None:
        return claim.judge(None, budget, reason="too few values of k whose alpha and d have errors")
    wider, why = with_systematics(measured, systematics(full, halves, slope))
    return claim.judge(wider, budget, reason=why)
