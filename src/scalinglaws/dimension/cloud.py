"""Distinct points in a unit that float64 can square, handed out a block of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Real
from numpy import ndarray

BLOCK = 1 << 21  # numbers in a block of float64 coordinates or distances: 16 MiB
STREAM = 1 << 17  # numbers in a block that is read once: 1 MiB stays in the cache
SAMPLE = 1000  # points that stand for all where a rough idea will do
RANGE = 1022  # powers of two, either way, that float64 holds with all its digits


@dataclass(frozen=True)
class Cloud:
    """The rows of `data` that differ, the largest coordinate scaled to [1/2, 1).

    The scale is a power of two, so scaling rounds nothing. `data` may be mapped from a file
    larger than memory: nothing here reads more of it than it hands out.
    """

    data: Real[ndarray, "rows D"]
    rows: Int[ndarray, " n"]
    scale: float

    @property
    def n(self) -> int:
        return len(self.rows)

    @property
    def D(self) -> int:
        return self.data.shape[1]

    @cached_property
    def sample(self) -> Int[ndarray, " s"]:
        """Up to SAMPLE points, evenly spaced."""
        return np.arange(0, self.n, -(-self.n // SAMPLE))

    @cached_property
    def centre(self) -> Float[ndarray, " D"]:
        """Where |x| is small for most: rounding there costs least. Outliers do not move it."""
        return np.median(self.block(self.sample), axis=0)

    def block(self, which: slice | Int[ndarray, " m"]) -> Float[ndarray, "m D"]:
        """Points in float64, scaled, as good as given."""
        rows = which if self.n == len(self.data) else self.rows[which]
        return np.multiply(self.data[rows], self.scale, dtype=np.float64, order="C")

    def centred(self, which: slice | Int[ndarray, " m"]) -> Float[ndarray, "m D"]:
        """The same less the centre: each coordinate is rounded once."""
        block = self.block(which)
        block -= self.centre
        return block

    def norms(self, which: Int[ndarray, " m"]) -> Float[ndarray, " m"]:
        """Distances from the centre."""
        norms = np.empty(len(which))
        for some in blocks(len(which), self.D, STREAM):
            norms[some] = np.linalg.norm(self.centred(which[some]), axis=1)
        return norms


def blocks(n: int, D: int, numbers: int) -> Iterator[slice]:
    """Slices of n rows of D numbers, about so many numbers each, one row at least."""
    step = max(1, numbers // D)
    for start in range(0, n, step):
        yield slice(start, min(start + step, n))


def as_float(array: Real[ndarray, "n D"]) -> Float[ndarray, "n D"]:
    """As float32 or float64, whichever holds the numbers as they are; a copy only if need be."""
    fits = np.can_cast(array.dtype, np.float32)
    return np.ascontiguousarray(array, dtype=np.float32 if fits else np.float64)


def power_of_two(points: Float[ndarray, ...] | float) -> float:
    """The power of two just above the largest coordinate: dividing by it rounds nothing."""
    _, exponent = np.frexp(np.abs(points).max())
    return float(np.ldexp(1.0, int(np.clip(exponent, -RANGE, RANGE))))


def mapped(data: Any) -> bool:
    """Whether the numbers are those of a file, read as they are asked for."""
    while data is not None:
        if isinstance(data, np.memmap):
            return True
        data = getattr(data, "base", None)
    return False
