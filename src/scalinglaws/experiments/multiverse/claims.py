"""What multiverse claims: the tolerances are teacher-student's."""

from __future__ import annotations

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.multiverse import forks
from scalinglaws.experiments.multiverse.universe import Multiverse, World
from scalinglaws.experiments.students.lines import with_systematics
from scalinglaws.experiments.teacher_student.claims import SLOPES
from scalinglaws.result import Budget, Claim, Judgement

MEDIAN = Claim(
    id="median-slope",
    statement="Slope of 4/alpha on d through the origin, by every way of analysing the same "
    "students: the median, in an interval that holds 95 % of them",
    source=SLOPES["mse"].source,
    expected=1.0,
    tolerance=SLOPES["mse"].tolerance,
)
NEAREST = Claim(
    id="one-choice-apart",
    statement="The same slope by teacher-student's own analysis and by each that departs from it "
    "at one fork, each with the systematic errors of teacher-student's: the one whose interval "
    "reaches farthest from 1",
    source=SLOPES["mse"].source,
    expected=1.0,
    tolerance=SLOPES["mse"].tolerance,
)
CLAIMS = (MEDIAN, NEAREST)


def judge(found: Multiverse, budget: Budget) -> tuple[Judgement, ...]:
    """The verdicts, in the order of CLAIMS."""
    if not found.worlds:
        return tuple(
            claim.judge(None, budget, reason="no way leads to a slope") for claim in CLAIMS
        )
    return (
        MEDIAN.judge(found.median, budget),
        NEAREST.judge_each([_whole(w, found) for w in found.nearest], budget, none=""),
    )


def _whole(world: World, found: Multiverse) -> tuple[Estimate, str]:
    """The slope as teacher-student judges it; where the world departs, and what dominates."""
    slope, why = with_systematics(world.slope, found.moved[world.way.loss])
    own = forks.usual(found.ways)
    departs = [world.way[fork] for fork in forks.FORKS if world.way[fork] != own[fork]]
    return slope, "; ".join(filter(None, [*departs, why]))
