"""Points in tables: what the first line is, and integers that float64 cannot hold."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import polars
import pytest

from scalinglaws.errors import BadInput
from scalinglaws.files.points import read_points

POINTS = np.array([[0.5, 2.25], [1.5, -3.0], [4.0, 0.125]])
ROWS = "0.5,2.25\n1.5,-3\n4,0.125\n"


def read(folder: Path, text: str) -> np.ndarray:
    path = folder / "points.csv"
    path.write_bytes(text.encode())
    return np.asarray(read_points(path))


@pytest.mark.parametrize("text", [ROWS, "a,b\n" + ROWS, "\ufeff" + ROWS, '\ufeff"a","b"\n' + ROWS])
def test_a_first_line_of_numbers_is_a_point_and_one_of_names_is_not(tmp_path: Path, text: str):
    np.testing.assert_array_equal(read(tmp_path, text), POINTS)


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ("0,1", "0, 1, 2, ..."),  # of a data frame without names
        (",a", "names, the first of them empty"),  # its index
        (",0", "numbers, names and empty cells"),
        ("0.5,NA", "numbers, names and empty cells"),
        ("0.5,", "numbers, names and empty cells"),
    ],
)
def test_a_first_line_that_may_be_either_is_refused(tmp_path: Path, header: str, what: str):
    with pytest.raises(
        BadInput, match=re.escape(f"the first line holds {what}: names of columns, or a point?")
    ):
        read(tmp_path, f"{header}\n{ROWS}")


@pytest.mark.parametrize("name", ["points.csv", "points.parquet"])
def test_integers_that_float64_would_merge_are_refused(tmp_path: Path, name: str):
    path, rows = tmp_path / name, 10**18 + np.arange(12).reshape(6, 2)
    frame = polars.DataFrame({"t": rows[:, 0], "u": rows[:, 1]})
    frame.write_csv(path) if name.endswith("csv") else frame.write_parquet(path)
    with pytest.raises(BadInput, match=r"'t': integers above 2\^53 lose their last digits"):
        read_points(path)
