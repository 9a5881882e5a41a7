"""Tables as JSON lines: one object per line, read by rows, so that every complaint names one."""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np

from scalinglaws.errors import BadInput
from scalinglaws.files.cells import Labels, as_float, texts
from scalinglaws.files.refusal import COUNTED
from scalinglaws.files.table import Table
from scalinglaws.files.tables.repeats import repeated


def object_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Text and object of every line that is not blank."""
    place = 0
    with path.open(encoding="utf-8-sig") as file:
        try:
            for line in file:
                if text := line.strip():
                    place += 1
                    row = json.loads(text, object_pairs_hook=_unique)
                    if not isinstance(row, dict):
                        raise ValueError("not an object")
                    yield text, cast(dict[str, Any], row)
        except UnicodeDecodeError:
            raise BadInput(f"{path}: not UTF-8 text: save the table as UTF-8") from None
        except (ValueError, RecursionError) as error:
            if isinstance(error, BadInput):
                raise
            raise BadInput(
                f"{path}, row {place}: not one JSON object per line: {error} {COUNTED}"
            ) from None


def object_names(path: Path) -> list[str]:
    """The names in the file's first object."""
    for _, first in object_rows(path):
        return list(first)
    raise BadInput(f"{path}: the file has no rows: write one JSON object per line")


def read_objects(path: Path, numbers: Collection[str], labels: Collection[str]) -> Table:
    """Columns as numbers and as labels; BadInput names the first value that is neither."""
    values = {name: array("d") for name in numbers}
    words: dict[str, list[str]] = {name: [] for name in labels}
    hashes, known = array("q"), Labels()
    for place, (text, row) in enumerate(object_rows(path), start=1):
        name = ""
        try:
            for name, column in values.items():
                column.append(_number(row, name))
            for name, column in words.items():
                column.append(known[_label(row, name)])
        except BadInput as error:
            raise BadInput(f"{path}, row {place}, {name!r}: {error} {COUNTED}") from None
        hashes.append(hash(text))
    return Table(
        {name: np.array(column) for name, column in values.items()},
        repeated(np.array(hashes, dtype=np.int64)),
        labels={name: texts(column) for name, column in words.items()},
    )


def _number(row: dict[str, Any], name: str) -> float:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        shown = f"{str(value)[:40]!r} is not a number" if name in row else "it is missing"
        raise BadInput(f"{shown}: write it as a JSON number, or remove the row")
    return as_float(value)


def _label(row: dict[str, Any], name: str) -> str:
    """Text as it stands; numbers and booleans, a seed say, as JSON writes them."""
    value = row.get(name)
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, (list, dict)):
        shown = f"{json.dumps(value)[:40]} is no name" if name in row else "it is missing"
        raise BadInput(f"{shown}: write it as text, or remove the row")
    return json.dumps(value)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        raise ValueError("a name stands twice")
    return row
