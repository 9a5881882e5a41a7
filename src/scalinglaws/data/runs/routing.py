"""Dense and routed language models of Clark et al. 2022 (arXiv:2202.01169): 223 runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped
from numpy import ndarray

from scalinglaws.data.runs.tables import Record, RunTable, counts, positive, records

ROUTERS = ("S-Base", "RL-R", "Hash")
DENSE = "Dense"
TABLE = RunTable(
    path="routing/curves.csv.gz",
    origin="github.com/google-deepmind/scaling_laws_for_routing, data/",
    columns=(
        *("hyper_id", "step", "router_type", "num_experts", "dense_parameter_count"),
        *("k", "routing_frequency", "seed", "model_size_label", "loss_validation"),
    ),
)


@dataclass(frozen=True)
class RoutedRuns:
    """Runs at their last step. N: parameters that one token sees; E: experts of a routed layer;
    k: experts that a token is sent to; frequency: share of layers that are routed."""

    N: Float[ndarray, " n"]
    E: Float[ndarray, " n"]
    L: Float[ndarray, " n"]
    k: Float[ndarray, " n"]
    frequency: Float[ndarray, " n"]
    seed: Int[ndarray, " n"]
    router: Shaped[ndarray, " n"]
    size: Shaped[ndarray, " n"]

    def where(self, kept: Bool[ndarray, " n"]) -> RoutedRuns:
        return RoutedRuns(*(column[kept] for column in vars(self).values()))


def load(sha256: str) -> RoutedRuns:
    """Every run at its last step, by its validation loss. Raises BadInput."""
    rows = records(TABLE, sha256)
    last: dict[str, tuple[float, Record]] = {}
    for row, step in zip(rows, counts(TABLE, rows, "step").tolist(), strict=True):
        run = str(row["hyper_id"])
        if run not in last or step > last[run][0]:
            last[run] = step, row
    ends = [row for _, row in last.values()]
    N, E, L, k, frequency, seed = (
        positive(TABLE, ends, column)
        for column in (
            *("dense_parameter_count", "num_experts", "loss_validation"),
            *("k", "routing_frequency", "seed"),
        )
    )
    router, size = (
        np.array([str(row[column]) for row in ends])
        for column in ("router_type", "model_size_label")
    )
    return RoutedRuns(N, E, L, k, frequency, seed.astype(int), router, size)
