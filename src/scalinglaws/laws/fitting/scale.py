"""The loss that is asked for, its scale taken from the residuals where none is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from scalinglaws.laws.fitting.condense import best_fit
from scalinglaws.laws.fitting.objective import MAD, Absolute, Loss, Student, objective
from scalinglaws.laws.fitting.optimise import Problem

_SMALLEST = 1e-9  # scale of residuals of log loss


def loss_for(problems: Sequence[Problem], name: str, delta: float | None) -> Loss:
    """The loss asked for; a student's scale is taken from the residuals of a robust fit, of these
    laws the one that leaves the least."""
    found = objective(name, delta)
    if found is not None:
        return found
    robust = [replace(problem, loss=Absolute()) for problem in problems]
    least, of = min(((best_fit(one), one) for one in robust), key=lambda fitted: fitted[0].F)
    r = np.abs(of.residual(least.theta))
    scale = MAD * float(np.median(r))
    return Student(max(scale, _SMALLEST))
