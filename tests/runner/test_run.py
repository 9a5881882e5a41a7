"""A run computes what is missing, leaves its artefacts, and says where they came from."""

from __future__ import annotations

import os
import platform
import signal
import threading
import time
from pathlib import Path

import pytest

from scalinglaws import runner
from scalinglaws.errors import (
    BadInput,
    CellsFailed,
    Interrupted,
    StoreError,
    UnknownName,
)
from scalinglaws.report import load_result
from scalinglaws.result import Verdict

pytestmark = pytest.mark.usefixtures("experiment")


def started(path: Path) -> list[int]:
    return sorted(int(line.split()[0]) for line in (path / "log").read_text().splitlines())


def test_a_run_leaves_its_ledger_and_a_second_run_computes_nothing(tmp_path: Path):
    store = tmp_path / "store"
    result = runner.run("toy", store=store, workers=1, quiet=True)
    assert result.findings.claims[0].verdict is Verdict.AGREES
    assert (result.rows, result.failed) == (6, 0)
    folder = store / "toy" / "quick"
    assert runner.artifact_folder(result, store) == folder
    assert set(result.artifacts) == {"report.html", "rows.csv", "result.json"}
    assert all((folder / name).stat().st_size for name in result.artifacts)
    ledger, rows = load_result(folder)
    assert len(rows) == 6
    assert ledger.findings.claims[0].measured == result.findings.claims[0].measured
    again = runner.run("toy", store=store, workers=1, quiet=True)
    assert again.provenance.cells_s == result.provenance.cells_s
    assert again.findings == result.findings
    assert started(tmp_path) == [0, 1, 2]


def test_provenance_is_enough_to_run_it_again_and_names_no_machine(tmp_path: Path):
    made = runner.run(
        "toy", overrides={"seed": "5"}, store=tmp_path / "a b", workers=1, quiet=True
    ).provenance
    assert made.command == (
        f"scalinglaws run toy --budget quick --set seed=5 --store '{tmp_path}/a b'"
    )
    assert made.seeds == {"seed": (5,), "init_seeds": (0, 1, 2)}
    assert made.versions["python"] == platform.python_version()
    assert "numpy" in made.versions
    assert made.commit
    assert "cores" in made.machine
    assert platform.node() not in made.machine
    assert made.wall_s >= made.cells_s > 0
    assert made.started.endswith("+00:00")


def test_another_setting_has_a_folder_of_its_own(tmp_path: Path):
    store = tmp_path / "store"
    pure = runner.run("toy", "smoke", store=store, workers=1, quiet=True)
    before = (store / "toy" / "smoke" / "result.json").read_bytes()
    other = runner.run(
        "toy", "smoke", overrides={"init_seeds": "0,7"}, store=store, workers=1, quiet=True
    )
    assert (store / "toy" / "smoke" / "result.json").read_bytes() == before
    assert other.settings["init_seeds"] in ([0, 7], (0, 7))
    assert runner.artifact_folder(other, store).name.startswith("smoke+")
    assert (runner.artifact_folder(other, store) / "report.html").exists()
    # A setting replaced by the value it has is no other setting.
    same = runner.run("toy", "smoke", overrides={"seed": "0"}, store=store, workers=1, quiet=True)
    assert runner.artifact_folder(same, store) == runner.artifact_folder(pure, store)
    assert started(tmp_path) == [0, 7]


def test_failed_cells_are_told_once_the_others_are_reported(tmp_path: Path):
    store = tmp_path / "store"
    with pytest.raises(CellsFailed, match="1 cell: ValueError: seed 99 is") as caught:
        runner.run("toy", overrides={"do": "raise"}, store=store, workers=1, quiet=True)
    result = caught.value.result
    assert result is not None
    assert (result.rows, result.failed) == (6, 1)
    assert "failures" in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert (runner.artifact_folder(result, store) / "report.html").exists()


def test_an_interrupted_run_says_how_to_resume(tmp_path: Path):
    def interrupt() -> None:
        while not (tmp_path / "log").exists() or len(started(tmp_path)) < 4:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=interrupt)
    thread.start()
    overrides = {"do": "keep the interpreter's lock"}
    with pytest.raises(Interrupted, match="3 of 4 cells are stored") as caught:
        runner.run("toy", overrides=overrides, store=tmp_path / "s", workers=1, quiet=True)
    thread.join()
    assert "resume with: scalinglaws run toy" in str(caught.value)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize(
    ("error", "match", "arguments"),
    [
        (UnknownName, "experiment", {"name": "tou"}),
        (UnknownName, "budget 'paper'", {"budget": "paper"}),
        (UnknownName, "did you mean 'seed'", {"overrides": {"sed": "1"}}),
        (BadInput, "setting seed='x'", {"overrides": {"seed": "x"}}),
        (BadInput, "setting init_seeds='1,x'", {"overrides": {"init_seeds": "1,x"}}),
        (BadInput, "no setting 'device'", {"device": "cuda"}),
        (BadInput, "given twice", {"seed": 1, "overrides": {"seed": "2"}}),
        (BadInput, "at least 1", {"workers": 0}),
        (BadInput, "not a folder", {"data": "/no/such/folder"}),
        (BadInput, "tcp://HOST:PORT", {"executor": "dask"}),
        (UnknownName, "executor", {"executor": "slurm"}),
        (BadInput, "scheduler", {"scheduler": "tcp://localhost:1"}),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_touched(
    tmp_path: Path, error: type[Exception], match: str, arguments: dict[str, object]
):
    with pytest.raises(error, match=match):
        runner.run(**{"name": "toy", "store": tmp_path / "store", **arguments})
    assert list(tmp_path.iterdir()) == []


def test_the_data_folder_reaches_the_workers_and_only_this_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("SCALINGLAWS_DATA", raising=False)
    data = tmp_path / "data"
    data.mkdir()
    (data / "mark").write_text("found")
    overrides = {"do": "look for data"}
    result = runner.run(
        "toy", overrides=overrides, store=tmp_path / "s", data=data, workers=1, quiet=True
    )
    _, rows = load_result(runner.artifact_folder(result, tmp_path / "s"))
    assert [row["mark"] for row in rows if row["mark"]] == ["found"]
    assert "SCALINGLAWS_DATA" not in os.environ


@pytest.mark.parametrize(
    ("text", "value"), [("null", None), ("2.5", 2.5), ("3", 3.0), ("1e-3", 1e-3)]
)
def test_text_is_read_by_the_type_of_its_setting(tmp_path: Path, text: str, value: object):
    overrides = {"limit": text, "init_seeds": "(4,)", "seed": "1"}
    result = runner.run(
        "toy", "smoke", overrides=overrides, store=tmp_path / "s", workers=1, quiet=True
    )
    assert result.settings["limit"] == value
    assert list(result.settings["init_seeds"]) == [4]
    assert started(tmp_path) == [5]


def test_a_report_is_rebuilt_from_the_store_without_a_cell(tmp_path: Path):
    store = tmp_path / "store"
    result = runner.run("toy", store=store, workers=1, quiet=True)
    page = store / "toy" / "quick" / "report.html"
    page.unlink()
    again = runner.report("toy", store=store)
    assert page.exists()
    assert again.findings == result.findings
    assert again.provenance == result.provenance
    assert started(tmp_path) == [0, 1, 2]


def test_a_report_of_a_run_that_was_cut_short_shows_what_is_there(tmp_path: Path):
    store = tmp_path / "store"
    runner.run("toy", "smoke", store=store, workers=1, quiet=True)  # one of quick's three cells
    result = runner.report("toy", store=store)
    assert (result.rows, result.failed) == (2, 2)


def test_a_report_without_rows_says_what_to_run(tmp_path: Path):
    with pytest.raises(StoreError, match="run an experiment first"):
        runner.report("toy", store=tmp_path / "store")
    runner.run("toy", "smoke", overrides={"seed": 50}, store=tmp_path / "store", quiet=True)
    with pytest.raises(BadInput, match="first scalinglaws run toy --budget quick"):
        runner.report("toy", store=tmp_path / "store")


def test_a_report_is_rebuilt_from_a_ledger_alone(tmp_path: Path):
    result = runner.run("toy", store=tmp_path / "store", workers=1, quiet=True)
    ledger = tmp_path / "results" / "toy" / "quick"
    ledger.mkdir(parents=True)
    for name in ("rows.csv", "result.json"):
        (tmp_path / "store" / "toy" / "quick" / name).rename(ledger / name)
    for from_dir in (tmp_path / "results", ledger):
        again = runner.report("toy", from_dir=from_dir, store=tmp_path / "other")
        assert again.findings == result.findings
        assert again.provenance == result.provenance
    assert (tmp_path / "other" / "toy" / "quick" / "report.html").exists()
    assert sorted(path.name for path in ledger.iterdir()) == ["result.json", "rows.csv"]
    with pytest.raises(BadInput, match="result"):
        runner.report("toy", from_dir=tmp_path / "nothing")


def test_reproduce_takes_each_ledger_at_its_largest_complete_budget(tmp_path: Path):
    store = tmp_path / "store"
    for budget in ("smoke", "quick"):
        runner.run("toy", budget, store=store, workers=1, quiet=True)
    [result] = runner.reproduce(from_dir=store, store=tmp_path / "other")
    assert result.budget == "quick"
    ledger = store / "toy" / "quick" / "result.json"
    ledger.write_text(ledger.read_text().replace('"failed": 0', '"failed": 1'))
    [result] = runner.reproduce(from_dir=store, store=tmp_path / "other")
    assert result.budget == "smoke"
    assert (tmp_path / "other" / "REPLICATION.md").exists()
    with pytest.raises(BadInput, match="no ledger"):
        runner.reproduce(from_dir=tmp_path / "none", store=tmp_path / "other")


def test_reproduce_runs_every_experiment(tmp_path: Path):
    [result] = runner.reproduce(budget="smoke", store=tmp_path / "s", workers=1, quiet=True)
    assert result.rows == 2
    assert "mean of n" in (tmp_path / "s" / "REPLICATION.md").read_text()
