"""Runs of one compute budget, and what may be said of their spread."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput


def logarithms(columns: Mapping[str, ArrayLike]) -> list[Float[ndarray, " n"]]:
    """Their logarithms. Raises BadInput where there is none, or where lengths differ."""
    arrays = {name: np.asarray(column, dtype=float) for name, column in columns.items()}
    shapes = {array.shape for array in arrays.values()}
    if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
        raise BadInput(f"{', '.join(arrays)} must be one-dimensional and equally long: {shapes}")
    for name, array in arrays.items():
        if not len(array) or not (np.isfinite(array) & (array > 0)).all():
            raise BadInput(f"an IsoFLOP curve needs positive, finite {name}")
    return [np.log(array) for array in arrays.values()]


def by_budget(log_C: Float[ndarray, " n"], tolerance: float) -> list[Int[ndarray, " m"]]:
    """The runs of each budget: sorted by C and cut wherever log C jumps by more than tolerance."""
    order = np.argsort(log_C, kind="stable")
    rounding = 16 * np.finfo(float).eps * max(1.0, float(np.abs(log_C).max()))
    jumps = np.flatnonzero(np.diff(log_C[order]) > max(tolerance, rounding))
    return np.split(order, jumps + 1)


def spread_notes(
    log_C: Float[ndarray, " n"], budgets: Sequence[Int[ndarray, " m"]], tolerance: float
) -> list[str]:
    if tolerance == 0:
        return []
    widest = max(float(np.ptp(log_C[index])) for index in budgets)
    return [
        f"runs within {tolerance:.2g} in log C of the next are one budget: {len(budgets)} budgets, "
        f"C within one differs by up to {100 * math.expm1(widest):.2g} %, and its effect on the "
        "loss is left in"
    ]
