"""Any array-like -> finite float64 points, one per row, without repeats."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from scalinglaws.errors import BadInput

SHOWN = 5  # row numbers named in a message


def as_points(X: Any) -> Float[ndarray, "n D"]:
    """X as float64 points, one per row: arrays, torch tensors, pandas or polars frames, lists.

    Raises BadInput where X is not 2-D, not real numbers, masked, or not finite (rows named).
    """
    array = _as_array(X)
    if array.dtype.kind not in "fiub":
        raise BadInput(f"points must be real numbers; these are of type {array.dtype}")
    if array.ndim != 2 or 0 in array.shape:
        mend = ": for points on a line use X.reshape(-1, 1)" if array.ndim == 1 else ""
        raise BadInput(f"points must be (rows, columns), got shape {array.shape}{mend}")
    points = np.ascontiguousarray(array, dtype=np.float64)
    require_finite(points)
    return points


def require_finite(points: Float[ndarray, "n D"]) -> None:
    """Raises BadInput that names the first rows holding NaN or infinity."""
    bad = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(bad):
        rows = name_rows(bad)
        raise BadInput(f"NaN or infinity in {rows}; d needs finite points: remove these rows")


def name_rows(rows: Int[ndarray, " m"]) -> str:
    """'2 rows: 3, 17 (counting from 0)', cut after the first few."""
    named = ", ".join(map(str, rows[:SHOWN].tolist())) + (", ..." if len(rows) > SHOWN else "")
    return f"{len(rows)} row{'s' if len(rows) > 1 else ''}: {named} (counting from 0)"


def distinct(points: Float[ndarray, "n D"]) -> Int[ndarray, " m"]:
    """Row numbers of the first occurrence of every distinct point, in their order.

    Repeats must go before the search: dropped after it they bias every ratio r_k/r_1.
    Equal rows have equal hashes, so as many hashes as rows proves that no row repeats.
    """
    no_signed_zero = points + 0.0  # -0.0 equals 0.0 and must hash alike
    n = len(points)
    hashes = np.fromiter((hash(row.tobytes()) for row in no_signed_zero), np.int64, count=n)
    if len(np.unique(hashes)) == n:
        return np.arange(n)
    _, first = np.unique(no_signed_zero, axis=0, return_index=True)
    return np.sort(first)


def _as_array(data: Any) -> ndarray[Any, Any]:
    if np.ma.is_masked(data):
        raise BadInput("points hold masked entries; d needs every coordinate: remove these rows")
    if hasattr(data, "detach"):  # a torch tensor, maybe on a device
        data = data.detach().cpu()
        data = (data.float() if "bfloat16" in str(data.dtype) else data).numpy()
    elif hasattr(data, "to_numpy"):  # pandas, polars
        data = data.to_numpy()
    try:
        return np.asarray(data)
    except ValueError:  # rows of unequal length
        raise BadInput("points must be (rows, columns); these rows differ in length") from None
