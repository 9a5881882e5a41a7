"""The runs of Hoffmann et al. 2022 (arXiv:2203.15556), read off their figure 4.

Besiroglu et al. 2024 (arXiv:2404.10102) took 245 points from the figure's SVG.
"""

from __future__ import annotations

import numpy as np

from scalinglaws.data.runs.joint import Runs
from scalinglaws.data.runs.tables import RunTable, positive, records
from scalinglaws.errors import BadInput

TABLE = RunTable(
    path="chinchilla_epoch/svg_extracted_data.csv",
    origin="github.com/epoch-research/analyzing-chinchilla, data/",
    columns=("Model Size", "Training FLOP", "loss"),
)


def load(sha256: str) -> Runs:
    """All points, with D = C/(6N). Raises BadInput."""
    rows = records(TABLE, sha256)
    N, C, L = (positive(TABLE, rows, column) for column in TABLE.columns)
    return Runs(N, C / (6 * N), L)


def without_highest(runs: Runs, count: int) -> tuple[Runs, Runs]:
    """Without the `count` runs of highest loss, of equals the last; and those."""
    if count >= len(runs.L):
        raise BadInput(f"of {len(runs.L)} runs {count} cannot be dropped")
    order = np.argsort(runs.L, kind="stable")
    kept = np.sort(order[: len(order) - count])
    return runs.where(kept), runs.where(np.setdiff1d(order, kept))
