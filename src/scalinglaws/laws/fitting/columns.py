"""The columns of a table of runs: numbers that have a logarithm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput, UnknownName

_SHOWN = 5  # bad rows that a message names


def points(
    columns: Mapping[str, ArrayLike], names: Sequence[str], y: str
) -> tuple[Float[ndarray, "v n"], Float[ndarray, " n"]]:
    """The x columns and the loss."""
    values = {name: positive_column(columns, name) for name in (*names, y)}
    lengths = {name: len(column) for name, column in values.items()}
    if len(set(lengths.values())) > 1:
        raise BadInput(f"columns must be equally long, got {lengths}")
    return np.stack([values[name] for name in names]), values[y]


def positive_column(columns: Mapping[str, ArrayLike], name: str) -> Float[ndarray, " n"]:
    """columns[name] as numbers that have a logarithm; BadInput names the rows that have none."""
    if name not in columns:
        raise UnknownName("column", name, columns)
    given = columns[name]
    if np.ma.is_masked(given):
        raise BadInput(f"column {name!r} has masked rows: remove them")
    if np.iscomplexobj(given):
        raise BadInput(f"column {name!r} must hold real numbers")
    tensor = getattr(given, "detach", None)  # a torch tensor, wherever it lives
    try:
        values = np.asarray(tensor().cpu() if tensor else given, dtype=float)
    except (TypeError, ValueError):
        raise BadInput(f"column {name!r} must hold numbers") from None
    if values.ndim != 1 or not len(values):
        raise BadInput(f"column {name!r} must be one-dimensional and not empty: {values.shape}")
    wrong = ~(np.isfinite(values) & (values > 0))
    if wrong.any():
        raise BadInput(
            f"column {name!r} must be positive and finite: {_rows(wrong, values)} "
            "(rows counted from 1): mend or remove these rows"
        )
    return values


def _rows(wrong: Bool[ndarray, " n"], values: Float[ndarray, " n"]) -> str:
    """The first wrong rows, counted from 1, and how many more there are."""
    at = np.flatnonzero(wrong)
    shown = ", ".join(f"row {i + 1} is {values[i]:.6g}" for i in at[:_SHOWN])
    return shown + (f", and {len(at) - _SHOWN} more" if len(at) > _SHOWN else "")


def weight_column(
    columns: Mapping[str, ArrayLike], name: str | None, n: int
) -> Float[ndarray, " n"]:
    """Each run's weight relative to their mean; one for all where no column says."""
    if name is None:
        return np.ones(1)
    weight = positive_column(columns, name)
    if len(weight) != n:
        raise BadInput(f"columns must be equally long: {name!r} has {len(weight)} of {n}")
    return weight / weight.mean()


def group_numbers(
    columns: Mapping[str, ArrayLike],
    name: str | None,
    X: Float[ndarray, "v n"],
    L: Float[ndarray, " n"],
) -> Int[ndarray, " n"]:
    """The number of each run's group. Where no column says, every run is its own, but for those
    that repeat another's x and loss to the last digit: copies, not evidence."""
    n = len(L)
    if name is None:
        if len(np.unique(L)) == n:
            return np.arange(n)
        _, copies = np.unique(np.vstack([X, L]), axis=1, return_inverse=True)
        return copies
    if name not in columns:
        raise UnknownName("column", name, columns)
    named = np.asarray(columns[name])
    named = named.astype(str) if named.dtype == object else named  # None, 1 and "a" have no order
    _, found = np.unique(named, return_inverse=True)
    if found.shape != (n,):
        raise BadInput(f"columns must be equally long: {name!r} has {len(found)} of {n}")
    return found
