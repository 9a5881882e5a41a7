"""Rows as text: what is written reads back bit for bit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

from scalinglaws.errors import BadInput
from scalinglaws.result import Row


def encode_rows(rows: Sequence[Row]) -> str:
    """Rows as JSON text.

    Python's dialect: a float is its shortest repr, which reads back to the same bits, and NaN
    and the infinities keep their names (strict JSON would make them null, and a diverged
    student indistinguishable from one that was not measured). numpy scalars become plain.
    Raises BadInput for a row that is not a mapping of text to plain values.
    """
    return json.dumps([_plain_row(row) for row in rows], separators=(",", ":"))


def decode_rows(text: str) -> list[Row]:
    """The rows that `encode_rows` made text of."""
    return cast(list[Row], json.loads(text))


def _plain_row(row: Row) -> Row:
    plain = {name: _plain(value) for name, value in row.items()}
    for name, value in plain.items():
        if not isinstance(cast(object, name), str):
            raise BadInput(f"a row's column must be text, not {name!r:.60}")
        if not isinstance(value, str | int | float | None):
            raise BadInput(f"row[{name!r}] must be text, a number or None, not {value!r:.60}")
    return plain


def _plain(value: Any) -> Any:
    """A numpy or torch scalar as the plain number it holds."""
    if type(value) in (str, int, float, bool, type(None)):
        return value
    return value.item() if getattr(value, "shape", None) == () else value
