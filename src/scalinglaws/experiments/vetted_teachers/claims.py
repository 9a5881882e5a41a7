"""What vetted-teachers claims, with tolerances fixed before measuring."""

from __future__ import annotations

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.network_dimension.draw import SHORT
from scalinglaws.experiments.vetted_teachers.statistics import (
    Both,
    d_slope,
    feature_slope,
    origin_slope,
)
from scalinglaws.result import Budget, Claim, Judgement, Relation

VETTED_SLOPE, RANDOM_SLOPE = 4.61, 5.48
_FIGURE = SHORT + "figure 14"
# Of the two slopes the same share as teacher-student's tolerance has of its own: 1.5 of 5.48.
FEATURES = Claim(
    id="features-vetted",
    statement="Slope of the number of features k on 1/alpha, vetted teachers",
    source=_FIGURE,
    expected=VETTED_SLOPE,
    tolerance=1.25,
    judged_from=Budget.FULL,
)
FEATURES_RANDOM = Claim(
    id="features-random",
    statement="The same slope without vetting, random teachers of equal shape",
    source=SHORT + "figure 6 left, random teachers [20, 600, 600], k = 2..19",
    expected=RANDOM_SLOPE,
    tolerance=1.5,
    judged_from=Budget.FULL,
)
FEATURES_RATIO = Claim(
    id="features-ratio",
    statement="Slope of k on 1/alpha with vetting over that without",
    source=_FIGURE + f": {VETTED_SLOPE} against {RANDOM_SLOPE}",
    expected=1.0,
    relation=Relation.AT_MOST,
)
D_RATIO = Claim(
    id="d-ratio",
    statement="Slope of d on 1/alpha with vetting over that without",
    source=_FIGURE + ": very similar with or without vetting",
    expected=1.0,
    tolerance={Budget.QUICK: 0.25, Budget.FULL: 0.15},
)
NEARER = Claim(
    id="d-nearer-k",
    statement="(d of the vetted teacher - d of the random one) / k, mean over k and seeds",
    source=SHORT + "A.3: vetting partially closes the gap between d and k",
    expected=0.0,
    relation=Relation.AT_LEAST,
)
SLOPE = Claim(
    id="slope-4-over-alpha-on-d",
    statement="Slope of 4/alpha on the measured d through the origin, vetted teachers",
    source=SHORT + "A.3: alpha = 4/d continues to hold",
    expected=1.0,
    tolerance={Budget.QUICK: 0.25, Budget.FULL: 0.15},
)
CLAIMS = (FEATURES, FEATURES_RANDOM, FEATURES_RATIO, D_RATIO, NEARER, SLOPE)


def judge(found: Both, budget: Budget) -> tuple[Judgement, ...]:
    """The verdicts, in the order of CLAIMS."""

    def judged(claim: Claim, measured: tuple[Estimate | None, str]) -> Judgement:
        estimate, reason = measured
        return claim.judge(estimate, budget, reason=reason)

    return (
        judged(FEATURES, found.vetted.slope(feature_slope)),
        judged(FEATURES_RANDOM, found.random.slope(feature_slope)),
        judged(FEATURES_RATIO, found.ratio(feature_slope)),
        judged(D_RATIO, found.ratio(d_slope)),
        NEARER.judge(found.gain(), budget),
        judged(SLOPE, found.vetted.slope(origin_slope)),
    )
