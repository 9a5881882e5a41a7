"""What lm-layers claims, with the tolerances fixed before measuring.

All from the k-neighbour relation at k = 2, of the k = 2, 3, 4 of figure 10 the one of the shortest
scale and of independent ratios. The paper's numbers are of GPT-2 small at n = 10 000.
"""

from __future__ import annotations

from scalinglaws.result import Claim, Relation

_TEXT = "Sharma & Kaplan 2020, section 3.4"

# "a much, much smaller dimension": 7 against more than 90 there. But those were taken at 1024 and
# at 10 000 points; at equal n a tenth would not be expected, and a half is still far smaller.
ONE_SEQUENCE_FINAL = Claim(
    id="one-sequence-final",
    statement="d of the tokens of one sequence over d of the last tokens of as many sequences, "
    "residual stream after the last block",
    source=_TEXT + " and figure 11, left",
    expected=0.5,
    relation=Relation.AT_MOST,
)
ONE_SEQUENCE = Claim(
    id="one-sequence",
    statement="The same ratio for every kind and every block but the first: the largest",
    source=_TEXT + " and figure 11, left",
    expected=0.5,
    relation=Relation.AT_MOST,
)
# 50-80 against more than 90 there: .9 at the most.
FIRST_BLOCK = Claim(
    id="first-block",
    statement="d of the first block's attention output over the geometric mean of the others'",
    source=_TEXT + ": significantly smaller in the first layer; figure 10",
    expected=0.9,
    relation=Relation.AT_MOST,
)
# "Roughly constant" is no number; beyond 30 % nobody would call it that.
CONSTANT = Claim(
    id="constant-over-blocks",
    statement="d of every block but the first over their geometric mean, of one kind: "
    "the farthest from 1 of all kinds",
    source=_TEXT + ": roughly constant across layers; figure 10",
    expected=1.0,
    tolerance=0.3,
)
MLE_SMALLER = Claim(
    id="mle-smaller",
    statement="d by MLE (k = 100) over d by 2 neighbours, every kind and every block but the "
    "first: the largest",
    source="Sharma & Kaplan 2020, figure 10: MLE gives smaller IDs for later layers",
    expected=1.0,
    relation=Relation.AT_MOST,
)
# "does not vary significantly" after the first tokens, which have little to go by.
POSITIONS = Claim(
    id="positions",
    statement="d of the final layer at a fixed position over d at the last one, positions from a "
    "quarter of the sequence on: the farthest from 1",
    source=_TEXT + " and figure 11, right",
    expected=1.0,
    tolerance=0.25,
)
CLAIMS = (ONE_SEQUENCE_FINAL, ONE_SEQUENCE, FIRST_BLOCK, CONSTANT, MLE_SMALLER, POSITIONS)
