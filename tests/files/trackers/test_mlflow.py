"""MLflow's stores, in one file and as a folder: the same runs give the same table."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.files.recognise import read_any, recognise
from scalinglaws.files.runs import RunLoss
from scalinglaws.files.table import Table

# The columns of MLflow 3's tables that are read, and some that are not.
SCHEMA = """
CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name VARCHAR(256) NOT NULL,
  artifact_location VARCHAR(256), lifecycle_stage VARCHAR(32));
CREATE TABLE runs (run_uuid VARCHAR(32) PRIMARY KEY, name VARCHAR(250), status VARCHAR(9),
  start_time BIGINT, lifecycle_stage VARCHAR(20), experiment_id INTEGER);
CREATE TABLE metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL,
  run_uuid VARCHAR(32) NOT NULL, step BIGINT DEFAULT '0' NOT NULL, is_nan BOOLEAN DEFAULT '0');
CREATE TABLE params (key VARCHAR(250) NOT NULL, value VARCHAR(8000) NOT NULL,
  run_uuid VARCHAR(32) NOT NULL);
"""
RUNS = {"id0": ("one", "1", 1e6), "id1": ("two", "1", 1e7), "id2": ("two", "2", 1e8)}
LOSSES = {0: 5.0, 10: 4.0, 20: 4.5}
DELETED = "gone"


def database(folder: Path) -> Path:
    path = folder / "odd näme?#%.db"
    with closing(sqlite3.connect(path)) as store, store:
        store.executescript(SCHEMA)
        store.executemany(
            "INSERT INTO experiments VALUES (?, ?, '', 'active')", [(1, "sweep"), (2, "b")]
        )
        for i, (uuid, (name, experiment, N)) in enumerate(RUNS.items()):
            store.execute(
                "INSERT INTO runs VALUES (?, ?, '', 0, 'active', ?)", (uuid, name, experiment)
            )
            params = {"n_params": f"{N:.0f}", "opt": "adam", "lr": "3e-4", "size": f"{i}B"}
            rows = [(key, value, uuid) for key, value in params.items()]
            store.executemany("INSERT INTO params VALUES (?, ?, ?)", rows)
            logged = [("train/loss", loss + i, step) for step, loss in LOSSES.items()]
            logged += [("tokens", 100 * step, step) for step in LOSSES]
            logged += [("lr", 0.5, 0)]
            rows = [(key, value, step, uuid, step) for key, value, step in logged]
            store.executemany("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, 0)", rows)
        store.execute("INSERT INTO runs VALUES (?, 'x', '', 0, 'deleted', 1)", (DELETED,))
        store.execute("INSERT INTO metrics VALUES ('train/loss', 1, 0, ?, 0, 0)", (DELETED,))
    return path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def folder_store(root: Path) -> Path:
    store = root / "mlruns"
    for experiment, name in (("1", "sweep"), ("2", "b")):
        write(store / experiment / "meta.yaml", f"artifact_location: x\nname: '{name}'\n")
    for i, (uuid, (name, experiment, N)) in enumerate(RUNS.items()):
        run = store / experiment / uuid
        write(run / "meta.yaml", f"lifecycle_stage: active\nrun_name: {name}\n")
        for key, value in {
            "n_params": f"{N:.0f}",
            "opt": "adam",
            "lr": "3e-4",
            "size": f"{i}B",
        }.items():
            write(run / "params" / key, value)
        loss = "".join(f"{step} {loss + i} {step}\n" for step, loss in LOSSES.items())
        write(run / "metrics" / "train" / "loss", loss)
        write(run / "metrics" / "tokens", "".join(f"{s} {100 * s} {s}\n" for s in LOSSES))
        write(run / "metrics" / "lr", "0 0.5 0\n")
        write(run / "artifacts" / "events.out.tfevents.1", "another tracker's")
    gone = store / "1" / DELETED
    write(gone / "meta.yaml", "lifecycle_stage: deleted\n")
    write(gone / "metrics" / "train" / "loss", "0 1 0\n")
    return store


@pytest.fixture(params=[database, folder_store])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return request.param(tmp_path)


def read(path: Path, how: RunLoss | None, **more) -> Table:
    names = {"N": "n_params", "D": "tokens", "loss": "train/loss"}
    return read_any(path, ["N", "D", "loss"], y="loss", how=how, renamed=names, **more)


def test_metrics_and_parameters_make_one_row_per_run(store):
    table = read(store, RunLoss.BEST, labels=["opt", "experiment"])
    assert table.labels["run"].tolist() == ["one", "two (id1)", "two (id2)"]
    assert table.labels["experiment"].tolist() == ["sweep", "sweep", "b"]
    assert table.labels["opt"].tolist() == ["adam"] * 3
    assert table.columns["N"].tolist() == [1e6, 1e7, 1e8]
    assert table.columns["D"].tolist() == [1000] * 3
    assert table.columns["loss"].tolist() == [4, 5, 6]
    assert any("2 experiments are taken together: 'sweep', 'b'" in note for note in table.notes)
    with pytest.raises(BadInput, match="3 of 3 runs have several losses"):
        read(store, None)


def test_a_name_that_means_two_things_is_told_apart(store):
    assert {"metrics.lr", "params.lr"} < {*recognise(store).names}
    table = read_any(store, ["metrics.lr", "params.lr"], y="metrics.lr")
    assert table.columns["metrics.lr"].tolist() == [0.5] * 3
    assert table.columns["params.lr"].tolist() == [3e-4] * 3
    with pytest.raises(UnknownName, match="unknown column 'lr'"):
        read_any(store, ["lr"], y="lr")


def test_a_parameter_of_text_is_no_number_and_names_its_run(store):
    with pytest.raises(BadInput, match="run 'one', 'size': '0B' is not a number"):
        read_any(store, ["size", "train/loss"], y="train/loss", how=RunLoss.LAST)


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as store, store:
        for statement in statements:
            store.execute(statement)


def test_nan_and_infinity_are_read_as_mlflow_stores_them(tmp_path):
    path = database(tmp_path)
    change(
        path,
        "INSERT INTO metrics VALUES ('train/loss', 0, 30, 'id0', 30, 1)",
        "INSERT INTO metrics VALUES ('train/loss', 1.7976931348623157e308, 30, 'id1', 30, 0)",
        "INSERT INTO metrics SELECT 'tokens', 9000, 30, run_uuid, 30, 0 FROM runs",
    )
    table = read(path, RunLoss.LAST)
    assert table.labels["run"].tolist() == ["two (id2)"]
    assert any("NaN or infinite: 'one', 'two (id1)'" in note for note in table.notes)


def test_a_run_without_the_parameter_is_left_out_and_named(tmp_path):
    path = database(tmp_path)
    change(path, "DELETE FROM params WHERE run_uuid = 'id0' AND key = 'n_params'")
    table = read(path, RunLoss.LAST)
    assert table.columns["N"].tolist() == [1e7, 1e8]
    assert "left out, for they lack a column asked for: 'one'" in table.notes


def test_reading_leaves_no_trace_and_needs_no_right_to_write(tmp_path):
    path = database(tmp_path)
    before = path.read_bytes()
    path.chmod(0o444)
    read(path, RunLoss.LAST)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


HOSTILE = {
    "cut": (lambda content: content[: len(content) // 2], "malformed|not an MLflow"),
    "a page of noise": (lambda c: c[:4096] + os.urandom(4096) + c[8192:], "not an MLflow store"),
    "header only": (lambda content: content[:100], "not an MLflow store"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_damaged_database_is_refused(tmp_path, case):
    damage, match = HOSTILE[case]
    path = database(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(BadInput, match=match):
        read(path, RunLoss.LAST)


def test_another_database_and_a_view_that_never_ends_are_refused(tmp_path):
    path = tmp_path / "x.db"
    change(path, "CREATE TABLE t (a)")
    with pytest.raises(BadInput, match="without MLflow's table experiments"):
        recognise(path)
    path = database(tmp_path)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    change(
        path,
        "DROP TABLE params",
        f"CREATE VIEW params AS {endless} SELECT i AS key, i AS value, i AS run_uuid FROM n",
    )
    with pytest.raises(BadInput, match="without MLflow's"):
        recognise(path)


def test_values_of_the_wrong_type_and_steps_beyond_float64_are_refused(tmp_path):
    path = database(tmp_path)
    change(path, "UPDATE metrics SET value = 'x' WHERE key = 'train/loss'")
    with pytest.raises(BadInput, match="not an MLflow store"):
        read(path, RunLoss.LAST)
    path.unlink()
    change(database(tmp_path), "UPDATE metrics SET step = 4611686018427387905 WHERE step = 20")
    with pytest.raises(BadInput, match="cannot order steps"):
        read(path, RunLoss.LAST)


@pytest.mark.parametrize("line", ["1 2", "x", "1 a 3", "1 2_0 3", "1 2 3 4"])
def test_a_damaged_metric_file_is_refused_by_row(tmp_path, line):
    store = folder_store(tmp_path)
    metric = store / "1" / "id0" / "metrics" / "tokens"
    metric.write_text(f"1 2 3\n{line}\n" if line != "1 2" else "1 2 3\n\n")
    with pytest.raises(BadInput, match="tokens, row 2: "):
        read(store, RunLoss.LAST)


def test_links_that_go_round_end(tmp_path):
    store = folder_store(tmp_path)
    (store / "1" / "id0" / "metrics" / "round").symlink_to(store)
    (store / "round").symlink_to(store)
    assert len(read(store / "1", RunLoss.LAST).labels["run"]) == 2
