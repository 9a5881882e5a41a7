"""What id-across-students claims, with tolerances fixed before measuring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.cnn.claims import CONSTANT
from scalinglaws.experiments.cnn.families import Family as Cnns
from scalinglaws.experiments.id_across_students.spread import Spread
from scalinglaws.experiments.image_sets import absent
from scalinglaws.experiments.network_dimension.draw import SHORT
from scalinglaws.experiments.students.families import Family, Size
from scalinglaws.experiments.students.widths import holds
from scalinglaws.laws.line import fit_line
from scalinglaws.result import Budget, Claim, Judgement, Relation

JUDGED = "twonn"
GROWTH = Claim(
    id="d-grows-a-tenth",
    statement="Relative change of d from the smallest to the largest width n >= 3k, "
    "in the worst family",
    source=SHORT + 'figure 3 left: "it increases by about 10%"',
    expected=0.10,
    tolerance=0.05,
)
AGAINST_LOSS = Claim(
    id="d-stays-while-loss-falls",
    statement="Power of 1/L with which d grows over widths n >= 3k, in the worst family",
    source=SHORT + 'figure 3: "the ID does not depend significantly on N", beside L(N)',
    expected=0.10,
    relation=Relation.AT_MOST,
)
SPREAD = Claim(
    id="spread-is-small",
    statement="sd of d over students of one size, n >= 3k, over its mean, at the worst size",
    source=SHORT + 'C.2, figure 20: "the variation of the ID is small"',
    expected=0.10,
    relation=Relation.AT_MOST,
)
CNNS = {dataset: CONSTANT[dataset] for dataset in ("cifar-10", "fashion-mnist")}
CLAIMS = (GROWTH, AGAINST_LOSS, SPREAD, *CNNS.values())


def judge(
    full: Sequence[Family], spread: Sequence[Spread], cnns: Sequence[Cnns], budget: Budget
) -> tuple[Judgement, ...]:
    """The verdicts, in the order of CLAIMS."""
    changes = [change for f in full if (change := f.d_change()) is not None]
    powers = [power for f in full if (power := power_of_loss(f)) is not None]
    wide = [s.relative for s in spread if s.method == JUDGED and holds(s.n, s.k)]
    few = "fewer than two widths n >= 3k whose d was measured"
    return (
        GROWTH.judge_all(changes, budget, reason="" if changes else few),
        AGAINST_LOSS.judge_all(powers, budget, reason="" if powers else few),
        SPREAD.judge_all(wide, budget, reason="" if wide else "no width n >= 3k"),
        *_cnns(cnns, budget),
    )


def wide(family: Family) -> list[Size]:
    """Sizes with n >= 3k whose d was measured: below, a student has too few units for d."""
    return [s for s in family.held if JUDGED in s.d]


def power_of_loss(family: Family) -> Estimate | None:
    """b in d ~ L^-b over the wide sizes."""
    sizes = wide(family)
    if len(sizes) < 3:
        return None
    d = [s.d[JUDGED] for s in sizes]
    line = fit_line(
        np.log([s.L_log_mean for s in sizes]),
        np.log([e.value for e in d]),
        sigma_y=[max(e.stderr / e.value, 1e-12) for e in d],
    )
    return line.slope.map_monotone(lambda slope: -slope, -1.0)


def _cnns(cnns: Sequence[Cnns], budget: Budget) -> Iterator[Judgement]:
    of = {family.dataset: family for family in cnns}
    for dataset, claim in CNNS.items():
        missing = "" if dataset in of else absent(dataset)
        change = of[dataset].d_change() if dataset in of else None
        yield claim.judge(change, budget, skipped=missing)
