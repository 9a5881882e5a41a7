"""What every reader of files refuses in the same words. Rows of a file are counted from 1."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

import numpy as np
from jaxtyping import Int, Shaped
from numpy import ndarray

from scalinglaws.errors import BadInput, UnknownName

COUNTED = "(rows counted from 1)"
_SHOWN = 5  # bad rows that a message names
_LISTED = 30  # known names that a message lists
_BLOCK = 1 << 20  # numbers looked at together: the values may be in a file larger than memory


@contextmanager
def named(path: Path) -> Generator[None]:
    """A room that measures knows no files: what it refuses within gets this one's name."""
    try:
        yield
    except BadInput as error:
        error.args = (f"{path}: {error}",)
        raise


def unknown(path: Path, kind: str, name: str, known: Iterable[str]) -> UnknownName:
    """UnknownName that says in which file, and of very many known names the nearest."""
    names = sorted({escaped(other) for other in known})
    nearest = get_close_matches(name, names, n=_LISTED, cutoff=0) if names[_LISTED:] else names
    error = UnknownName(kind, name, nearest)
    more = f" and {len(names) - _LISTED} more" if names[_LISTED:] else ""
    error.args = (f"{path}: {error}{more}",)
    return error


def escaped(text: str) -> str:
    """Text of a file as it may stand in a message: what would act on a terminal is escaped."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def require_finite(where: str, values: Shaped[ndarray, "n ..."]) -> None:
    """Raises BadInput that names the first rows holding NaN or infinity."""
    columns, step = (
        tuple(range(1, values.ndim)),
        max(1, _BLOCK * len(values) // max(1, values.size)),
    )
    starts = range(0, max(1, len(values)), step)
    finite = np.concatenate([np.isfinite(values[i : i + step]).all(axis=columns) for i in starts])
    wrong = np.flatnonzero(~finite)
    if len(wrong):
        raise BadInput(f"{where}: NaN or infinity in {name_rows(wrong)}: mend or remove these rows")


def name_rows(index: Int[ndarray, " m"]) -> str:
    """The first of these rows, given by their index from 0, as a reader of the file counts them."""
    shown = ", ".join(map(str, (index[:_SHOWN] + 1).tolist()))
    more = f" and {len(index) - _SHOWN} more" if len(index) > _SHOWN else ""
    return f"row {shown}{more} {COUNTED}"
