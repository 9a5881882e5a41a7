"""rows.csv: rows as text that reads back to the same values, bit for bit.

RFC 4180 with one rule more: the text of a cell says its type.

    text    always in double quotes ("" is the empty text)
    int     digits
    float   Python's shortest repr, which always holds one of . e n (nan, inf)
    bool    true, false
    None    nothing at all

A column that some row lacks reads back as None in that row. Any CSV reader takes the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scalinglaws.errors import BadInput
from scalinglaws.result import Row, Value

# One field: quoted with doubled quotes, or bare; then what ends it.
_FIELD = re.compile(r'("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n)')
_INT = re.compile(r"-?[0-9]{1,4000}")
_FLOAT = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|inf)|nan")
_PLAIN_NAME = re.compile(r"[^\",\r\n]+")
_WORDS: dict[str, Value] = {"": None, "true": True, "false": False}


def columns(rows: Sequence[Row]) -> list[str]:
    """Names of all columns, in the order in which they first appear."""
    return list(dict.fromkeys(name for row in rows for name in row))


def encode(rows: Sequence[Row]) -> str:
    """Rows as CSV."""
    names = columns(rows)
    header = [name if _PLAIN_NAME.fullmatch(name) else _quoted(name) for name in names]
    lines = [",".join(_field(row.get(name)) for name in names) for row in rows]
    return "".join(f"{line}\n" for line in [",".join(header), *lines])


def decode(text: str) -> list[Row]:
    """Rows from CSV. Raises BadInput where a line breaks the rule, with its number."""
    records = _records(text)
    first = next(records, [""])
    # A blank line is the header of no column, and then each row is one too.
    header = [] if first == [""] else [_unquoted(field) for field in first]
    if len(set(header)) < len(header):
        raise BadInput("row 1: two columns have the same name")
    rows: list[Row] = []
    for line, fields in enumerate(records, start=2):
        record = fields if header or fields != [""] else []
        if len(record) != len(header):
            raise BadInput(f"row {line}: {len(record)} fields, the header has {len(header)}")
        rows.append({n: _value(f, line) for n, f in zip(header, record, strict=True)})
    return rows


def _field(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return int.__repr__(value)
        case float():
            return float.__repr__(value)  # a numpy float's own repr names its type
        case str():
            return _quoted(value)
        case _:
            raise TypeError(f"a row holds text, numbers, bool or None, not {type(value).__name__}")


def _value(field: str, line: int) -> Value:
    if field.startswith('"'):
        return _unquoted(field)
    if field in _WORDS:
        return _WORDS[field]
    if _INT.fullmatch(field):
        return int(field)
    if _FLOAT.fullmatch(field):
        return float(field)
    raise BadInput(f"row {line}: {field[:40]!r} is neither a number nor text in quotes")


def _records(text: str) -> Iterator[list[str]]:
    position, record = 0, list[str]()
    while position < len(text) or record:
        match = _FIELD.match(text, position)
        if match is None:
            raise BadInput("the last line has no end: the file is cut short")
        field, end = match.groups()
        record.append(field)
        if end != ",":
            yield record
            record = []
        position = match.end()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _unquoted(field: str) -> str:
    return field[1:-1].replace('""', '"') if field.startswith('"') else field
