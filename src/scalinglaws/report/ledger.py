"""The ledger of a run: result.json and rows.csv, each replaced whole, read only as a pair.

result.json is the Result as strict JSON, with the SHA-256 of the rows.csv that belongs to it.
JSON has no NaN nor infinity, and null would lose which, so a float that is not finite is written
{"float": "nan"}, "inf" or "-inf"; a mapping of that one key is written {"float": mapping}.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import msgspec

from scalinglaws.errors import BadInput, StoreError
from scalinglaws.report import rows_csv
from scalinglaws.result import Result, Row, Series

RESULT, ROWS = "result.json", "rows.csv"
SCHEMA_VERSION = 1
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def load_result(directory: Path | str) -> tuple[Result, list[Row]]:
    """The result and rows that `write_report` left in a directory.

    Raises BadInput when a file is absent, cut short, not such a file, or not of the same run.
    """
    directory = Path(directory)
    path = directory / RESULT
    result, digest = _decoded(_read(path), path)
    path = directory / ROWS
    table = _read(path)
    try:
        if sha256(table).hexdigest() != digest:
            raise BadInput(f"not the rows that {RESULT} was written with")
        return result, rows_csv.decode(table.decode())
    except (BadInput, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: {error}; restore both files or run again") from None


def encode_result(result: Result, table: bytes) -> bytes:
    """Result as indented JSON, floats by their shortest repr; `table` is its rows.csv."""
    tree = {**_tree(result), "rows_sha256": sha256(table).hexdigest()}
    return msgspec.json.format(msgspec.json.encode(tree), indent=1) + b"\n"


def write_ledger(result: Result, rows: Sequence[Row], directory: Path) -> None:
    """Write both files. Raises StoreError where that fails.

    Between the two, the old result.json and the new rows.csv are a pair that is refused.
    """
    table = rows_csv.encode(rows).encode("utf-8", "replace")
    write_atomically(directory / ROWS, table)
    write_atomically(directory / RESULT, encode_result(result, table))


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file whole: whoever reads it sees the old content or the new, never a part."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"cannot write {path}: {error.strerror or error}; "
            "free some space or choose another folder with --store"
        ) from error


def check_id(kind: str, name: str) -> None:
    """An id becomes a file's name: letters, digits, dot, dash and underscore only."""
    if not _ID.fullmatch(name):
        raise BadInput(f"{kind} id {name[:60]!r}: letters, digits, '.', '-' and '_' only")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"cannot read {path}: {error.strerror or error}; give the folder of a finished run"
        ) from None


def _decoded(content: bytes, path: Path) -> tuple[Result, object]:
    """The result, and the SHA-256 of its rows."""
    try:
        tree = _finite_or_not(msgspec.json.decode(content))
        version = tree.get("schema_version") if isinstance(tree, dict) else None
        if version != SCHEMA_VERSION:
            raise BadInput(f"schema_version is {version!r:.40}, this version reads 1")
        result = msgspec.convert(tree, Result)
        for figure in result.findings.figures:
            check_id("figure", figure.id)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        # A decoder's message may be long or quote the file: one line of it is enough.
        reason = " ".join(str(error).split())[:200]
        raise BadInput(f"{path} is not a result of this version: {reason}") from None
    return result, tree.get("rows_sha256")


def _tree(value: Any) -> Any:
    """Dataclasses, mappings and numpy scalars as plain JSON values."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return float(value) if math.isfinite(value) else {"float": float.__repr__(value)}
        case str():
            return str(value).encode("utf-8", "replace").decode()  # no lone surrogates in JSON
        case Mapping():
            items = cast(Mapping[object, object], value).items()
            tree = {str(k): _tree(v) for k, v in items}
            return {"float": tree} if tree.keys() == {"float"} else tree
        case list() | tuple():
            return [_tree(v) for v in cast(Sequence[object], value)]
        case Series():
            return {f.name: _tree(_gaps_as_nan(getattr(value, f.name))) for f in fields(value)}
        case _ if is_dataclass(value):
            return {f.name: _tree(getattr(value, f.name)) for f in fields(value)}
        case _ if hasattr(value, "tolist"):
            return _tree(value.tolist())
        case _:
            raise TypeError(f"no place in a ledger for a {type(value).__name__}")


def _gaps_as_nan(value: Any) -> Any:
    """A coordinate that is missing is NaN: the type of a series knows floats only."""
    if not isinstance(value, tuple):
        return value
    return [math.nan if v is None else v for v in cast(tuple[float | None, ...], value)]


def _finite_or_not(value: Any) -> Any:
    """Undo what `_tree` did to floats that are not finite, and to mappings that look so."""
    if isinstance(value, list):
        return [_finite_or_not(v) for v in cast(list[object], value)]
    if isinstance(value, dict):
        items = cast(dict[str, object], value)
        if items.keys() == {"float"}:
            if not isinstance(items["float"], dict):
                return float(str(items["float"]))
            items = cast(dict[str, object], items["float"])
        return {k: _finite_or_not(v) for k, v in items.items()}
    return value
