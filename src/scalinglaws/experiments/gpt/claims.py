"""What gpt claims, with the tolerances fixed before measuring."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.gpt import measures
from scalinglaws.experiments.gpt.measures import Dimensions, RateCheck, Systematics
from scalinglaws.result import Budget, Claim, Judgement, Relation

_PAPER = "Sharma & Kaplan 2020, "
BOUND = Claim(
    id="bound-power",
    statement="alpha d / 4 is at least 1: alpha of L = A N^-alpha, d of the widest model's final "
    "layer at the last token",
    source=_PAPER + "eq. 2.6, section 3.4 (GPT-2: d > 90, 4/alpha = 53)",
    expected=1.0,
    relation=Relation.AT_LEAST,
    judged_from=Budget.FULL,  # where it is measured how far alpha moves with more tokens
)
BOUND_CONSTANT = Claim(
    id="bound-constant",
    statement="The same with alpha of L = E + A N^-alpha",
    source=_PAPER + "eq. 2.6; section 2.2.2: text has entropy, so that the loss ends at a plateau",
    expected=1.0,
    relation=Relation.AT_LEAST,
    judged_from=Budget.FULL,
)
# "Constant to about 10 %" of figure 3; and what makes d one of the data.
CONSTANT_D = Claim(
    id="d-constant",
    statement="d of the final layer of the widest over that of the second widest",
    source=_PAPER + "prediction 4",
    expected=1.0,
    tolerance=measures.STABLE,
)
# As in lm-layers: 7 against more than 90 there, at 1024 and 10 000 points. At equal n a tenth
# would not be expected, and a half is still far smaller.
ONE_PASSAGE = Claim(
    id="one-passage",
    statement="d of the tokens of one passage over d of the last tokens of as many sequences, "
    "final layer of the widest",
    source=_PAPER + "section 3.4 and figure 11, left",
    expected=0.5,
    relation=Relation.AT_MOST,
)
# A loss 1 % too high at one end moves an alpha of .1 over two decades of N by 2 %.
RATE = Claim(
    id="rate",
    statement="Test loss over the lower of those at half and at double the rate, smallest and "
    "largest width: the larger",
    source="A check of ours: with a rate that suits some widths only, alpha is the rate's",
    expected=1.01,
    relation=Relation.AT_MOST,
)
CLAIMS = (BOUND, BOUND_CONSTANT, CONSTANT_D, ONE_PASSAGE, RATE)


UNMEASURED = "how far alpha moves with more tokens was not measured"


def judge(
    alphas: tuple[Estimate, Estimate] | None,
    shifts: Systematics | None,
    d: Dimensions,
    checks: Sequence[RateCheck],
    budget: Budget,
    skipped: str = "",
) -> tuple[Judgement, ...]:
    """The verdicts, in the order of CLAIMS. A d that may be the width's decides no bound."""
    return (
        *(
            _bound(claim, alpha, tokens, d, budget, skipped)
            for claim, alpha, tokens in (
                (BOUND, alphas and alphas[0], shifts and shifts.power.tokens),
                (BOUND_CONSTANT, alphas and alphas[1], shifts and shifts.constant.tokens),
            )
        ),
        CONSTANT_D.judge(d.change, budget, skipped=skipped),
        ONE_PASSAGE.judge(
            d.one_passage[max(d.one_passage)] if d.one_passage else None, budget, skipped=skipped
        ),
        RATE.judge_all((check.excess for check in checks), budget, skipped=skipped),
    )


def _bound(
    claim: Claim,
    alpha: Estimate | None,
    tokens: Estimate | None,
    d: Dimensions,
    budget: Budget,
    skipped: str,
) -> Judgement:
    """tokens: how far more of them move alpha."""
    if alpha is None or d.widest is None:
        return claim.judge(None, budget, skipped=skipped)
    ratio = measures.product(alpha, d.widest)
    if d.unusable:
        why = f"{d.unusable}; alpha d / 4 would be {ratio.value:.2f}"
        return claim.judge(None, budget, reason=why, skipped=skipped)
    return claim.judge(ratio, budget, reason=_training(alpha, tokens), skipped=skipped)


def _training(alpha: Estimate, tokens: Estimate | None) -> str:
    """Why alpha may not be that of unlimited training; empty where it hardly moves."""
    if tokens is None:
        return UNMEASURED
    if math.hypot(tokens.value, tokens.stderr) > alpha.stderr / 2:
        return (
            "training-limited: from the fewest to the most tokens alpha moves by "
            f"{tokens.value:+.2g} ± {tokens.stderr:.2g}"
        )
    return ""
