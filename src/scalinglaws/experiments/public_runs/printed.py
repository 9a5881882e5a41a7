"""Numbers as they were printed, and ours beside them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from scalinglaws.estimate import Estimate


def half_units(value: float, printed: str) -> float:
    """How far a value is from a printed number, in halves of its last digit: 1 or less rounds to
    it, or sits on the edge of doing so."""
    number = Decimal(printed)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int), f"{printed} is no number"
    return float(abs(Decimal(value) - number) / (Decimal(10) ** exponent / 2))


def farthest(values: Mapping[str, float], printed: Mapping[str, str]) -> Estimate:
    """The largest of `half_units` over the printed numbers."""
    return exactly(max(half_units(values[name], number) for name, number in printed.items()))


def exactly(value: float) -> Estimate:
    """A number that follows from the table's rows by arithmetic alone."""
    return Estimate(value, 0.0, value, value)
