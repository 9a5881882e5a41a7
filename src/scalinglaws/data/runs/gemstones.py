"""The Gemstones of McLeish et al. 2025 (arXiv:2502.06857): runs of many widths and depths, and the
law their authors fitted to eight subsets of them at two deltas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scalinglaws.data.runs.joint import Runs
from scalinglaws.data.runs.tables import Record, RunTable, positive, records

ORIGIN = "github.com/mcleish7/gemstone-scaling-laws, wandb_dfs/"
SUBSETS = (
    "cool_begin",
    "cool_end",
    "hot",
    "hot_100b+",
    "hot_120b+_only",
    "lr_ablation_hot",
    "slim_chinchilla",
    "hot_sampled_like_chinchilla",
)
TABLES = {
    subset: RunTable(
        path=f"gemstones/{subset}.jsonl",
        origin=ORIGIN,
        columns=("params_active_precise", "tokens", "final_loss"),
    )
    for subset in SUBSETS
}
PUBLISHED = RunTable(
    path="gemstones/published_vs_refit.csv",
    origin="github.com/mcleish7/gemstone-scaling-laws, the fits of its approach 3 as one table",
    columns=(
        *("subset", "delta", "n", "pub_obj"),
        *("pub_E", "pub_logA", "pub_alpha", "pub_logB", "pub_beta"),
    ),
)


@dataclass(frozen=True)
class PublishedFit:
    """The authors' optimum: n runs, the objective sum rho, and the law: E, log_A, alpha, log_B,
    beta, each as printed."""

    n: int
    objective: str
    law: Mapping[str, str]


def load(subset: str, sha256: str) -> Runs:
    """The runs of a subset. Raises BadInput."""
    table = TABLES[subset]
    rows = records(table, sha256)
    N, D, L = (positive(table, rows, column) for column in table.columns)
    return Runs(N, D, L)


def published(sha256: str) -> dict[tuple[str, float], PublishedFit]:
    """The authors' fits by subset and delta. Raises BadInput."""
    rows = records(PUBLISHED, sha256)
    delta = positive(PUBLISHED, rows, "delta")
    n = positive(PUBLISHED, rows, "n")
    return {
        (str(row["subset"]), delta[i].item()): PublishedFit(
            int(n[i]), str(row["pub_obj"]), _law(row)
        )
        for i, row in enumerate(rows)
    }


def _law(row: Record) -> dict[str, str]:
    names = {"E": "E", "log_A": "logA", "alpha": "alpha", "log_B": "logB", "beta": "beta"}
    return {name: str(row[f"pub_{column}"]) for name, column in names.items()}
