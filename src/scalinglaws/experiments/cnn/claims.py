"""What cnn claims, with tolerances fixed before measuring.

Of alpha on CIFAR-10 alone: for the other sets the paper prints none, and N spans a factor of 4
(Fashion-MNIST, MNIST) or 11 (SVHN). They stand in the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.cnn.cell import HELD_OUT
from scalinglaws.experiments.cnn.families import Family, alpha_d, error_over_loss
from scalinglaws.experiments.image_sets import absent
from scalinglaws.experiments.network_dimension.draw import SHORT
from scalinglaws.result import Budget, Claim, Judgement

CIFAR = "cifar-10"
OTHERS = ("fashion-mnist", "mnist", "svhn")

# "The results match 4/alpha = d quite well": as wide as teacher-student's at quick.
MATCH = Claim(
    id="alpha-d-cifar-10",
    statement="alpha d / 4, of the test loss on CIFAR-10",
    source=SHORT + "section 3.3, eq. 2.5, figure 1",
    expected=1.0,
    tolerance=0.25,
    judged_from=Budget.FULL,
)
# "The exponents for accuracy are very close to those for loss."
ERROR = Claim(
    id="error-like-loss-cifar-10",
    statement="alpha of the test error over alpha of the test loss, on CIFAR-10",
    source=SHORT + "figure 9",
    expected=1.0,
    tolerance=0.2,
    judged_from=Budget.FULL,
)
CONSTANT = {
    dataset: Claim(
        id=f"d-constant-{dataset}",
        statement=f"Relative change of d from the smallest width to the largest, on {dataset}",
        source=SHORT + "prediction 4, figures 3 right and 9: about 10 %",
        expected=0.0,
        tolerance=0.10,
    )
    for dataset in (CIFAR, *OTHERS)
}
CLAIMS = (MATCH, ERROR, *CONSTANT.values())


def judge(found: Sequence[Family], budget: Budget) -> tuple[Judgement, ...]:
    """The verdicts, in the order of CLAIMS."""
    of = {family.dataset: family for family in found}

    def judged(
        claim: Claim, dataset: str, measure: Callable[[Family], Estimate | None]
    ) -> Judgement:
        if dataset not in of:
            return claim.judge(None, budget, skipped=absent(dataset))
        return claim.judge(measure(of[dataset]), budget, reason=_reason(claim, of[dataset]))

    return (
        judged(MATCH, CIFAR, alpha_d),
        judged(ERROR, CIFAR, error_over_loss),
        *(judged(claim, dataset, Family.d_change) for dataset, claim in CONSTANT.items()),
    )


def _reason(claim: Claim, family: Family) -> str:
    """What stands between an alpha and the theory's: a short range, and overfitting."""
    if claim in CONSTANT.values():
        return ""
    gap = family.curves[HELD_OUT, "L_test"].log_mean(-1).value
    gap /= family.curves[HELD_OUT, "L_train"].log_mean(-1).value
    return (
        f"N spans a factor {family.N[-1] / family.N[0]:.2g}; the test loss of the largest width is "
        f"{gap:.2f} times its training loss"
    )
