"""What architectures claims, with tolerances fixed before measuring."""

from __future__ import annotations

from scalinglaws.experiments.architectures.statistics import (
    Architectures,
    alpha,
    dimension,
    mean_rank,
    product,
)
from scalinglaws.experiments.network_dimension.draw import SHORT
from scalinglaws.result import Budget, Claim, Judgement, Relation

_PREDICTION = SHORT + "prediction 3, which the paper leaves to future work"
_WORST = " over the mean of all, less 1: the worst architecture, intervals simultaneous"
# 0.25: as much as teacher-student allows 4/alpha to be off d at quick.
ALPHA = Claim(
    id="one-alpha",
    statement="alpha of an architecture" + _WORST,
    source=_PREDICTION + ": alpha will not depend significantly on model architecture",
    expected=0.0,
    tolerance={Budget.QUICK: 0.25, Budget.FULL: 0.15},
)
DIMENSION = Claim(
    id="one-d",
    statement="d of an architecture" + _WORST,
    source=SHORT + "section 2.3: improvements in architecture do not greatly alter the manifold; "
    "prediction 4 finds d constant to 10 %",
    expected=0.0,
    tolerance=0.10,
)
PRODUCT = Claim(
    id="one-alpha-d",
    statement="alpha d of an architecture" + _WORST,
    source=_PREDICTION + ": no dependence except through d",
    expected=0.0,
    tolerance={Budget.QUICK: 0.25, Budget.FULL: 0.15},
)
BEST = Claim(
    id="best-have-smallest-d",
    statement="Rank correlation of loss at equal N with d over the architectures",
    source=_PREDICTION + ": the best architectures will tend to have the smallest d",
    expected=0.0,
    relation=Relation.AT_LEAST,
)
CLAIMS = (ALPHA, DIMENSION, PRODUCT, BEST)


def judge(found: Architectures, budget: Budget) -> tuple[Judgement, ...]:
    """The verdicts, in the order of CLAIMS."""
    worst = [
        claim.judge_all([e for _, e in found.deviations(of)], budget)
        for claim, of in ((ALPHA, alpha), (DIMENSION, dimension), (PRODUCT, product))
    ]
    ranks = [
        rank
        for seed in found.seeds
        if (rank := (own := found.of(seed)).rank(own.loss, lambda f: f.d.value if f.d else 0.0))
    ]
    return (*worst, BEST.judge(mean_rank(ranks) if ranks else None, budget))
