"""What summary claims."""

from __future__ import annotations

from collections.abc import Sequence

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.summary.points import Point
from scalinglaws.experiments.teacher_student.claims import SLOPES
from scalinglaws.result import Budget, Claim, Judgement, Relation

BOUND = Claim(
    id="bound",
    statement="4/(alpha d) of every point, for d as much larger as its estimator may read low: on "
    "teachers what it misses of k on the inputs, else a quarter. The bound is 1, where generic "
    "points lie; .15 more, the tolerance of their slope",
    source="Sharma & Kaplan 2020, eq. 2.6, figure 1",
    expected=1.15,
    relation=Relation.AT_MOST,
)
LINE = Claim(
    id="generic-case",
    statement="Slope of 4/alpha on d through the origin, of teacher-student alone",
    source="Sharma & Kaplan 2020, eq. 2.5, figure 1",
    expected=1.0,
    tolerance=SLOPES["mse"].tolerance,
)
CLAIMS = (BOUND, LINE)


def judge(
    points: Sequence[Point], slope: tuple[Estimate, str] | None, budget: Budget
) -> tuple[Judgement, ...]:
    """The verdicts, in the order of CLAIMS. slope: with the reason where one error dominates."""
    judged = [p for p in points if not p.unjudged]
    above = [f"{p.source}, {p.name}" for p in judged if p.least.lo > BOUND.expected]
    reason = f"above: {'; '.join(above)}" if above else "" if judged else "no points"
    measured, why = slope or (None, "too few teachers whose alpha and d have errors")
    return (
        BOUND.judge_all((p.least for p in judged), budget, reason=reason),
        LINE.judge(measured, budget, reason=why),
    )
