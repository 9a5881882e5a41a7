"""An array in a file, known by its header before any memory is taken."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedIOBase
from math import prod
from typing import Any

import numpy as np
from numpy import ndarray

from scalinglaws.errors import BadInput

_CHUNK = 1 << 24
_SHARE = 8  # of this machine's memory may be read: the search holds several copies as float64


@dataclass(frozen=True)
class Stored:
    """Shape and type as a header states them; `read` takes the memory, `map` takes none.

    real: whether these are numbers that `read` can give.
    map: the array left in the file, read where it is looked at; None where it cannot be.
    """

    shape: tuple[int, ...]
    dtype: str
    real: bool
    read: Callable[[], ndarray[Any, Any]]
    map: Callable[[], ndarray[Any, Any]] | None = None

    def __str__(self) -> str:
        return f"{self.dtype} {' x '.join(map(str, self.shape)) or 'scalar'}"


def size(bytes_: int) -> str:
    """A number of bytes in the unit a reader expects: 3.1 GB."""
    power = min(4, (len(str(bytes_)) - 1) // 3)
    return f"{bytes_ / 1000**power:.3g} {('bytes', 'kB', 'MB', 'GB', 'TB')[power]}"


def fits(count: int) -> bool:
    """Whether `count` float64 numbers are no more than this machine should hold."""
    return 8 * count <= _limit()


def require_memory(where: str, count: int) -> None:
    """Raises BadInput when `count` float64 numbers are more than this machine should hold."""
    if not fits(count):
        limit = _limit()
        raise BadInput(
            f"{where} needs {size(8 * count)} as float64; at most {size(limit)}, "
            f"1/{_SHARE} of this machine's memory, is read: use fewer rows"
        )


def _limit() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _SHARE


def require_held(where: str, shape: tuple[int, ...], itemsize: int, held: int) -> None:
    """Raises BadInput when a header promises more bytes than follow it."""
    promised = prod(shape) * itemsize
    if promised > held:
        raise BadInput(
            f"{where}: the header promises {size(promised)}, {size(held)} follow: "
            "the file is cut short or damaged; write it again"
        )


def fill(where: str, file: BufferedIOBase, dtype: np.dtype[Any], count: int) -> ndarray[Any, Any]:
    """The next `count` numbers of the file."""
    out = np.empty(count, dtype)
    raw = out.view(np.uint8).data
    done = 0
    while done < len(raw):
        got = file.readinto(raw[done : done + _CHUNK])
        if not got:
            raise BadInput(f"{where}: the data end early: the file is cut short; write it again")
        done += got
    return out
