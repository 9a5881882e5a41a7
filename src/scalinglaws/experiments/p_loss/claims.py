"""What p-loss claims, with tolerances fixed before measuring."""

from __future__ import annotations

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.p_loss.statistics import Of, Powers, drift
from scalinglaws.experiments.students.lines import Systematics, with_systematics
from scalinglaws.result import Budget, Claim, Judgement

_PAPER = "Sharma & Kaplan 2020, section 3.2.2, "
_RATIO: dict[str, float] = {Budget.QUICK: 0.2, Budget.FULL: 0.1}
RATIO = Claim(
    id="ratio-of-exponents",
    statement="alpha(p) / alpha(2) over p / 2, of the p whose interval reaches farthest from 1",
    source=_PAPER + "eq. 3.4, figure 8",
    expected=1.0,
    tolerance=_RATIO,
)
SLOPE = Claim(
    id="slope-of-alpha-on-p",
    statement="Slope of alpha on p, through the origin, over 2 / d with the measured d",
    source=_PAPER + "eq. 3.4, figure 8",
    expected=1.0,
    tolerance={Budget.QUICK: 0.25, Budget.FULL: 0.15},  # as teacher-student's slope
)
# Not in the paper. Eq. 2.3 speaks of any function whose residuals have one scale s^(k+1): it
# needs no student that minimises |y - y*|^p.
MOMENTS = Claim(
    id="moments-of-mse-students",
    statement="The same ratio for E |y - y*|^p of the students that minimise p = 2, "
    "of the p whose interval reaches farthest from 1",
    source="the control of figure 8; " + _PAPER.removesuffix("section 3.2.2, ") + "eq. 2.3",
    expected=1.0,
    tolerance=_RATIO,
)
CLAIMS = (RATIO, SLOPE, MOMENTS)


def judge(full: Powers, half: Powers, budget: Budget) -> tuple[Judgement, Judgement, Judgement]:
    """The three verdicts, in the order of CLAIMS."""
    return (
        _judge_all(RATIO, full, half, [ratio_at(p) for p in full.ps], budget),
        _judge_all(SLOPE, full, half, [lambda powers: powers.slope], budget),
        _judge_all(MOMENTS, full, half, [moment_ratio_at(p) for p in full.ps], budget),
    )


def with_drift(full: Powers, half: Powers, of: Of) -> tuple[Estimate, str] | None:
    """A number with what training length does to it, and the reason where that dominates."""
    measured = of(full)
    if measured is None:
        return None
    moved = Systematics(drift(full, half, of), None, "the same students")
    return with_systematics(measured, moved, "this")


def _judge_all(
    claim: Claim, full: Powers, half: Powers, numbers: list[Of], budget: Budget
) -> Judgement:
    found = [e for of in numbers if (e := with_drift(full, half, of)) is not None]
    return claim.judge_each(found, budget, none="too few p whose alpha is known")


def ratio_at(p: float) -> Of:
    """alpha(p) / alpha(2) over p / 2."""
    return lambda powers: powers.ratio(p)


def moment_ratio_at(p: float) -> Of:
    """The same of the p = 2 students' moments."""
    return lambda powers: powers.moment_ratio(p)
