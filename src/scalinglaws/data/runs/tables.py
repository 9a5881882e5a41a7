"""Published tables of runs on this machine: where they are looked for, and what they hold.

A table lies at laws/FOLDER/FILE of a data folder; SCALINGLAWS_LAWS_DATA names the `laws` folder
itself. Whoever reads a table says by its checksum which bytes are meant, so that numbers are never
attributed to another file.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import os
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.data.published import data_roots
from scalinglaws.errors import BadInput

VARIABLE = "SCALINGLAWS_LAWS_DATA"
FOLDER = "laws"
LARGEST = 64 * 2**20  # bytes of text; the published tables have 1 MB at most
Record = Mapping[str, object]


@dataclass(frozen=True)
class RunTable:
    """A published file: its place under `laws`, where it comes from, columns that it must have."""

    path: str
    origin: str
    columns: tuple[str, ...]


def find(table: RunTable) -> Path | None:
    """Where the file lies, None if nowhere."""
    return next((path for path in _places(table) if path.is_file()), None)


def absent(*tables: RunTable) -> str:
    """What to put where, in the same words on every machine; empty if all are there."""
    missing = [table for table in tables if find(table) is None]
    if not missing:
        return ""
    first, others = missing[0], len(missing) - 1
    return (
        f"{FOLDER}/{first.path}{f' and {others} more' if others else ''} not found: put it into "
        f"the data folder (--data DIR or SCALINGLAWS_DATA), or name its {FOLDER} folder by "
        f"{VARIABLE}; it comes from {first.origin}"
    )


def checksum(table: RunTable) -> str:
    """SHA-256 of the file as it lies there. Raises BadInput if it is absent."""
    return hashlib.sha256(_found(table).read_bytes()).hexdigest()


def records(table: RunTable, sha256: str) -> list[Record]:
    """The rows of a .csv, .csv.gz or .jsonl file of that checksum.

    Raises BadInput for a file that is absent, another one, no such table, or without rows.
    """
    path = _found(table)
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BadInput(f"{path}: the file has changed since this run was set up: run again")
    text = _text(path, content)
    rows = _json_lines(path, text) if path.suffix == ".jsonl" else _csv(path, text)
    if not rows:
        raise BadInput(f"{path}: the table has no rows")
    for number, row in enumerate(rows, start=1):
        lacking = [name for name in table.columns if row.get(name) is None]
        if lacking:
            raise BadInput(f"{path}: row {number} has no {', '.join(lacking)}: not {table.path}")
    return rows


def positive(table: RunTable, rows: Sequence[Record], column: str) -> Float[ndarray, " n"]:
    """A column of numbers that have a logarithm. Raises BadInput naming the row, from 1."""
    return _numbers(table, rows, column, "positive", lambda value: value > 0)


def counts(table: RunTable, rows: Sequence[Record], column: str) -> Float[ndarray, " n"]:
    """A column of numbers of zero or more. Raises BadInput naming the row, from 1."""
    return _numbers(table, rows, column, "non-negative", lambda value: value >= 0)


def _numbers(
    table: RunTable,
    rows: Sequence[Record],
    column: str,
    kind: str,
    allowed: Callable[[float], bool],
) -> Float[ndarray, " n"]:
    values = np.empty(len(rows))
    for index, row in enumerate(rows):
        try:
            values[index] = float(cast(str, row[column]))
        except (TypeError, ValueError):
            values[index] = np.nan
        if not (np.isfinite(values[index]) and allowed(values[index])):
            raise BadInput(
                f"{table.path}: row {index + 1}: {column} must be a {kind} number, "
                f"not {row[column]!r:.40}"
            )
    return values


def _places(table: RunTable) -> list[Path]:
    named = os.environ.get(VARIABLE)
    folders = [Path(named)] if named else []
    folders += [root / FOLDER for root in data_roots()]
    return [folder / table.path for folder in folders]


def _found(table: RunTable) -> Path:
    path = find(table)
    if path is None:
        raise BadInput(absent(table))
    return path


def _text(path: Path, content: bytes) -> str:
    try:
        if path.suffix == ".gz":
            with gzip.open(io.BytesIO(content)) as stream:
                content = stream.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise BadInput(f"{path}: more than {LARGEST} bytes of text: not the published table")
        return content.decode()
    except (gzip.BadGzipFile, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read ({error}): get it again") from error


def _csv(path: Path, text: str) -> list[Record]:
    try:
        return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise BadInput(f"{path}: no table of comma-separated values ({error})") from error


def _json_lines(path: Path, text: str) -> list[Record]:
    rows: list[Record] = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise BadInput(f"{path}: line {number} is no JSON ({error})") from error
        if not isinstance(row, dict):
            raise BadInput(f"{path}: line {number} is no JSON object")
        rows.append(cast(Record, row))
    return rows
