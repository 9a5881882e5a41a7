"""The model ladder of Bhagia et al. 2024 (arXiv:2412.04403): 16 small runs, two large ones, and the
forecasts their authors published for the largest.
"""

from __future__ import annotations

from dataclasses import dataclass

from scalinglaws.data.runs.joint import Runs
from scalinglaws.data.runs.tables import RunTable, positive, records
from scalinglaws.errors import BadInput

ORIGIN = "github.com/allenai/OLMo-ladder, src/scripts/paper/"
TASKS = {
    "c4_loss": "C4 loss",
    "mmlu_avg_test_bpb": "MMLU",
    "hellaswag_val_bpb": "HellaSwag",
    "arc_challenge_test_bpb": "ARC-Challenge",
    "arc_easy_test_bpb": "ARC-Easy",
    "piqa_val_bpb": "PIQA",
    "csqa_val_bpb": "CommonsenseQA",
    "socialiqa_val_bpb": "Social IQa",
    "openbookqa_test_bpb": "OpenBookQA",
}  # column -> title: a loss in nats, and eight tasks' bits per byte
POINTS = RunTable(
    path="olmo_ladder/ladder_final_points.csv",
    origin=ORIGIN + "data/ladder-runs/, the mean of the last 5 evaluations of each run",
    columns=("model", "mode", "params_nonembed", "tokens", *TASKS),
)
_COLUMNS = ("Task", "Actual", "Pred")
FORECASTS = RunTable("olmo_ladder/published_step1_main.csv", ORIGIN + "figures/", _COLUMNS)
C4_FORECASTS = RunTable("olmo_ladder/published_step1_c4_main.csv", ORIGIN + "figures/", _COLUMNS)
TABLES = (POINTS, FORECASTS, C4_FORECASTS)
LARGEST = "13B-5T"  # the run that was forecast


@dataclass(frozen=True)
class Target:
    """The training runs of one task, and the run forecast from them."""

    train: Runs
    N: float
    D: float
    actual: float


def load(task: str, sha256: str) -> Target:
    """The runs of a task. Raises BadInput."""
    rows = records(POINTS, sha256)
    train = [row for row in rows if row["mode"] == "train"]
    largest = [row for row in rows if row["model"] == LARGEST]
    if not train or len(largest) != 1:
        raise BadInput(f"{POINTS.path}: needs rows of mode train and one of model {LARGEST}")
    columns = ("params_nonembed", "tokens", task)
    N, D, L = (positive(POINTS, train, column) for column in columns)
    at = [positive(POINTS, largest, column).item() for column in columns]
    return Target(Runs(N, D, L), *at)


def forecast(task: str, sha256: str) -> float:
    """What the authors forecast for the largest run; sha256 of the file that says it."""
    table = C4_FORECASTS if task == "c4_loss" else FORECASTS
    rows = records(table, sha256)
    name = task.removesuffix("_bpb") + "_5shot"
    mine = [row for row in rows if task == "c4_loss" or row["Task"] == name]
    if not mine:
        raise BadInput(f"{table.path}: no row of task {name}")
    return positive(table, mine[:1], "Pred").item()
