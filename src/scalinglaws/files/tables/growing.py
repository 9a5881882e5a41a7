"""Columns that grow row by row of text."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool
from numpy import ndarray

from scalinglaws.errors import BadInput
from scalinglaws.files.cells import Labels, number, texts
from scalinglaws.files.refusal import COUNTED
from scalinglaws.files.table import Table


class Growing:
    """Numbers and labels of a table of text; `add` takes the cells of one row."""

    def __init__(
        self, path: Path, at: Mapping[str, int], numbers: Collection[str], labels: Collection[str]
    ):
        """at: where each name stands in a row."""
        self._path, self._at, self._known = path, at, Labels()
        self._numbers = {name: array("d") for name in numbers}
        self._labels: dict[str, list[str]] = {name: [] for name in labels}

    def add(self, place: int, row: Sequence[str]) -> None:
        """Raises BadInput that names the row and column of a cell that cannot be taken."""
        name = ""
        try:
            for name, column in self._numbers.items():
                column.append(number(row[self._at[name]]))
            for name, words in self._labels.items():
                words.append(self._known[row[self._at[name]]])
        except BadInput as error:
            raise BadInput(
                f"{self._path}, row {place}, column {name!r}: {error} {COUNTED}"
            ) from None

    def table(self, repeated: Bool[ndarray, " n"]) -> Table:
        """What was added."""
        return Table(
            {name: np.array(column) for name, column in self._numbers.items()},
            repeated,
            labels={name: texts(words) for name, words in self._labels.items()},
        )
