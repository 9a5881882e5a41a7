"""Tables in Parquet, through polars."""

from __future__ import annotations

from collections.abc import Collection, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from scalinglaws.errors import BadInput
from scalinglaws.files.cells import EMPTY, Labels, texts
from scalinglaws.files.refusal import COUNTED
from scalinglaws.files.table import Label, Table
from scalinglaws.files.tables.repeats import repeated

_MOST_ROWS = 100_000_000  # of a file whose few bytes may promise any number


def parquet_names(path: Path) -> list[str]:
    """The names in the file's schema."""
    return list(_schema(path))


def read_parquet(path: Path, numbers: Collection[str], labels: Collection[str]) -> Table:
    """Columns as numbers and as labels. Raises BadInput for empty cells and other types."""
    schema = _schema(path)
    nested = tuple(name for name, dtype in schema.items() if dtype.is_nested())  # have no hash
    _check_types(path, schema, numbers, labels)
    with _polars(path) as polars:
        lazy = polars.scan_parquet(path, glob=False)
        rows = int(lazy.select(polars.len()).collect().item())
        if rows > _MOST_ROWS:
            raise BadInput(f"{path}: promises {rows} rows: use at most {_MOST_ROWS}")
        columns = [polars.col(name).cast(polars.Float64) for name in numbers]
        words = [polars.col(name).cast(polars.String).alias(f"{name} ") for name in labels]
        plain = [polars.col(name) for name in schema if name not in nested]
        frame = lazy.select(*columns, *words).collect()
        hashes = lazy.select(polars.struct(plain).hash()).collect().to_series().to_numpy()
    for column in frame.iter_columns():
        empty = np.flatnonzero(column.is_null().to_numpy())
        if len(empty):
            name = column.name if column.name in numbers else column.name[:-1]
            raise BadInput(f"{path}, row {empty[0] + 1}, column {name!r}: {EMPTY} {COUNTED}")
    return Table(
        {name: frame[name].to_numpy() for name in numbers},
        repeated(hashes.astype(np.int64)),
        nested,
        {name: _labels(path, name, frame[f"{name} "]) for name in labels},
    )


def _labels(path: Path, name: str, column: Any) -> Label:
    known, out = Labels(), list[str]()
    try:
        for cell in column:
            out.append(known[cell])
    except BadInput as error:
        raise BadInput(f"{path}, row {len(out) + 1}, column {name!r}: {error} {COUNTED}") from None
    return texts(out)


def _check_types(
    path: Path, schema: dict[str, Any], numbers: Collection[str], labels: Collection[str]
) -> None:
    for name in numbers:
        if not schema[name].is_numeric():
            raise BadInput(
                f"{path}, column {name!r}: holds {schema[name]}, not numbers: store it as numbers"
            )
    for name in labels:
        if schema[name].is_nested() or str(schema[name]) == "Binary":
            raise BadInput(
                f"{path}, column {name!r}: holds {schema[name]}, not names: store it as text"
            )


@contextmanager
def _polars(path: Path) -> Generator[Any]:
    """polars, imported late: it is slow to import; its errors come out as BadInput."""
    import polars
    from polars.exceptions import PanicException, PolarsError

    try:
        yield polars
    except (PolarsError, PanicException) as error:
        reason = str(error).partition("\n")[0]
        raise BadInput(f"{path}: not a Parquet file that can be read: {reason}") from None


def _schema(path: Path) -> dict[str, Any]:
    with _polars(path) as polars:
        return dict(polars.read_parquet_schema(path))
