"""A user's table -> columns of numbers. Only what is asked for is read, and nothing is guessed.

.csv and .tsv are read by rows with the standard library, so that every complaint names its row;
.jsonl likewise, one object per line; .parquet through polars. Rows are counted from 1, the
header and blank lines not among them.
"""

from __future__ import annotations

import csv
import json
from array import array
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from scalinglaws.errors import BadInput
from scalinglaws.files.derive import Derivation
from scalinglaws.files.refusal import COUNTED, require_finite, unknown

Column = Float[ndarray, " n"]
Read = tuple[dict[str, Column], Int[ndarray, " n"]]  # columns, and a hash of every whole row

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_FOREIGN = ";\t,|"  # in the only cell of a header: another program's delimiter
_SUFFIXES = (*_DELIMITERS, ".jsonl", ".parquet")
_PLAIN = "write numbers like 1000.5 or 1e3, without other separators or units"
_EMPTY = "the cell is empty: fill it or remove the row"
_MOST_ROWS = 100_000_000  # of a Parquet file, whose few bytes may promise any number


@dataclass(frozen=True)
class Table:
    """Columns of finite numbers; `repeated` marks rows that equal an earlier one in every cell
    of the file, asked for or not, but for the `uncompared` columns."""

    columns: dict[str, Column]
    repeated: Bool[ndarray, " n"]
    uncompared: tuple[str, ...] = ()  # nested columns of a Parquet file

    def where(self, kept: Bool[ndarray, " n"]) -> Table:
        """The table with these rows only."""
        columns = {name: values[kept] for name, values in self.columns.items()}
        return replace(self, columns=columns, repeated=self.repeated[kept])


def read_table(
    path: Path | str,
    wanted: Collection[str],
    *,
    renamed: Mapping[str, str] | None = None,
    derived: Sequence[Derivation] = (),
) -> Table:
    """The wanted columns of a file, finite numbers all.

    renamed: name -> column of the file. derived: computed in this order, each from columns of
    the file, renamed or earlier derived ones. Both are checked whether wanted or not.
    Raises BadInput for a file that is no table, UnknownName for columns it does not have.
    """
    path, renamed = Path(path), renamed or {}
    found = column_names(path)
    _check_names(path, found, wanted, renamed, derived)
    needed = set(wanted)
    for one in reversed(derived):
        needed |= one.uses if one.name in needed else set()
    computed = [one for one in derived if one.name in needed]
    sources = {name: renamed.get(name, name) for name in needed - {one.name for one in computed}}
    read = read_columns(path, set(sources.values()))
    columns = {name: read.columns[source] for name, source in sources.items()}
    for one in computed:
        columns[one.name] = _derive(path, one, columns)
    return replace(read, columns={name: columns[name] for name in wanted})


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
        for _, first in _objects(path):
            return list(first)
        raise BadInput(f"{path}: the file has no rows: write one JSON object per line")
    with _text_rows(path) as rows:
        names = _header(rows)
    if not any(names):
        raise BadInput(f"{path}: the file has no header: name the columns in its first line")
    return names


def read_columns(path: Path, names: Collection[str]) -> Table:
    """Columns of the file as they are named there, checked to be finite numbers."""
    readers = {".parquet": _read_parquet, ".jsonl": _read_objects}
    columns, fingerprints = readers.get(path.suffix.lower(), _read_text)(path, sorted(names))
    if not len(fingerprints):
        raise BadInput(f"{path}: the table has no rows: write a row for every run")
    for name, values in columns.items():
        require_finite(f"{path}, column {name!r}", values)
    repeated = np.ones(len(fingerprints), dtype=bool)
    repeated[np.unique(fingerprints, return_index=True)[1]] = False
    return Table(columns, repeated, _nested(path))


def drop_top(table: Table, y: str, count: int) -> tuple[Table, Table]:
    """The table without its `count` rows of highest y, and those rows; of equals the last go."""
    n = len(table.repeated)
    if count >= n:
        raise BadInput(f"--drop-top {count}: the table has {n} rows; drop fewer")
    kept = np.zeros(n, dtype=bool)
    kept[np.argsort(table.columns[y], kind="stable")[: n - count]] = True
    return table.where(kept), table.where(~kept)


def _check_names(
    path: Path,
    found: list[str],
    wanted: Collection[str],
    renamed: Mapping[str, str],
    derived: Sequence[Derivation],
) -> None:
    """Raises unless every new name is new and every name used is known where it is used."""
    new = [*renamed, *(one.name for one in derived)]
    for name in new:
        if new.count(name) > 1:
            raise BadInput(f"--map and --derive define {name!r} twice: give each name once")
        if name in found and renamed.get(name) != name:
            raise BadInput(f"{path}: {name!r} is already a column: choose another name")
    _require_known(path, found, renamed.values(), found)
    for place, one in enumerate(derived, start=len(renamed)):
        for name in sorted(one.uses & {*new[place:]}):
            what = "itself" if name == one.name else f"{name!r}, which is derived later"
            raise BadInput(
                f"--derive {one.name}={one.expression}: uses {what}; columns of the file, mapped "
                "names and earlier derived ones may be used: change the name or the order"
            )
        _require_known(path, found, one.uses, [*found, *new[:place]])
    _require_known(path, found, wanted, [*found, *new])


def _require_known(
    path: Path, found: list[str], names: Iterable[str], known: Collection[str]
) -> None:
    for name in sorted(set(names) - set(known)):
        if len(found) == 1 and any(mark in found[0] for mark in _FOREIGN):
            raise BadInput(
                f"{path}: no column {name!r}: the header is one cell, {found[0][:40]!r}: "
                "separate the cells by commas in .csv, by tabs in .tsv"
            )
        raise unknown(path, "column", name, known)


def _derive(path: Path, one: Derivation, columns: Mapping[str, Column]) -> Column:
    values = one.evaluate({name: columns[name] for name in one.uses})
    require_finite(f"{path}, derived column {one.name!r}", values)
    return values


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
            raise BadInput(
                f"{path}, line {reader.line_num}: {error}: mend the quotes or cells there"
            ) from None


def _header(rows: Iterator[list[str]]) -> list[str]:
    """The names in the first line that is not blank."""
    return [name.strip() for name in next(filter(None, rows), [])]


def _read_text(path: Path, names: Sequence[str]) -> Read:
    values, fingerprints = {name: array("d") for name in names}, array("q")
    with _text_rows(path) as rows:
        header = _header(rows)
        places = {name: _place(path, header, name) for name in names}
        filled = (row for row in rows if row)
        for number, row in enumerate(filled, start=1):
            if len(row) != len(header):
                raise BadInput(
                    f"{path}, row {number}: {len(row)} cells under a header of {len(header)}: "
                    f"give every row as many {COUNTED}"
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
        what = f"{text[:40]!r} is not a number: {_PLAIN}" if text.strip() else _EMPTY
        raise BadInput(f"{path}, row {row}, column {column!r}: {what} {COUNTED}") from None


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
            raise BadInput(
                f"{path}, row {number}: not one JSON object per line: {error} {COUNTED}"
            ) from None


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
                mend = "write it as a JSON number, or remove the row"
                raise BadInput(f"{path}, row {number}, {name!r}: {shown}: {mend} {COUNTED}")
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


def _nested(path: Path) -> tuple[str, ...]:
    """Columns of lists and records, whose cells polars cannot hash; only Parquet has them."""
    if path.suffix.lower() != ".parquet":
        return ()
    return tuple(name for name, dtype in _parquet_schema(path).items() if dtype.is_nested())


def _read_parquet(path: Path, names: Sequence[str]) -> Read:
    schema, nested = _parquet_schema(path), _nested(path)
    for name in names:
        if not schema[name].is_numeric():
            raise BadInput(
                f"{path}, column {name!r}: holds {schema[name]}, not numbers: store it as numbers"
            )
    with _parquet(path) as polars:
        lazy = polars.scan_parquet(path)
        rows = int(lazy.select(polars.len()).collect().item())
        if rows > _MOST_ROWS:
            raise BadInput(f"{path}: promises {rows} rows: use at most {_MOST_ROWS}")
        numbers = [polars.col(name).cast(polars.Float64) for name in names]
        plain = [polars.col(name) for name in schema if name not in nested]
        frame = lazy.select(*numbers).collect()
        hashes = lazy.select(polars.struct(plain).hash()).collect().to_series().to_numpy()
    for name in names:
        empty = np.flatnonzero(frame[name].is_null().to_numpy())
        if len(empty):
            raise BadInput(f"{path}, row {empty[0] + 1}, column {name!r}: {_EMPTY} {COUNTED}")
    return {name: frame[name].to_numpy() for name in names}, hashes.astype(np.int64)
