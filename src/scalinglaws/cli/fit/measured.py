"""What the runs say without a law of all of them: optima per budget, and two systems in pairs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Shaped
from numpy import ndarray

from scalinglaws.cli.fit.asked import Answer

if TYPE_CHECKING:
    from scalinglaws.estimate import Estimate
    from scalinglaws.laws import Fit, FitStatus

Columns = Mapping[str, Shaped[ndarray, " n"]]


def optima(fitted: Fit, columns: Columns, tolerance: float) -> tuple[list[Answer], list[str]]:
    """The best N at each budget, and the exponents of N and D through them."""
    from scalinglaws.laws.compute.isoflop import isoflop

    found = isoflop(
        columns["C"], columns["N"], columns[fitted.y], tolerance=tolerance, level=fitted.level
    )
    answers = [
        Answer(
            f"isoflop C={best.C:g}",
            "N",
            best.N,
            status_of(best.N, least=0.0),
            f"best N at C = {best.C:.3g}",
        )
        for best in found.optima
    ]
    for name, exponent in (("a", found.a), ("b", found.b)):
        about = f"best {'N' if name == 'a' else 'D'} ~ C^{name}"
        answers.append(Answer("isoflop", name, exponent, status_of(exponent), about))
    return answers, [f"isoflop: D by {found.flops}", *found.notes]


def compared(fitted: Fit, columns: Columns, column: str) -> tuple[list[Answer], Sequence[str]]:
    """The ratio of two systems' losses at the same x, and how it changes with x."""
    from scalinglaws.laws import FitStatus
    from scalinglaws.laws.compare import compare

    X = np.stack([columns[name] for name in fitted.x])
    found = compare(X, columns[fitted.y], columns[column], level=fitted.level)
    ask = f"compare {found.B}/{found.A}"
    about = f"loss of {found.B} over {found.A}, {found.pairs} pairs"
    answers = [Answer(ask, "ratio", found.ratio, status_of(found.ratio, least=0.0), about)]
    if found.trend is not None:
        about = f"change of its log per e-fold of {fitted.x[0]}"
        few = FitStatus.FEW_POINTS if found.pairs < 4 else FitStatus.OK  # a line has 2 parameters
        status = FitStatus.gravest(few, status_of(found.trend))
        answers.append(Answer(ask, "trend", found.trend, status, about))
    return answers, found.notes


def status_of(estimate: Estimate, least: float = -math.inf) -> FitStatus:
    """What an interval says of itself; open below where it goes down to the least there is."""
    from scalinglaws.laws import FitStatus

    if not (least < estimate.lo and estimate.hi < math.inf):  # so is one that is not a number
        return FitStatus.UNBOUNDED
    return FitStatus.EXACT if estimate.lo == estimate.hi else FitStatus.OK
