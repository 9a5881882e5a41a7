"""Whole numbers that a caller gives: counts of neighbours, of points; seeds."""

from __future__ import annotations

import operator
from typing import Any

from scalinglaws.errors import BadInput

SHOWN = 40  # characters of a value that is refused


def whole(name: str, value: Any) -> int:
    """`value` as an int: one of Python's, of numpy's or of any library that says it is one.

    Raises BadInput for all else, True and 3.0 too: a count that came out as a truth or a
    measurement is a slip.
    """
    truth = isinstance(value, bool) or "bool" in str(getattr(value, "dtype", ""))
    try:
        if not truth and not getattr(value, "ndim", 0):  # a tensor of one number says it is one
            return operator.index(value)
    except (TypeError, ValueError, RuntimeError):  # the last two by arrays and tensors
        pass
    shown = " ".join(repr(value).split())
    shown = shown if len(shown) <= SHOWN else f"{shown[: SHOWN - 3]}..."
    raise BadInput(f"{name} is a whole number, got {name} = {shown}")


def whole_seed(seed: Any) -> int:
    """`seed` as an int of 0 or more. Raises BadInput for all else: no draw goes unseeded."""
    if (number := whole("seed", seed)) < 0:
        raise BadInput(f"a seed is a whole number from 0 on, got seed = {number}")
    return number
