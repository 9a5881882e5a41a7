"""Exports of Weights & Biases: the table of runs, a chart, a history."""

import json
from pathlib import Path

import pytest

from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.files.derive import derivation
from scalinglaws.files.recognise import read_any, recognise
from scalinglaws.files.runs import RunLoss
from scalinglaws.files.source import Rows

RUNS = """"Name","State","Notes","User","Tags","Created","Runtime","n_params","loss","optimiser"
"small","finished","-","me","","2024-01-01T00:00:00.000Z","100","1000000","4.5","adam"
"large","crashed","-","me","","2024-01-01T00:00:00.000Z","90","10000000","3.5","adam"
"early","failed","-","me","","2024-01-01T00:00:00.000Z","1","100000000","","sgd"
"small","finished","-","me","","2024-01-01T00:00:00.000Z","100","1000000","4.5","adam"
"""


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    path = tmp_path / "wandb_export_2024-01-01T10_00_00.000+00_00.csv"
    path.write_text(RUNS)
    return path


def test_a_table_of_runs_leaves_out_runs_without_the_loss_and_says_so(runs):
    table = read_any(
        runs, ["N", "loss"], y="loss", labels=["run", "optimiser"], renamed={"N": "n_params"}
    )
    assert table.columns["N"].tolist() == [1e6, 1e7, 1e6]
    assert table.labels["run"].tolist() == ["small", "large", "small"]
    assert not table.repeated.any()  # equal rows are two runs
    assert table.notes == (
        "left out, for a column asked for is empty, NaN or infinite: 'early'",
        "used, though not finished: 1 'crashed'",
    )


def test_a_table_of_runs_that_all_lack_the_loss_is_refused(runs):
    runs.write_text(RUNS.replace('"3.5"', '""').replace('"4.5"', '""'))
    with pytest.raises(BadInput, match="no run has 'loss'"):
        read_any(runs, ["loss"], y="loss")


@pytest.mark.parametrize("gap", ["NaN", "Infinity", "-inf"])
def test_a_run_that_diverged_is_left_out_of_a_table_of_runs(runs, gap):
    runs.write_text(RUNS.replace('"3.5"', f'"{gap}"'))
    table = read_any(runs, ["loss"], y="loss")
    assert table.columns["loss"].tolist() == [4.5, 4.5]
    assert "'large', 'early'" in table.notes[0]


def test_a_choice_of_losses_changes_nothing_where_a_row_is_a_run(runs):
    table = read_any(runs, ["loss"], y="loss", how=RunLoss.BEST)
    assert table.columns["loss"].tolist() == [4.5, 3.5, 4.5]
    assert "changes nothing" in table.notes[-1]


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ('"3.5"', '"x"', "row 2, column 'loss': 'x' is not a number"),
        ('"3.5",', "", "row 2: 9 cells under a header of 10"),
    ],
)
def test_a_damaged_table_of_runs_is_refused(runs, old, new, match):
    runs.write_text(RUNS.replace(old, new))
    with pytest.raises(BadInput, match=match):
        read_any(runs, ["loss"], y="loss")


CHART = """"Step","a - b - train/loss","a - b - train/loss__MIN","a - b - train/loss__MAX",\
"c - train/loss","c - train/loss__MIN","c - train/loss__MAX"
"0","5","5","5","6","6","6"
"10","4","4","4","","",""
"20","","","","3","3","3"
"""


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    path = tmp_path / "chart.csv"
    path.write_text(CHART)
    return path


def test_a_chart_gives_a_row_per_run_and_step(chart):
    assert recognise(chart).names == ["run", "step", "train/loss"]
    table = read_any(
        chart,
        ["D", "train/loss"],
        y="train/loss",
        how=RunLoss.LAST,
        derived=[derivation("D", "512 * step")],
    )
    assert table.labels["run"].tolist() == ["a - b", "c"]
    assert table.columns["train/loss"].tolist() == [4, 3]
    assert table.columns["D"].tolist() == [5120, 10240]
    with pytest.raises(BadInput, match="several losses"):
        read_any(chart, ["train/loss"], y="train/loss")
    with pytest.raises(UnknownName, match="did you mean 'train/loss'"):
        read_any(chart, ["loss"], y="loss")


def test_a_chart_over_tokens_has_their_column(chart):
    chart.write_text(CHART.replace("Step", "tokens"))
    table = read_any(chart, ["tokens", "train/loss"], y="train/loss", how=RunLoss.BEST)
    assert table.columns["tokens"].tolist() == [10, 20]


def test_a_chart_of_one_run_may_leave_its_name_out(tmp_path):
    path = tmp_path / "big.csv"
    path.write_text("Step,loss,loss__MIN,loss__MAX\n1,5,5,5\n2,4,4,4\n")
    table = read_any(path, ["loss"], y="loss", how=RunLoss.LAST)
    assert (table.labels["run"].tolist(), table.columns["loss"].tolist()) == (["big"], [4])


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ('"4"', '"x"', "row 2, column 'a - b - train/loss': 'x' is not a number"),
        ('"10"', '""', "row 2, column 'Step': the cell is empty"),
        ('"20"', '"inf"', "cannot order steps"),
        ("\n", "\n1,2\n", "row 1: 2 cells under a header of 7"),
    ],
)
def test_a_damaged_chart_is_refused(chart, old, new, match):
    chart.write_text(CHART.replace(old, new))
    with pytest.raises(BadInput, match=match):
        read_any(chart, ["train/loss"], y="train/loss", how=RunLoss.LAST)


def lines(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def step(at: int, loss: object, **more: object) -> dict[str, object]:
    return {"_step": at, "_runtime": 0.1 * at, "_timestamp": 1.7e9, "loss": loss, **more}


def test_a_folder_of_histories_gives_a_row_per_file(tmp_path):
    for i in (1, 2):
        rows = [step(s, 5 / (s + i), N=10 * i, arch="gpt") for s in range(3)]
        lines(tmp_path / f"run{i}.jsonl", *rows, {"_step": 3, "eval": 1})
    (tmp_path / "log.jsonl").write_text("not json")
    table = read_any(tmp_path, ["N", "loss"], y="loss", how=RunLoss.LAST, labels=["arch"])
    assert table.labels["run"].tolist() == ["run1", "run2"]
    assert table.labels["arch"].tolist() == ["gpt", "gpt"]
    assert table.columns["N"].tolist() == [10, 20]
    assert table.columns["loss"].tolist() == [5 / 3, 5 / 4]


def test_histories_of_one_name_in_two_folders_are_two_runs(tmp_path):
    for i, name in enumerate(("a", "b")):
        (tmp_path / name).mkdir()
        lines(tmp_path / name / "history.jsonl", step(0, 3.0 + i))
    table = read_any(tmp_path, ["loss"], y="loss", how=RunLoss.LAST)
    assert table.columns["loss"].tolist() == [3, 4]
    named = ["history (a/history.jsonl)", "history (b/history.jsonl)"]
    assert table.labels["run"].tolist() == named


def test_a_history_of_several_runs_tells_them_apart_by_its_run(tmp_path):
    rows = [step(s, 9 - s - i, run=f"r{i}") for s in range(2) for i in range(2)]
    path = lines(tmp_path / "all.jsonl", *rows)
    assert recognise(path).rows is Rows.STEPS
    table = read_any(path, ["loss", "step"], y="loss", how=RunLoss.LAST)
    assert dict(zip(table.labels["run"], table.columns["loss"], strict=True)) == {"r0": 8, "r1": 7}


def test_what_json_has_no_number_for_is_read_as_it_is_written(tmp_path):
    path = lines(tmp_path / "h.jsonl", step(0, 3.0), step(1, "NaN"), step(2, None))
    assert read_any(path, ["loss"], y="loss", how=RunLoss.BEST).columns["loss"].tolist() == [3]
    with pytest.raises(BadInput, match="every run's loss is NaN or infinite"):
        read_any(path, ["loss"], y="loss", how=RunLoss.LAST)


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        ([step(0, "low", arch="a")], "row 1, 'loss': 'low' is not a number"),
        ([step(0, 1.0, arch="a"), {"loss": 2.0}], "row 2, '_step': it is missing"),
        ([step(0, 1.0, arch="a"), step(1, 1.0, arch="b")], "'a' and 'b' within one run"),
        ([step(0, 1.0, arch="\x1b[31m")], "control characters"),
        ([step(0, 1.0, step=3)], "rename it"),
    ],
)
def test_a_hostile_history_is_refused(tmp_path, rows, match):
    path = lines(tmp_path / "h.jsonl", *rows)
    with pytest.raises(BadInput, match=match):
        read_any(path, ["loss"], y="loss", how=RunLoss.LAST, labels=["arch"])


def test_a_history_cut_off_is_refused_by_row(tmp_path):
    path = lines(tmp_path / "h.jsonl", step(0, 1.0), step(1, 1.0))
    path.write_text(path.read_text()[:-20])
    with pytest.raises(BadInput, match="row 2: not one JSON object"):
        read_any(path, ["loss"], y="loss", how=RunLoss.LAST)
