"""One cell of a user's text -> a number or a label, or why it is neither."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from unicodedata import category

import numpy as np
from jaxtyping import Shaped
from numpy import ndarray

from scalinglaws.errors import BadInput

EMPTY = "the cell is empty: fill it or remove the row"
_PLAIN = "write numbers like 1000.5 or 1e3, without other separators or units"
_LONGEST = 60  # characters of a name that a message shows
_SHOWN = 3  # names that a message lists


def number(text: str) -> float:
    """Raises BadInput, without a place, for what is no number."""
    # float() would also read 1_000, which no table means.
    try:
        return float(text if "_" not in text else "")
    except ValueError:
        what = f"{text[:40]!r} is not a number: {_PLAIN}" if text.strip() else EMPTY
        raise BadInput(what) from None


def label(text: str) -> str:
    """A name as it stands, without spaces around it.

    Raises BadInput, without a place, for an empty one and for control characters, which would
    act on the terminal that shows the name.
    """
    name = text.strip()
    if not name:
        raise BadInput(EMPTY)
    if any(category(letter) in ("Cc", "Cs") for letter in name):
        raise BadInput(f"{shown(name)} holds control characters: rename it")
    return name


def as_float(value: int | float) -> float:
    """A whole number too large for float64 is infinite, which the reader refuses by row."""
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def shown(name: object) -> str:
    """A name in quotes, escaped and cut: it may be long or hold control characters."""
    text = str(name)
    return repr(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}...")


def listed(names: Iterable[str]) -> str:
    """The first of these names, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(map(shown, names[:_SHOWN])) + more


def texts(values: Iterable[str]) -> Shaped[ndarray, " n"]:
    """Labels as an array of str objects: a name repeated ten million times is held once."""
    values = list(values)
    out: ndarray[Any, Any] = np.empty(len(values), dtype=object)
    out[:] = values
    return out


class Labels(dict[str, str]):
    """Cell -> label, each looked at once."""

    def __missing__(self, cell: str) -> str:
        self[cell] = label(cell)
        return self[cell]
