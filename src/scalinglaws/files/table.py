"""Columns of a user's runs: numbers, and text that names or groups them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Bool, Float, Shaped
from numpy import ndarray

from scalinglaws.errors import BadInput

Column = Float[ndarray, " n"]
Label = Shaped[ndarray, " n"]  # of str objects, equal ones shared


@dataclass(frozen=True)
class Table:
    """Columns of numbers; `repeated` marks rows that equal an earlier one in every cell
    of the file, asked for or not, but for the `uncompared` columns.

    labels: columns of text, none of it empty. notes: what to know about rows left out.
    """

    columns: dict[str, Column]
    repeated: Bool[ndarray, " n"]
    uncompared: tuple[str, ...] = ()  # nested columns of a Parquet file
    labels: dict[str, Label] = field(default_factory=dict[str, Label])
    notes: tuple[str, ...] = ()

    def where(self, kept: Shaped[ndarray, " m"]) -> Table:
        """The table with these rows only, in this order if they are given by their index."""
        return replace(
            self,
            columns={name: values[kept] for name, values in self.columns.items()},
            labels={name: values[kept] for name, values in self.labels.items()},
            repeated=self.repeated[kept],
        )

    def noted(self, *notes: str) -> Table:
        """The table with more to know about it."""
        return replace(self, notes=(*self.notes, *notes))


def drop_top(table: Table, y: str, count: int) -> tuple[Table, Table]:
    """The table without its `count` rows of highest y, and those rows; of equals the last go."""
    n = len(table.repeated)
    if count >= n:
        raise BadInput(f"--drop-top {count}: the table has {n} rows; drop fewer")
    kept = np.zeros(n, dtype=bool)
    kept[np.argsort(table.columns[y], kind="stable")[: n - count]] = True
    return table.where(kept), table.where(~kept)
