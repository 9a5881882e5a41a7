"""Whole numbers that a caller gives: counts of neighbours, of points."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from scalinglaws.errors import BadInput

SHOWN = 40  # characters of a value that is refused


def whole(name: str, value: Any) -> int:
    """`value` as an int: one of Python's, of numpy's or of any library that says it is one.

    Raises BadInput for all else, True and 3.0 too: a count that came out as a truth or a
    measurement is a slip.
    """
    try:
        if not isinstance(value, bool | np.bool_):
            return operator.index(value)
    except (TypeError, ValueError, RuntimeError):  # the last two by arrays and tensors
        pass
    shown = " ".join(repr(value).split())
    shown = shown if len(shown) <= SHOWN else f"{shown[: SHOWN - 3]}..."
    raise BadInput(f"{name} is a whole number, got {name} = {shown}")
