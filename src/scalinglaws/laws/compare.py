"""Two systems on the same budgets: paired differences of log loss.

Runs of equal x are pairs; what x does to the loss drops out of their difference

    d_i = log L_B(x_i) - log L_A(x_i),

so that its error is that of noise alone. Mean of d with Student's interval, and the line of d in
log x: whether the difference changes with scale, and where it changes its sign.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Shaped
from numpy import ndarray

from scalinglaws.errors import BadInput
from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.laws.line import fit_line
from scalinglaws.laws.quantile import student

_FEWEST = 3  # pairs of which a line has an error
_ROUNDING = 8 * np.finfo(float).eps


@dataclass(frozen=True)
class Comparison:
    """ratio: L_B over L_A, geometric mean over the pairs. trend: d log ratio / d log x, of the
    first column of x; None with fewer than three distinct x. pairs: budgets that both have."""

    A: str
    B: str
    ratio: Estimate
    trend: Estimate | None
    pairs: int
    notes: tuple[str, ...]


def compare(
    X: Float[ndarray, "v n"],
    L: Float[ndarray, " n"],
    system: Shaped[ndarray, " n"],
    *,
    level: float = LEVEL,
) -> Comparison:
    """system: the name of each run's system, two in all; A is the first in order of name.

    Several runs of a system at one x are averaged in log loss. Raises BadInput unless there are
    two systems with at least two x in common.
    """
    names = sorted({str(name) for name in system})
    if len(names) != 2:
        shown = ", ".join(map(repr, names[:4])) + (", ..." if len(names) > 4 else "")
        raise BadInput(f"a comparison is of two systems, the column holds {len(names)}: {shown}")
    means = [_means(X, L, system == name) for name in names]
    common = [x for x in means[0] if x in means[1]]
    if len(common) < 2:
        raise BadInput(
            f"{names[0]!r} and {names[1]!r} have {len(common)} x in common: a paired comparison "
            "needs runs of both at the same x, two or more"
        )
    d = np.array([means[1][x] - means[0][x] for x in common])
    log_x = np.log([x[0] for x in common])
    stderr = float(d.std(ddof=1)) / math.sqrt(len(d))
    arm, mean = student(level, len(d) - 1) * stderr, float(d.mean())
    ratio = Estimate(
        math.exp(mean), math.exp(mean) * stderr, math.exp(mean - arm), math.exp(mean + arm), level
    )
    trend = None
    if len(np.unique(log_x)) >= _FEWEST:
        trend = fit_line(log_x, d, level=level).slope
    notes = _notes(names, means, common)
    if stderr <= _ROUNDING * max(1.0, float(np.abs(list(means[0].values())).max())):
        notes.append("no scatter beyond rounding: the intervals say nothing about noise")
    return Comparison(names[0], names[1], ratio, trend, len(common), tuple(notes))


def _means(
    X: Float[ndarray, "v n"], L: Float[ndarray, " n"], own: Shaped[ndarray, " n"]
) -> dict[tuple[float, ...], float]:
    """Mean log loss at each x."""
    runs: dict[tuple[float, ...], list[float]] = {}
    for x, loss in zip(map(tuple, X.T[own].tolist()), L[own].tolist(), strict=True):
        runs.setdefault(x, []).append(math.log(loss))
    return {x: sum(logs) / len(logs) for x, logs in runs.items()}


def _notes(
    names: Sequence[str],
    means: Sequence[dict[tuple[float, ...], float]],
    common: Sequence[tuple[float, ...]],
) -> list[str]:
    return [
        f"{name}: {len(own) - len(common)} x that the other lacks were left out"
        for name, own in zip(names, means, strict=True)
        if len(own) > len(common)
    ]
