"""The learning curves of Alabdulmohsin et al. 2022 (arXiv:2209.06640): a benchmark of forecasts.

92 curves; the rows of one are to be fitted and the rest forecast. Many rows repeat another: every
curve of language models has each of its rows four times.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.data.runs.tables import Record, RunTable, positive, records

TABLES = tuple(
    RunTable(
        path=f"revisiting_nsl/benchmark.{part}.csv",
        origin="github.com/google-research/google-research, revisiting_neural_scaling_laws/",
        columns=("Domain", "Task", "Model", "Seen Examples", "Loss", "Training"),
    )
    for part in ("vision", "lang")
)

Name = tuple[str, str, str]  # domain, task, model


@dataclass(frozen=True)
class Curve:
    """One learning curve: loss L after D examples, to fit and to forecast, without repeats."""

    domain: str
    task: str
    model: str
    D: Float[ndarray, " n"]
    L: Float[ndarray, " n"]
    D_ahead: Float[ndarray, " m"]
    L_ahead: Float[ndarray, " m"]
    repeats: int  # rows left out, equal to another in D, L and what they are for

    @property
    def horizon(self) -> float:
        """How many times farther than the fitted rows the farthest forecast lies."""
        return float(self.D_ahead.max() / self.D.max())


def load(*sha256: str) -> list[Curve]:
    """The curves in the order of their names; a checksum for each of TABLES. Raises BadInput."""
    found: dict[Name, Curve] = {}
    for table, digest in zip(TABLES, sha256, strict=True):
        groups: defaultdict[Name, list[Record]] = defaultdict(list)
        for row in records(table, digest):
            groups[str(row["Domain"]), str(row["Task"]), str(row["Model"])].append(row)
        found |= {name: _curve(table, name, rows) for name, rows in groups.items()}
    return [found[name] for name in sorted(found)]


def _curve(table: RunTable, name: Name, rows: list[Record]) -> Curve:
    all_D, all_L = (positive(table, rows, column) for column in ("Seen Examples", "Loss"))
    ahead = np.array([str(row["Training"]) == "0" for row in rows], dtype=float)
    distinct = np.unique(np.stack([ahead, all_D, all_L]), axis=1)
    fitted, forecast = (distinct[1:, distinct[0] == which] for which in (0, 1))
    return Curve(*name, *fitted, *forecast, repeats=len(rows) - distinct.shape[1])
