"""Points in a table, .csv or .parquet: every column a coordinate, every row a point.

Whether the first line of a .csv is names or a point is not guessed where it could be either.
"""

from __future__ import annotations

import csv
from collections.abc import Generator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

from numpy import ndarray

from scalinglaws.errors import BadInput
from scalinglaws.files.stored import Stored, require_memory

_SHOWN = 5  # columns named in a message
_LONGEST = 1 << 24  # characters of a first line
_WHOLE = 2**53  # up to which float64 holds every integer


def csv_arrays(path: Path) -> dict[str, Stored]:
    """A .csv as one array; a first line of numbers alone is a point, one of names the header."""
    require_memory(str(path), path.stat().st_size // 2)  # a number takes two characters or more
    with _polars(path) as polars:
        frame = polars.read_csv(
            path, has_header=_has_header(path), infer_schema_length=None, glob=False
        )
    if not frame.height:
        raise BadInput(f"{path}: a header and no rows: write the points below it")
    _require_numbers(path, dict(frame.schema))
    return {path.stem: Stored(frame.shape, "numbers", True, lambda: _as_array(path, frame))}


def parquet_arrays(path: Path) -> dict[str, Stored]:
    """A .parquet as one array; its few bytes may promise any number of rows."""
    with _polars(path) as polars:
        lazy = polars.scan_parquet(path, glob=False)
        schema = dict(lazy.collect_schema())
        _require_numbers(path, schema)
        rows = int(lazy.select(polars.len()).collect().item())
    return {
        path.stem: Stored(
            (rows, len(schema)), "numbers", True, lambda: _as_array(path, lazy.collect())
        )
    }


def _has_header(path: Path) -> bool:
    """Whether the first line is names. Raises BadInput where it may be either."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        lines = takewhile(lambda line: len(line) < _LONGEST, file)
        try:
            first = next(csv.reader(lines, skipinitialspace=True), [])
        except csv.Error:
            return True  # which the reader proper will name
    numbers = [_is_number(cell) for cell in first]
    counted = first == [str(i) for i in range(len(first))] and len(first) > 1
    if counted or (any(numbers) and not all(numbers)) or (first and not first[0] and any(first)):
        what = "0, 1, 2, ..." if counted else "numbers, names and empty cells"
        what = "names, the first of them empty" if not any(numbers) else what
        raise BadInput(
            f"{path}: the first line holds {what}: names of columns, or a point? Write names that "
            "are no numbers, and no index; or, without names, a number in every cell"
        )
    return not all(numbers)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _require_numbers(path: Path, schema: dict[str, Any]) -> None:
    wrong = [
        name
        for name, dtype in schema.items()
        if not (dtype.is_numeric() or str(dtype) == "Boolean")
    ]
    if wrong:
        shown = ", ".join(f"{name!r}" for name in wrong[:_SHOWN])
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise BadInput(
            f"{path}: every column must be a coordinate; not numbers: {shown}{more}; "
            "leave such columns out"
        )


def _as_array(path: Path, frame: Any) -> ndarray[Any, Any]:
    for column in frame.iter_columns():
        if column.dtype.is_integer() and max(column.max() or 0, -(column.min() or 0)) > _WHOLE:
            raise BadInput(
                f"{path}, column {column.name!r}: integers above 2^53 lose their last digits in "
                "float64: subtract an offset first"
            )
    with _polars(path) as polars:
        return frame.select(polars.all().cast(polars.Float64)).to_numpy()  # an empty cell is NaN


@contextmanager
def _polars(path: Path) -> Generator[Any]:
    """polars, imported late: it is slow to import; its errors come out as BadInput."""
    import polars
    from polars.exceptions import PanicException, PolarsError

    try:
        yield polars
    except (PolarsError, PanicException) as error:
        reason = str(error).partition("\n")[0]
        raise BadInput(f"{path}: not a table that can be read: {reason}") from None
