"""The additive law on a table of runs: its optimum, and its parameters with intervals, as a row."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

from scalinglaws.data.runs.joint import Runs
from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.laws.fitting.fitted import Fit
from scalinglaws.laws.fitting.optimise import Optimum, Problem
from scalinglaws.laws.quantile import gaussian
from scalinglaws.result import Row

if TYPE_CHECKING:
    from jaxtyping import Shaped
    from numpy import ndarray

LAW = "additive"
NAMES = ("E", "A", "alpha", "B", "beta")


def problem(runs: Runs, objective: str, delta: float | None = None) -> Problem:
    """log L against log N and log D, under the loss of that name."""
    import numpy as np

    from scalinglaws.laws.fitting.objective import objective as loss_named
    from scalinglaws.laws.forms.additive import Additive

    loss = loss_named(objective, delta)
    assert loss is not None  # no student, whose scale would be found in the residuals
    return Problem(Additive, np.log([runs.N, runs.D]), np.log(runs.L), loss=loss)


def fitted(
    runs: Runs,
    objective: str,
    delta: float | None = None,
    *,
    law: str = LAW,
    groups: Shaped[ndarray, " n"] | None = None,
) -> Fit:
    """With intervals, which take longer. groups: equal for runs that are not independent."""
    from scalinglaws.laws import fit

    columns = runs.columns if groups is None else {**runs.columns, "group": groups}
    named = None if groups is None else "group"
    return fit(columns, law, x=("N", "D"), objective=objective, delta=delta, groups=named)


def optimum_row(found: Optimum) -> Row:
    """The parameters in their units, E and the factors also as logs, as papers print them."""
    E, log_A, alpha, log_B, beta = found.theta.tolist()
    natural = (math.exp(E), math.exp(log_A), alpha, math.exp(log_B), beta)
    return {
        **dict(zip(NAMES, natural, strict=True)),
        "log_E": E if math.isfinite(E) else None,
        "log_A": log_A,
        "log_B": log_B,
        "a": beta / (alpha + beta),
        "stationarity": found.stationarity,
        "starts": found.starts,
        "agreed": found.agreed,
    }


def interval_row(fit: Fit) -> Row:
    """The ends of the profile intervals."""
    ends: Row = {}
    for name, estimate in fit.params.items():
        ends |= ends_row(name, estimate)
    return {**ends, "status": str(fit.status)}


def ends_row(name: str, estimate: Estimate) -> Row:
    """The ends of an interval; None is one that the data leave open."""
    ends = {f"{name}_lo": estimate.lo, f"{name}_hi": estimate.hi}
    return {key: end if math.isfinite(end) else None for key, end in ends.items()}


def estimate_of(row: Row, name: str) -> Estimate:
    """A number of a row with its 95 % interval."""
    value, lo, hi = (row[key] for key in (name, f"{name}_lo", f"{name}_hi"))
    lo = -math.inf if lo is None else float(lo)
    hi = math.inf if hi is None else float(hi)
    return Estimate(float(cast(float, value)), (hi - lo) / 2 / gaussian(LEVEL), lo, hi)
