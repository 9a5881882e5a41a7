"""Measured numbers as points of a figure, with bars for their intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

from scalinglaws.estimate import Estimate
from scalinglaws.result import Series

Marker = Literal["filled", "open"]
Number = float | Estimate  # a float has no error


def with_bars(
    label: str, points: Iterable[tuple[Number, Number]], color: int, marker: Marker = "filled"
) -> Series:
    """Points (x, y) with their intervals; an open end, or unknown error, is drawn without a bar."""
    found = list(points)
    x, y = [x for x, _ in found], [y for _, y in found]
    return Series(
        label,
        x=tuple(map(_value, x)),
        y=tuple(map(_value, y)),
        lo=_ends(y, "lo"),
        hi=_ends(y, "hi"),
        x_lo=_ends(x, "lo"),
        x_hi=_ends(x, "hi"),
        color=color,
        marker=marker,
    )


def _value(number: Number) -> float:
    return number.value if isinstance(number, Estimate) else float(number)


def _ends(numbers: Sequence[Number], side: Literal["lo", "hi"]) -> tuple[float, ...] | None:
    """Of the bars on that side; None where no number has an interval."""
    if not any(isinstance(number, Estimate) for number in numbers):
        return None
    return tuple(_end(number, side) for number in numbers)


def _end(number: Number, side: Literal["lo", "hi"]) -> float:
    if isinstance(number, Estimate):
        end = number.lo if side == "lo" else number.hi
        if math.isfinite(end) and math.isfinite(number.stderr):
            return end
    return _value(number)
