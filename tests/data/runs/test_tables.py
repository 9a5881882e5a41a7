"""Published tables of runs: found, named by their checksum, checked row by row."""

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from scalinglaws.data.runs import chinchilla, gemstones, nsl, olmo, routing
from scalinglaws.data.runs.joint import Runs
from scalinglaws.data.runs.tables import RunTable, absent, checksum, find, positive, records
from scalinglaws.errors import BadInput

TABLE = RunTable("somewhere/runs.csv", "example.org", ("N", "loss"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty `laws` folder, and nothing else to look in."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SCALINGLAWS_DATA", str(tmp_path))
    monkeypatch.delenv("SCALINGLAWS_LAWS_DATA", raising=False)
    return tmp_path / "laws"


def put(folder: Path, table: RunTable, text: str) -> str:
    """The table with this text; its checksum."""
    path = folder / table.path
    path.parent.mkdir(parents=True, exist_ok=True)
    content = gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode()
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def test_a_table_is_found_in_the_data_folder_and_first_in_the_laws_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert find(TABLE) is None
    put(folder, TABLE, "N,loss\n1,2\n")
    assert find(TABLE) == folder / TABLE.path
    monkeypatch.setenv("SCALINGLAWS_LAWS_DATA", str(tmp_path / "other"))
    assert find(TABLE) == folder / TABLE.path
    digest = put(tmp_path / "other", TABLE, "N,loss\n1,3\n")
    assert find(TABLE) == tmp_path / "other" / TABLE.path
    assert checksum(TABLE) == digest


def test_what_is_absent_is_said_in_the_same_words_on_every_machine(folder: Path):
    said = absent(TABLE, chinchilla.TABLE)
    assert "laws/somewhere/runs.csv and 1 more not found" in said
    assert "--data" in said
    assert "SCALINGLAWS_LAWS_DATA" in said
    assert str(folder.parent) not in said
    put(folder, TABLE, "N,loss\n1,2\n")
    assert absent(TABLE) == ""
    with pytest.raises(BadInput, match=r"svg_extracted_data\.csv not found"):
        checksum(chinchilla.TABLE)


def test_a_file_that_is_not_the_one_meant_is_refused(folder: Path):
    digest = put(folder, TABLE, "N,loss\n1,2\n")
    assert [dict(row) for row in records(TABLE, digest)] == [{"N": "1", "loss": "2"}]
    put(folder, TABLE, "N,loss\n1,3\n")
    with pytest.raises(BadInput, match="has changed"):
        records(TABLE, digest)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no rows"),
        ("N,loss\n", "no rows"),
        ("N,lost\n1,2\n", "row 1 has no loss"),
        ("N,loss\n1,2\n3\n", "row 2 has no loss"),
        ('N,loss\n"1,2\n', "no table"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(folder: Path, text: str, said: str):
    digest = put(folder, TABLE, text)
    with pytest.raises(BadInput, match=said):
        records(TABLE, digest)


@pytest.mark.parametrize("value", ["", "two", "0", "-1", "nan", "inf"])
def test_a_number_without_a_logarithm_is_refused_by_its_row(folder: Path, value: str):
    rows = records(TABLE, put(folder, TABLE, f"N,loss\n1,2\n2,{value}\n"))
    assert positive(TABLE, rows, "N").tolist() == [1, 2]
    with pytest.raises(BadInput, match="row 2: loss must be a positive number"):
        positive(TABLE, rows, "loss")


def test_broken_json_lines_and_broken_archives_are_refused(folder: Path):
    lines = RunTable("runs.jsonl", "example.org", ("N",))
    for text, said in (("{\n", "line 1 is no JSON"), ('{"N":1}\n[2]\n', "line 2 is no JSON obj")):
        with pytest.raises(BadInput, match=said):
            records(lines, put(folder, lines, text))
    path = folder / routing.TABLE.path
    put(folder, routing.TABLE, "hyper_id\n")
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(BadInput, match="cannot be read"):
        records(routing.TABLE, checksum(routing.TABLE))


def test_chinchilla_has_D_by_6ND_and_loses_the_highest_losses(folder: Path):
    header = "Model Size,Training FLOP,loss\n"
    digest = put(folder, chinchilla.TABLE, header + "10,600,3\n20,1200,5\n30,180,4\n40,240,5\n")
    runs = chinchilla.load(digest)
    assert runs.D.tolist() == [10, 10, 1, 1]
    kept, dropped = chinchilla.without_highest(runs, 1)
    assert (kept.N.tolist(), dropped.N.tolist()) == ([10, 20, 30], [40])  # of equals the last
    kept, dropped = chinchilla.without_highest(runs, 0)
    assert (len(kept.N), len(dropped.N)) == (4, 0)
    with pytest.raises(BadInput, match="of 4 runs 4"):
        chinchilla.without_highest(runs, 4)


def test_the_ladder_is_what_is_marked_so_and_the_target_is_13b(folder: Path):
    header = ",".join(olmo.POINTS.columns) + "\n"
    values = ",".join("1.5" for _ in olmo.TASKS)
    small, large = f"190M,train,1e8,1e9,{values}\n", f"13B-5T,eval,1e10,5e12,{values}\n"
    digest = put(folder, olmo.POINTS, header + small + f"7B-4T,eval,7e9,4e12,{values}\n" + large)
    target = olmo.load("c4_loss", digest)
    assert target.train.columns["N"].tolist() == [1e8]
    assert (target.N, target.D, target.actual) == (1e10, 5e12, 1.5)
    with pytest.raises(BadInput, match="one of model 13B-5T"):
        olmo.load("c4_loss", put(folder, olmo.POINTS, header + small))
    digest = put(folder, olmo.FORECASTS, "Task,Actual,Pred\ncsqa_val_5shot,1,0.5\n")
    assert olmo.forecast("csqa_val_bpb", digest) == 0.5
    with pytest.raises(BadInput, match="no row of task piqa_val"):
        olmo.forecast("piqa_val_bpb", digest)


def test_a_routed_run_counts_at_its_last_step(folder: Path):
    lines = [",".join(routing.TABLE.columns)]
    for step, loss in ((0, 11), (20, 2), (10, 3)):
        lines.append(f"7,{step},Hash,8,1e7,1,0.5,42,15M,{loss}")
    runs = routing.load(put(folder, routing.TABLE, "\n".join(lines)))
    assert (runs.L.tolist(), runs.E.tolist(), runs.router.tolist()) == ([2], [8], ["Hash"])
    assert len(runs.where(runs.E > 8).L) == 0


def test_a_curve_of_the_benchmark_has_no_row_twice(folder: Path):
    header = ",".join(nsl.TABLES[0].columns) + "\n"
    rows = "LM,loss,big,1,3.0,1\nLM,loss,big,2,2.5,1\nLM,loss,big,4,2.2,0\n"
    digests = (
        put(folder, nsl.TABLES[0], header + "IC,bird,x,1,1,1\nIC,bird,x,2,1,0\n"),
        put(folder, nsl.TABLES[1], header + 4 * rows),
    )
    image, language = nsl.load(*digests)
    assert (image.domain, language.domain) == ("IC", "LM")
    assert (language.repeats, image.repeats) == (9, 0)
    assert (language.D.tolist(), language.L.tolist()) == ([1, 2], [3, 2.5])
    assert (language.L_ahead.tolist(), language.horizon) == ([2.2], 2.0)


@pytest.mark.parametrize("subset", gemstones.SUBSETS)
def test_the_published_tables_are_what_the_experiments_take_them_for(subset: str):
    tables = gemstones.TABLES[subset], gemstones.PUBLISHED
    if why := absent(*tables):
        pytest.skip(why)
    runs = gemstones.load(subset, checksum(tables[0]))
    published = gemstones.published(checksum(tables[1]))
    assert {published[subset, delta].n for delta in (1e-3, 1e-4)} == {len(runs.L)}


def test_runs_keep_their_rows_together():
    runs = Runs(*np.arange(1, 10).reshape(3, 3).astype(float))
    assert runs.where(np.array([True, False, True])).columns["loss"].tolist() == [7, 9]
