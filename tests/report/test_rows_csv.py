"""rows.csv reads back to the same values and types, and to nothing where it is broken."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scalinglaws.errors import BadInput
from scalinglaws.report.rows_csv import decode, encode
from scalinglaws.result import Row

texts = st.text() | st.text(st.sampled_from('ab,"\r\n\t\x00é;# '))
values = st.none() | st.booleans() | st.integers(-(10**300), 10**300) | st.floats() | texts
names = st.text(min_size=1, max_size=6) | st.text(st.sampled_from(',"\r\n '), min_size=1)
tables = st.lists(names, min_size=1, max_size=4, unique=True).flatmap(
    lambda header: st.lists(st.fixed_dictionaries(dict.fromkeys(header, values)), max_size=4)
)


def exact(rows: list[Row]) -> list[dict[str, str]]:
    """By repr, which tells nan, -0.0, True from 1 and 1 from 1.0 and from "1"."""
    return [{name: repr(value) for name, value in row.items()} for row in rows]


@given(tables)
@example([{"a": v} for v in (math.nan, math.inf, -math.inf, -0.0, 0.0, 5e-324, 1e16, 10**400)])
@example([{"a": v} for v in ("", None, "None", "nan", "true", True, "1", 1, 1.0, ",", '"', "\r\n")])
@settings(deadline=None, max_examples=150)
def test_rows_read_back_equal(rows: list[Row]):
    assert exact(decode(encode(rows).encode().decode())) == exact(rows)


@given(st.lists(st.lists(texts, min_size=2, max_size=2), min_size=1, max_size=4))
@settings(deadline=None, max_examples=60)
def test_any_csv_reader_finds_the_same_texts(records: list[list[str]]):
    rows: list[Row] = [{"a": a, "b": b} for a, b in records]
    read = list(csv.reader(io.StringIO(encode(rows), newline="")))
    assert read == [["a", "b"], *records]


def test_a_column_that_a_row_lacks_is_none_there():
    assert decode(encode([{"a": 1}, {"b": "x"}])) == [
        {"a": 1, "b": None},
        {"a": None, "b": "x"},
    ]


def test_numpy_floats_are_written_as_numbers():
    assert decode(encode([{"x": np.float64(0.1)}])) == [{"x": 0.1}]


@pytest.mark.parametrize("value", [np.int64(3), np.float32(0.1), [1], 1j, b"x"])
def test_other_types_are_refused(value: object):
    with pytest.raises(TypeError, match=type(value).__name__):
        encode([{"x": value}])  # pyright: ignore


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a,b\n1\n", "row 2: 1 fields, the header has 2"),
        ("a\n1\n2,3\n", "row 3: 2 fields"),
        ("a\n1\nbare\n", "row 3: 'bare' is neither"),
        ("a\n1e\n", "'1e' is neither"),
        ("a\n0x10\n", "'0x10' is neither"),
        ("a\n١\n", "is neither"),
        ('a\n"cut', "cut short"),
        ("a\n1", "cut short"),
        ('a\n"x"y\n', "cut short"),
        ("a,b\n1,2\n3,", "cut short"),
        ("a,", "cut short"),
        ("a,a\n1,2\n", "row 1: two columns have the same name"),
        ("\n1\n", "row 2: 1 fields, the header has 0"),
    ],
)
def test_a_broken_file_is_refused(text: str, rule: str):
    with pytest.raises(BadInput, match=rule):
        decode(text)


@pytest.mark.parametrize("text", ["", "\n"])
def test_a_file_without_columns_has_no_rows(text: str):
    assert decode(text) == []


@pytest.mark.parametrize("rows", [[], [{}], [{}, {}], [{"": 1}], [{"": None}, {"": ""}]])
def test_rows_without_names_read_back(rows: list[Row]):
    assert decode(encode(rows)) == rows


def test_carriage_returns_of_other_programs_are_line_ends():
    assert decode('a,b\r\n1,"x\r\ny"\r\n') == [{"a": 1, "b": "x\r\ny"}]
