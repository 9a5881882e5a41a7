"""A user's table -> columns of numbers. Only what is asked for is read, and nothing is guessed.

.csv and .tsv are read by rows with the standard library, so that every complaint names its row;
.jsonl likewise, one object per line; .parquet through polars. Rows are counted from 1, the
header not among them.
"""

from __future__ import annotations

import csv
import json
from array import array
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.files.derive import Derivation

Column = Float[ndarray, " n"]
Read = tuple[dict[str, Column], Int[ndarray, " n"]]  # columns, and a hash of every whole row

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_SUFFIXES = (*_DELIMITERS, ".jsonl", ".parquet")
_MOST_ROWS = 100_000_000  # of a Parquet file, whose few bytes may promise any number
_SHOWN = 5  # bad rows that a message names


@dataclass(frozen=True)
class Table:
    """Columns of finite numbers; `repeated` marks rows that equal an earlier one in every cell
    of the file, asked for or not."""

    columns: dict[str, Column]
    repeated: Bool[ndarray, " n"]

    def where(self, kept: Bool[ndarray, " n"]) -> Table:
        """The table with these rows only."""
        return Table({name: v[kept] for name, v in self.columns.items()}, self.repeated[kept])


def read_table(
    path: Path | str,
    wanted: Collection[str],
    *,
    renamed: Mapping[str, str] | None = None,
    derived: Sequence[Derivation] = (),
) -> Table:
    """The wanted columns of a file, finite numbers all.

    renamed: name -> column of the file. derived: computed in this order, each from columns of
    the file, renamed or earlier derived ones.
    Raises BadInput for a file that is no table, UnknownName for columns it does not have.
    """
    path, renamed = Path(path), renamed or {}
    found = column_names(path)
    for name in (*renamed, *(one.name for one in derived)):
        if name in found and renamed.get(name) != name:
            raise BadInput(f"{path}: {name!r} is already a column: choose another name")
    sources = {name: name for name in found} | dict(renamed)
    needed, computed = set(wanted), {one.name: one for one in derived}
    for one in reversed(derived):
        needed |= one.uses if one.name in needed else set()
    for name in sorted(needed - set(computed)):
        if name not in sources or sources[name] not in found:
            raise UnknownName("column", sources.get(name, name), [*found, *renamed, *computed])
    read = read_columns(path, {sources[name] for name in needed - set(computed)})
    columns = {name: read.columns[sources[name]] for name in needed - set(computed)}
    for name, one in computed.items():
        if name in needed:
            columns[name] = _derive(path, one, columns)
    return Table({name: columns[name] for name in wanted}, read.repeated)


def column_names(path: Path) -> list[str]:
    """The names in the file's header, or of its first object."""
    if not path.is_file():
        found = "a directory" if path.is_dir() else "no such file"
        raise BadInput(f"{path}: {found}: give a table ({', '.join(_SUFFIXES)})")
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise BadInput(f"{path}: a table must end in {', '.join(_SUFFIXES)}")
    if not path.stat().st_size:
        raise BadInput(f"{path}: the file is empty")
    if suffix == ".parquet":
        return list(_parquet_schema(path))
    if suffix == ".jsonl":
        first = next(_objects(path), None)
        return list(first[1]) if first else []
    with _text_rows(path) as rows:
        return _header(rows)


def read_columns(path: Path, names: Collection[str]) -> Table:
    """Columns of the file as they are named there, checked to be finite numbers."""
    readers = {".parquet": _read_parquet, ".jsonl": _read_objects}
    columns, fingerprints = readers.get(path.suffix.lower(), _read_text)(path, sorted(names))
    if not len(fingerprints):
        raise BadInput(f"{path}: the table has no rows")
    for name, values in columns.items():
        _require_finite(f"{path}, column {name!r}", values)
    repeated = np.ones(len(fingerprints), dtype=bool)
    repeated[np.unique(fingerprints, return_index=True)[1]] = False
    return Table(columns, repeated)


def drop_top(table: Table, y: str, count: int) -> tuple[Table, Table]:
    """The table without its `count` rows of highest y, and those rows; of equals the last go."""
    n = len(table.repeated)
    if count >= n:
        raise BadInput(f"--drop-top {count}: the table has {n} rows; drop fewer")
    kept = np.zeros(n, dtype=bool)
    kept[np.argsort(table.columns[y], kind="stable")[: n - count]] = True
    return table.where(kept), table.where(~kept)


def _derive(path: Path, one: Derivation, columns: Mapping[str, Column]) -> Column:
    values = one.evaluate({name: columns[name] for name in one.uses})
    _require_finite(f"{path}, derived column {one.name!r}", values)
    return values


def _require_finite(where: str, values: Column) -> None:
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        shown = ", ".join(str(row + 1) for row in wrong[:_SHOWN])
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise BadInput(f"{where}: NaN or infinite in row {shown}{more}: mend or remove these rows")


# Text: .csv and .tsv


@contextmanager
def _text_rows(path: Path) -> Generator[Iterator[list[str]]]:
    """Rows of a text table; what is wrong with the text comes out as BadInput."""
    delimiter = _DELIMITERS[path.suffix.lower()]
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True, strict=True)
        try:
            yield reader
        except UnicodeDecodeError:
            raise BadInput(f"{path}: not UTF-8 text: save the table as UTF-8") from None
        except csv.Error as error:
            raise BadInput(f"{path}, line {reader.line_num}: {error}") from None


def _header(rows: Iterator[list[str]]) -> list[str]:
    return [name.strip() for name in next(rows, [])]


def _read_text(path: Path, names: Sequence[str]) -> Read:
    values, fingerprints = {name: array("d") for name in names}, array("q")
    with _text_rows(path) as rows:
        header = _header(rows)
        places = {name: _place(path, header, name) for name in names}
        filled = (row for row in rows if row)
        for number, row in enumerate(filled, start=1):
            if len(row) != len(header):
                raise BadInput(
                    f"{path}, row {number}: {len(row)} cells under a header of {len(header)}"
                )
            for name, place in places.items():
                values[name].append(_cell(path, number, name, row[place]))
            fingerprints.append(hash(tuple(row)))
    return {name: np.array(column) for name, column in values.items()}, np.array(
        fingerprints, dtype=np.int64
    )


def _place(path: Path, header: list[str], name: str) -> int:
    if header.count(name) > 1:
        raise BadInput(f"{path}: {header.count(name)} columns are called {name!r}: rename them")
    return header.index(name)


def _cell(path: Path, row: int, column: str, text: str) -> float:
    # float() would also read 1_000, which no table means.
    try:
        return float(text if "_" not in text else "")
    except ValueError:
        what = f"{text[:40]!r} is not a number" if text.strip() else "the cell is empty"
        raise BadInput(f"{path}, row {row}, column {column!r}: {what}") from None


# JSON lines


def _objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Text and object of every line that is not blank."""
    number = 0
    with path.open(encoding="utf-8-sig") as file:
        try:
            for line in file:
                if text := line.strip():
                    number += 1
                    row = json.loads(text, object_pairs_hook=_unique)
                    if not isinstance(row, dict):
                        raise ValueError("not an object")
                    yield text, cast(dict[str, Any], row)
        except UnicodeDecodeError:
            raise BadInput(f"{path}: not UTF-8 text: save the table as UTF-8") from None
        except (ValueError, RecursionError) as error:
            raise BadInput(f"{path}, row {number}: not one JSON object per line: {error}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        raise ValueError("a name stands twice")
    return row


def _read_objects(path: Path, names: Sequence[str]) -> Read:
    values, fingerprints = {name: array("d") for name in names}, array("q")
    for number, (text, row) in enumerate(_objects(path), start=1):
        for name, column in values.items():
            value = row.get(name)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                shown = f"{str(value)[:40]!r} is not a number" if name in row else "it is missing"
                raise BadInput(f"{path}, row {number}, {name!r}: {shown}")
            column.append(_float(value))
        fingerprints.append(hash(text))
    return {name: np.array(column) for name, column in values.items()}, np.array(
        fingerprints, dtype=np.int64
    )


def _float(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")


# Parquet


@contextmanager
def _parquet(path: Path) -> Generator[Any]:
    """polars, imported late: it is slow to import; its errors come out as BadInput."""
    import polars
    from polars.exceptions import PanicException, PolarsError

    try:
        yield polars
    except (PolarsError, PanicException) as error:
        reason = str(error).partition("\n")[0]
        raise BadInput(f"{path}: not a Parquet file that can be read: {reason}") from None


def _parquet_schema(path: Path) -> dict[str, Any]:
    with _parquet(path) as polars:
        return dict(polars.read_parquet_schema(path))


def _read_parquet(path: Path, names: Sequence[str]) -> Read:
    schema = _parquet_schema(path)
    for name in names:
        if not schema[name].is_numeric():
            raise BadInput(f"{path}, column {name!r}: holds {schema[name]}, not numbers")
    with _parquet(path) as polars:
        lazy = polars.scan_parquet(path)
        rows = int(lazy.select(polars.len()).collect().item())
        if rows > _MOST_ROWS:
            raise BadInput(f"{path}: promises {rows} rows; at most {_MOST_ROWS} are read")
        numbers = [polars.col(name).cast(polars.Float64) for name in names]
        plain = [polars.col(name) for name, dtype in schema.items() if not dtype.is_nested()]
        frame = lazy.select(*numbers).collect()
        hashes = lazy.select(polars.struct(plain).hash()).collect().to_series().to_numpy()
    for name in names:
        empty = np.flatnonzero(frame[name].is_null().to_numpy())
        if len(empty):
            raise BadInput(f"{path}, row {empty[0] + 1}, column {name!r}: the cell is empty")
    return {name: frame[name].to_numpy() for name in names}, hashes.astype(np.int64)
