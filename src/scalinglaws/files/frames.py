"""Points in a table, .csv or .parquet: every column a coordinate, every row a point."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numpy import ndarray

from scalinglaws.errors import BadInput
from scalinglaws.files.stored import Stored, require_memory

_SHOWN = 5  # columns named in a message


def csv_arrays(path: Path) -> dict[str, Stored]:
    """A .csv as one array; a first line of numbers alone is a point, else it is the header."""
    require_memory(str(path), path.stat().st_size // 2)  # a number takes two characters or more
    with _polars(path) as polars:
        frame = polars.read_csv(
            path, has_header=not _is_numbers(path), infer_schema_length=None, glob=False
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


def _is_numbers(path: Path) -> bool:
    """Whether the first line is a point already."""
    with path.open("rb") as file:
        first = file.readline(1 << 24)
    try:
        return bool([float(cell) for cell in first.split(b",")])
    except ValueError:
        return False


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
