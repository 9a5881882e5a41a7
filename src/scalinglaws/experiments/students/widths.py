"""Widths of a family of students."""

from __future__ import annotations

RATIO = 1.3  # of neighbouring widths, as the authors have it (A.2.1)
HELD = 3  # units per feature of a student wide enough to hold all features


def holds(n: int, k: int) -> bool:
    """Whether a student of n units a layer holds k features: n >= 3k.

    Narrower ones lose some of them: their d lies below that of the inputs, so that they do not
    resolve the manifold that the theory is about (1.2), and the loss falls steeply while the lost
    features come in.
    """
    return n >= HELD * k


def first_held(first: int, k: int) -> int:
    """The smallest width from `first` on that holds k features."""
    return max(first, HELD * k)


def geometric(first: int, count: int) -> tuple[int, ...]:
    """first x 1.3^i."""
    return tuple(int(first * RATIO**i) for i in range(count))
