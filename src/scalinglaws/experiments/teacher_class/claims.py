"""What teacher-class claims, with tolerances fixed before measuring."""

from __future__ import annotations

from scalinglaws.experiments.network_dimension.draw import SHORT
from scalinglaws.experiments.teacher_class.settings import Kind
from scalinglaws.experiments.teacher_class.statistics import Classes
from scalinglaws.result import Budget, Claim, Judgement, Relation
from scalinglaws.theory import manifold

# Half of what parts the two theories, 4 and 3: no measurement can agree with both.
_TOLERANCE: dict[str, float] = {Budget.QUICK: 0.5, Budget.FULL: 0.35}
_WORST = ": the worst k"
_KINKS = "theory.manifold, kink_exponent: a share ~ s of cubes of side s is missed by ~ s"
TANH = Claim(
    id="tanh",
    statement="alpha d of students of tanh teachers, which are smooth" + _WORST,
    source=SHORT + "eq. 2.5: L ~ N^-4/d where second derivatives are bounded",
    expected=manifold.exponent(1),
    tolerance=_TOLERANCE,
)
BIASED = Claim(
    id="biased-relu",
    statement="alpha d of students of ReLU teachers with biases, whose gradient jumps" + _WORST,
    source=_KINKS,
    expected=manifold.kink_exponent(1),
    tolerance=_TOLERANCE,
)
RELU = Claim(
    id="bias-free-relu",
    statement="alpha d of students of ReLU teachers without biases, the paper's" + _WORST,
    source=_KINKS + "; " + SHORT + "eq. 2.5 and 3.1 have 4 for these teachers",
    expected=manifold.kink_exponent(1),
    tolerance=_TOLERANCE,
)
ORDER = Claim(
    id="smooth-over-kinked",
    statement="alpha d of tanh teachers less that of biased ReLU ones, same weights" + _WORST,
    source="theory.manifold: 4 against 3",
    expected=0.0,
    relation=Relation.AT_LEAST,
)
CLAIMS = (TANH, BIASED, RELU, ORDER)
OF: dict[Kind, Claim] = {"tanh": TANH, "biased": BIASED, "relu": RELU}
NAMES: dict[Kind, str] = {
    "relu": "ReLU, no biases",
    "biased": "ReLU with biases",
    "tanh": "tanh with biases",
}


def judge(found: Classes, budget: Budget) -> tuple[Judgement, ...]:
    """The verdicts, in the order of CLAIMS."""
    classes = [
        claim.judge_all([m for k in found.ks if (m := found.mean(kind, k)) is not None], budget)
        for kind, claim in OF.items()
    ]
    excess = [e for k in found.ks if (e := found.excess("tanh", "biased", k)) is not None]
    return (*classes, ORDER.judge_all(excess, budget))
