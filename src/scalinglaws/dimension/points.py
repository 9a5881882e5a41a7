"""Any array-like -> finite points, one per row, without repeats."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int, Real, UInt64
from numpy import ndarray

from scalinglaws.dimension.cloud import STREAM, as_float, blocks, mapped
from scalinglaws.errors import BadInput

SHOWN = 5  # row numbers named in a message
WHOLE = 2**53  # up to which float64 holds every integer
INEXACT = "integers above 2^53 lose their last digits in float64: subtract an offset first"
HASH_SEED = 0  # of the weights of a row's hash; any would do


class Surveyed(NamedTuple):
    """What one reading of all points tells."""

    largest: float  # coordinate, by size
    hashes: UInt64[ndarray, " n"]  # equal rows have equal hashes


def as_points(X: Any) -> Float[ndarray, "n D"]:
    """X as finite float64 points, one per row: arrays, torch tensors, frames, lists.

    Raises BadInput where X is not 2-D, not real numbers, masked, or not finite (rows named).
    """
    points = np.ascontiguousarray(as_rows(X), dtype=np.float64)
    survey(points)
    return points


def as_rows(X: Any) -> Real[ndarray, "n D"]:
    """X as rows of real numbers, not copied where that can be: it may fill the memory.

    float32 or float64, whichever holds the numbers as they are; a file mapped into memory
    stays one, of its own type. Raises BadInput where X is not 2-D, not real numbers or masked.
    """
    array = _as_array(X)
    if array.dtype.kind not in "fiub":
        raise BadInput(f"points must be real numbers; these are of type {array.dtype}")
    if array.ndim != 2 or 0 in array.shape:
        mend = ": for points on a line use X.reshape(-1, 1)" if array.ndim == 1 else ""
        raise BadInput(f"points must be (rows, columns), got shape {array.shape}{mend}")
    _require_whole(array)
    return array if mapped(array) else as_float(array)


def _require_whole(array: Real[ndarray, "n D"]) -> None:
    """Raises BadInput where float64 would make different integers one."""
    if array.dtype.kind not in "iu" or array.dtype.itemsize < 8:
        return
    for some in blocks(len(array), array.shape[1], STREAM):
        block = array[some]
        if max(int(block.max()), -int(block.min())) > WHOLE:
            raise BadInput(INEXACT)


def survey(points: Real[ndarray, "n D"]) -> Surveyed:
    """The largest coordinate and a hash of every row, in one reading.

    A hash is the sum of the coordinates' bits, mixed and weighted at random, modulo 2^64.
    Raises BadInput that names the first rows holding NaN or infinity.
    """
    n, D = points.shape
    weights = np.random.default_rng(HASH_SEED).integers(2**64, size=D, dtype=np.uint64) | 1
    hashes = np.empty(n, dtype=np.uint64)
    largest, bad = 0.0, [np.empty(0, dtype=np.intp)]
    for some in blocks(n, D, STREAM):
        block = points[some].astype(np.float64)
        block += 0.0  # -0.0 equals 0.0 and must hash alike
        size = max(block.max(), -block.min())
        if not np.isfinite(size):
            bad.append(some.start + np.flatnonzero(~np.isfinite(block).all(axis=1)))
        largest = max(largest, size)
        bits = block.view(np.uint64)
        bits ^= bits >> np.uint64(32)  # the low half of round numbers is empty
        hashes[some] = bits @ weights
    _require_none(np.concatenate(bad))
    return Surveyed(float(largest), hashes)


def name_rows(rows: Int[ndarray, " m"]) -> str:
    """'2 rows: 3, 17 (counting from 0)', cut after the first few."""
    named = ", ".join(map(str, rows[:SHOWN].tolist())) + (", ..." if len(rows) > SHOWN else "")
    return f"{len(rows)} row{'s' if len(rows) > 1 else ''}: {named} (counting from 0)"


def distinct(
    points: Real[ndarray, "n D"], hashes: UInt64[ndarray, " n"] | None = None
) -> Int[ndarray, " m"]:
    """Row numbers of the first occurrence of every distinct point, in their order.

    Repeats must go before the search: dropped after it they bias every ratio r_k/r_1. Rows of
    one hash are compared with the first of them; the few that differ from it, if any, with
    each other.
    """
    hashes = survey(points).hashes if hashes is None else hashes
    order = np.argsort(hashes, kind="stable")
    starts = np.append(True, np.diff(hashes[order]) != 0)
    later = np.flatnonzero(~starts)
    first = np.ones(len(points), dtype=bool)
    if len(later):
        leader = order[np.flatnonzero(starts)[np.cumsum(starts)[later] - 1]]
        row = order[later]
        alike = np.empty(len(row), dtype=bool)
        for some in blocks(len(row), points.shape[1], STREAM):
            alike[some] = (points[row[some]] == points[leader[some]]).all(axis=1)
        first[row] = False
        if not alike.all():
            differ = np.sort(row[~alike])
            _, among = np.unique(points[differ] + 0.0, axis=0, return_index=True)
            first[differ[among]] = True
    return np.flatnonzero(first)


def _require_none(bad: Int[ndarray, " m"]) -> None:
    if len(bad):
        rows = name_rows(bad)
        raise BadInput(f"NaN or infinity in {rows}; d needs finite points: remove these rows")


def _as_array(data: Any) -> ndarray[Any, Any]:
    if np.ma.is_masked(data):
        raise BadInput("points hold masked entries; d needs every coordinate: remove these rows")
    if hasattr(data, "detach"):
        data = _of_tensor(data)
    elif hasattr(data, "to_numpy"):  # pandas, polars
        data = data.to_numpy()
    try:
        array = np.asarray(data)
    except ValueError:  # rows of unequal length
        raise BadInput("points must be (rows, columns); these rows differ in length") from None
    return _of_objects(array) if array.dtype.kind == "O" else array


def _of_tensor(data: Any) -> ndarray[Any, Any]:
    """A torch tensor, maybe on a device, in a type of numpy's that holds its numbers."""
    try:
        # bfloat16 and float8 are types that numpy has not.
        narrow = data.is_floating_point() and data.itemsize <= 2
        return (data.float() if narrow else data).numpy(force=True)
    except (TypeError, RuntimeError):  # quantised, sparse, without numbers
        raise BadInput(
            f"points must be real numbers in rows; this tensor of type {data.dtype} and layout "
            f"{data.layout} is none numpy can hold: use to_dense, dequantize or float on it"
        ) from None


def _of_objects(array: ndarray[Any, Any]) -> Float[ndarray, ...]:
    """Python's numbers, as a frame of several types of column gives them; missing ones are NaN.

    Raises BadInput for all else: text is not read as a number, nor are integers rounded.
    """
    values = array.ravel().tolist()
    kinds = set(map(type, values))
    try:
        if any(issubclass(kind, str | bytes) for kind in kinds):
            raise TypeError
        floats = array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        names = ", ".join(sorted(kind.__name__ for kind in kinds)[:SHOWN])
        raise BadInput(
            f"points must be real numbers; these are objects of type {names}: keep the columns "
            "of numbers, and the rows that have them all"
        ) from None
    if any(isinstance(value, int | np.integer) and abs(value) > WHOLE for value in values):
        raise BadInput(INEXACT)
    return floats
