"""Columns of x and loss -> a fitted law with intervals.

By default least squares on log loss: the noise is a constant fraction of the loss. With `auto` the
laws compete (`candidates`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput
from scalinglaws.estimate import LEVEL
from scalinglaws.laws.fitting.candidates import able, candidates, parameter
from scalinglaws.laws.fitting.columns import group_numbers, points, weight_column
from scalinglaws.laws.fitting.fitted import Fit, Objective
from scalinglaws.laws.fitting.objective import objective as loss_named
from scalinglaws.laws.fitting.optimise import Problem
from scalinglaws.laws.fitting.scale import loss_for
from scalinglaws.laws.fitting.status import FitStatus, notes, statuses
from scalinglaws.laws.registry import AUTO, LAWS, law_named, laws_asked


def fit(
    columns: Mapping[str, ArrayLike],
    law: str = AUTO,
    *,
    y: str = "loss",
    x: Sequence[str] | str = ("N",),
    objective: str = "lsq",
    delta: float | None = None,
    weights: str | None = None,
    groups: str | None = None,
    level: float = LEVEL,
) -> Fit:
    """Fit a law of the registry to columns[y] against columns[x], for a joint law in its order.

    weights: column of each run's weight in the objective, relative to their mean. groups: column
    (numbers or names) that says which runs are not independent: seeds of one configuration,
    steps of one run; without it rows that repeat another's x and loss exactly are such a group.
    Raises BadInput on values that are not positive and finite (naming the rows, counted from
    1), on unequal lengths, on fewer distinct x than the law has parameters, on an x or a loss that
    is the same in every row; UnknownName for names that are none.
    """
    names = (x,) if isinstance(x, str) else tuple(x)
    check_request(law, names, objective, delta)
    if not 0 < level < 1:
        raise BadInput(f"level must lie between 0 and 1, got {level}")
    X, L = points(columns, names, y)
    weight = weight_column(columns, weights, len(L))
    first = Problem(laws_asked(law, len(names))[0], np.log(X), np.log(L), weight=weight)
    problems = able([replace(first, law=form) for form in laws_asked(law, len(names))], names)
    loss = loss_for(problems, objective, delta)
    numbers = group_numbers(columns, groups, X, L)
    fitted = [replace(problem, loss=loss) for problem in problems]
    found, left_out = candidates(fitted, level, numbers)
    best = found[0]
    params = {name: parameter(name, found, level) for name in best.law.parameters()}
    flags = list(statuses(best, params))
    return Fit(
        law=best.law,
        y=y,
        x=names,
        params=params,
        X=X,
        L=L,
        objective=Objective.of(loss, best.optimum.F),
        level=level,
        status=FitStatus.gravest(*flags),
        notes=(*notes(found, params, flags, names), *left_out),
        candidates=tuple(found),
        groups=numbers,
    )


def check_request(law: str, x: Sequence[str], objective: str, delta: float | None) -> None:
    """Refuse, before any data is read, what no data could answer: UnknownName, BadInput."""
    if not x or len(set(x)) < len(x):
        raise BadInput(f"x: give each column once, got {', '.join(x) or 'none'}")
    loss_named(objective, delta)
    if not laws_asked(law, len(x)):
        raise _wrong_variables(law, x)


def _wrong_variables(law: str, x: Sequence[str]) -> BadInput:
    fitting = ", ".join(name for name, form in LAWS.items() if form.variables == len(x))
    if law == AUTO:
        return BadInput(f"no law is of {len(x)} variables, {', '.join(x)}: give one or two x")
    needed = law_named(law).variables
    instead = f"; of {len(x)} there are {fitting}" if fitting else ""
    return BadInput(f"{law} is a law of {needed} variables, not of {', '.join(x)}{instead}")
