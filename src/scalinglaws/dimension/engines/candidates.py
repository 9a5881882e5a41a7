"""What an engine returns."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float, Int
from numpy import ndarray

EXTRA = 4  # candidates beyond k: how far rounding may mix up the order before it is noticed
TIE = 1e-12  # relative: distances closer than this are one distance


@dataclass(frozen=True)
class Candidates:
    """Points that may be among the nearest of each query, which may be one of them itself.

    index: which points, in any order.
    floor: no point left out is nearer than this to the query, whatever the rounding.
    """

    index: Int[ndarray, "m c"]
    floor: Float[ndarray, " m"]


def asked(k: int, n: int) -> int:
    """Candidates to ask for: one more than k and EXTRA, as a point is its own candidate."""
    return min(k + 1 + EXTRA, n)
