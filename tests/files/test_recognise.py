"""What a path is, by its content; what could be two things is refused with both named."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.files.derive import derivation
from scalinglaws.files.folders import files_below
from scalinglaws.files.recognise import read_any, recognise
from scalinglaws.files.runs import RunLoss

STEPS = "name,step,N,loss\na,1,10,5\na,2,10,4\nb,1,20,3\nb,2,20,3.5\n"


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    path.write_text(STEPS)
    return path


def test_a_plain_table_is_read_as_it_stands(steps):
    assert read_any(steps, ["N", "loss"], y="loss").columns["loss"].tolist() == [5, 4, 3, 3.5]


def test_a_table_of_steps_is_one_where_the_user_names_the_run(steps):
    table = read_any(
        steps, ["N", "loss"], y="loss", how=RunLoss.BEST, renamed={"run": "name"}, labels=["name"]
    )
    assert table.columns["N"].tolist() == [10, 20]
    assert table.columns["loss"].tolist() == [4, 3]
    assert table.labels["name"].tolist() == ["a", "b"]
    with pytest.raises(BadInput, match="2 of 2 runs have several losses"):
        read_any(steps, ["N", "loss"], y="loss", renamed={"run": "name"})
    with pytest.raises(BadInput, match="needs the column that names a row's run: --map run="):
        read_any(steps, ["N", "loss"], y="loss", how=RunLoss.LAST)
    steps.write_text(STEPS.replace("name", "run"))
    with pytest.raises(BadInput, match="several losses"):
        read_any(steps, ["N", "loss"], y="loss")


def test_a_number_that_tells_seeds_apart_makes_no_table_of_steps(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("run,N,loss\n0,10,5\n1,10,4\n0,20,3\n")
    assert read_any(path, ["N"], y="loss").columns["N"].tolist() == [10, 10, 20]


def test_a_loss_that_is_not_finite_is_allowed_where_runs_have_steps(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("run,step,N,loss\na,1,10,5\na,2,10,nan\nb,1,20,3\nb,2,20,4\n")
    table = read_any(path, ["N", "loss"], y="loss", how=RunLoss.LAST)
    assert table.columns["N"].tolist() == [20]
    path.write_text("run,step,N,loss\na,1,inf,5\na,2,inf,6\nb,1,20,3\nb,2,20,4\n")
    with pytest.raises(BadInput, match="run 'a': column 'D' is NaN or infinite"):
        read_any(path, ["D", "loss"], y="loss", how=RunLoss.LAST, derived=[derivation("D", "1/N")])


def sqlite(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("CREATE TABLE t (a)")
    return path


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.parquet", "events.out.tfevents.1"])
def test_a_name_and_a_content_that_disagree_are_both_told(tmp_path, name):
    with pytest.raises(BadInput, match="by its name, an SQLite database by its content"):
        recognise(sqlite(tmp_path / name))


def test_a_table_named_after_events_is_a_table(tmp_path):
    path = tmp_path / "tfevents_export.csv"
    path.write_text("N,loss\n1,2\n")
    assert recognise(path).names == ["N", "loss"]


def test_a_folder_of_two_trackers_names_both(tmp_path):
    (tmp_path / "events.out.tfevents.1").write_bytes(b"")
    (tmp_path / "h.jsonl").write_text('{"_step": 1}\n')
    sqlite(tmp_path / "m.db")
    with pytest.raises(BadInput, match=r"holds TensorBoard .*\(events.*histories .* and an MLflow"):
        recognise(tmp_path)


def test_what_is_nothing_known_says_what_is(tmp_path):
    (tmp_path / "t.xlsx").write_bytes(b"PK")
    for path in (tmp_path, tmp_path / "absent", tmp_path / "t.xlsx", Path("/dev/null")):
        with pytest.raises(BadInput, match=r"give a table .*W&B .*MLflow .*TensorBoard"):
            recognise(path)


def test_an_unknown_column_lists_those_of_the_table(steps):
    with pytest.raises(UnknownName, match="did you mean 'loss'"):
        read_any(steps, ["lss"], y="lss")


def test_hostile_and_many_names_are_shown_escaped_and_counted(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(",".join(["bad\x1b[31m", *(f"c{i}" for i in range(200))]) + "\n")
    with pytest.raises(UnknownName, match=r"known: .*'?bad\\x1b\[31m.* and 171 more") as refused:
        read_any(path, ["bad"], y="bad")
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 1000


def test_each_folder_is_entered_once_and_files_come_in_order(tmp_path):
    for name in ("b/2", "b/1", "a/3", "skip/4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    found = [f.relative_to(tmp_path).as_posix() for f in files_below(tmp_path, frozenset({"skip"}))]
    assert found == ["a/3", "b/1", "b/2"]
