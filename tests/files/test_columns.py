"""Tables: what is read is exact, what cannot be read is named by row and column."""

import json
import math
from pathlib import Path

import numpy as np
import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.files.columns import drop_top, read_table
from scalinglaws.files.derive import derivation

ROWS = {"N": [1e6, 2e6, 4e6], "Model Size": [1.5, 2.5, 3.5], "note": ["a", "b,c", 'd "e"']}


@pytest.fixture(params=[".csv", ".tsv", ".jsonl", ".parquet"])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The same three rows in each format, a column of text among them."""
    frame, path = polars.DataFrame(ROWS), tmp_path / f"odd näme{request.param}"
    match request.param:
        case ".csv":
            frame.write_csv(path)
        case ".tsv":
            frame.write_csv(path, separator="\t")
        case ".jsonl":
            frame.write_ndjson(path)
        case _:
            frame.write_parquet(path)
    return path


def test_every_format_gives_the_same_columns(table: Path):
    read = read_table(table, ["N", "Model Size"])
    assert read.columns["N"].tolist() == ROWS["N"]
    assert read.columns["Model Size"].tolist() == ROWS["Model Size"]
    assert not read.repeated.any()


def test_columns_are_renamed_and_derived_in_order(table: Path):
    read = read_table(
        table,
        ["D"],
        renamed={"C": "Model Size"},
        derived=[derivation("half", "N / 2"), derivation("D", "C / (6*half)")],
    )
    expected = np.array(ROWS["Model Size"]) / (3 * np.array(ROWS["N"]))
    np.testing.assert_allclose(read.columns["D"], expected, rtol=1e-15)


def test_a_text_column_is_refused_only_when_it_is_asked_for(table: Path):
    with pytest.raises(BadInput, match="note"):
        read_table(table, ["N", "note"])


def test_an_unknown_column_gets_the_nearest_name(table: Path):
    with pytest.raises(UnknownName, match="did you mean 'Model Size'"):
        read_table(table, ["model size"])
    with pytest.raises(UnknownName, match="unknown column 'Size'"):
        read_table(table, ["N", "S"], renamed={"S": "Size"})
    with pytest.raises(UnknownName, match=f"{table.name}: unknown column 'M'"):
        read_table(table, ["D"], derived=[derivation("D", "N*M")])


def test_what_is_mapped_or_derived_is_checked_though_nothing_uses_it(table: Path):
    with pytest.raises(UnknownName, match="unknown column 'Nope'"):
        read_table(table, ["N"], renamed={"X": "Nope"})
    with pytest.raises(UnknownName, match="unknown column 'M'"):
        read_table(table, ["N"], derived=[derivation("D", "M*2")])
    assert read_table(table, ["N"], derived=[derivation("D", "N*2")]).columns.keys() == {"N"}


@pytest.mark.parametrize(
    ("formulas", "match"),
    [
        ({"D": "D+1"}, "uses itself"),
        ({"D": "E+N", "E": "D+N"}, "uses 'E', which is derived later"),
        ({"D": "E*N", "E": "2*N"}, "uses 'E', which is derived later"),
        ({"E": "2*N", "D": "E*D"}, "D=E\\*D: uses itself"),
    ],
)
@pytest.mark.parametrize("wanted", ["N", "D"])
def test_a_derived_column_may_not_use_itself_or_a_later_one(
    table: Path, formulas: dict[str, str], match: str, wanted: str
):
    derived = [derivation(*pair) for pair in formulas.items()]
    with pytest.raises(BadInput, match=match):
        read_table(table, [wanted], derived=derived)


def test_a_new_name_has_one_definition(table: Path):
    twice = derivation("D", "2*N")
    for renamed, derived in (({"D": "N"}, [twice]), ({}, [twice, derivation("D", "3*N")])):
        with pytest.raises(BadInput, match="define 'D' twice"):
            read_table(table, ["D"], renamed=renamed, derived=derived)


def test_a_new_name_must_not_hide_a_column(table: Path):
    with pytest.raises(BadInput, match="already a column"):
        read_table(table, ["N"], renamed={"N": "Model Size"})
    with pytest.raises(BadInput, match="already a column"):
        read_table(table, ["N"], derived=[derivation("N", "2*N")])


def test_labels_are_text_in_every_format(table: Path):
    read = read_table(table, ["N"], labels=["run", "note"], renamed={"run": "note"})
    assert read.labels["run"].tolist() == read.labels["note"].tolist() == ROWS["note"]
    assert read.where(read.columns["N"] > 1e6).labels["run"].tolist() == ROWS["note"][1:]
    with pytest.raises(UnknownName, match="unknown column 'arch'"):
        read_table(table, ["N"], labels=["arch"])
    with pytest.raises(BadInput, match="--derive M: a derived column holds numbers"):
        read_table(table, ["N"], labels=["M"], derived=[derivation("M", "2*N")])


def test_a_number_may_be_a_label(tmp_path: Path):
    path = tmp_path / "t.csv"
    path.write_text("seed,loss\n0,2\n1,3\n")
    assert read_table(path, ["seed"], labels=["seed"]).labels["seed"].tolist() == ["0", "1"]
    polars.read_csv(path).write_parquet(path.with_suffix(".parquet"))
    polars.read_csv(path).write_ndjson(path.with_suffix(".jsonl"))
    for suffix in (".parquet", ".jsonl"):
        read = read_table(path.with_suffix(suffix), ["loss"], labels=["seed"])
        assert read.labels["seed"].tolist() == ["0", "1"]


@pytest.mark.parametrize("empty", ["", "  ", None, "a\x1b[31m", "a\nb", "\x00"])
@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_label_that_is_empty_or_acts_on_a_terminal_names_its_row(
    tmp_path: Path, suffix: str, empty: str | None
):
    path = tmp_path / f"t{suffix}"
    frame = polars.DataFrame({"run": ["a", empty], "loss": [1.0, 2.0]})
    write = {".csv": frame.write_csv, ".jsonl": frame.write_ndjson, ".parquet": frame.write_parquet}
    write[suffix](path)
    with pytest.raises(BadInput, match=r"row 2, .*'run': .*(empty|no name|control characters)"):
        read_table(path, ["loss"], labels=["run"])


def test_nested_values_are_no_labels(tmp_path: Path):
    path = tmp_path / "t.parquet"
    polars.DataFrame({"run": [[1]], "loss": [1.0]}).write_parquet(path)
    with pytest.raises(BadInput, match="holds List"):
        read_table(path, ["loss"], labels=["run"])
    path = tmp_path / "t.jsonl"
    path.write_text('{"run": [1], "loss": 1}')
    with pytest.raises(BadInput, match="is no name"):
        read_table(path, ["loss"], labels=["run"])


def test_only_rows_equal_in_every_cell_are_repeated(tmp_path: Path):
    path = tmp_path / "t.csv"
    path.write_text("N,loss,seed\n1,2,0\n1,2,1\n1,2,0\n3,1,0\n1,2,0\n")
    assert read_table(path, ["N", "loss"]).repeated.tolist() == [False, False, True, False, True]
    same = path.with_suffix(".parquet")
    polars.read_csv(path).write_parquet(same)
    assert read_table(same, ["N", "loss"]).repeated.tolist() == [False, False, True, False, True]


def test_nested_columns_are_not_compared_and_named(tmp_path: Path):
    path = tmp_path / "t.parquet"
    polars.DataFrame({"N": [1, 1, 2], "log": [[1], [2], [3]]}).write_parquet(path)
    read = read_table(path, ["N"])
    assert read.repeated.tolist() == [False, True, False]
    assert read.where(~read.repeated).uncompared == read.uncompared == ("log",)


def test_drop_top_takes_the_highest_losses(tmp_path: Path):
    path = tmp_path / "t.csv"
    path.write_text("N,loss\n1,5\n2,9\n3,1\n4,9\n5,7\n")
    kept, dropped = drop_top(read_table(path, ["N", "loss"]), "loss", 2)
    assert kept.columns["N"].tolist() == [1, 3, 5]
    assert dropped.columns["N"].tolist() == [2, 4]
    with pytest.raises(BadInput, match="has 5 rows"):
        drop_top(read_table(path, ["N", "loss"]), "loss", 5)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
@settings(deadline=None, max_examples=50)
def test_numbers_survive_text_to_the_last_bit(tmp_path_factory: pytest.TempPathFactory, values):
    path = tmp_path_factory.mktemp("exact") / "t.csv"
    path.write_text("v\n" + "".join(f"{v!r}\n" for v in values))
    assert read_table(path, ["v"]).columns["v"].tolist() == values


HOSTILE_CSV = {
    "empty": (b"", "empty"),
    "BOM only": (b"\xef\xbb\xbf", "no header: name the columns"),
    "line ends only": (b"\n\r\n\n", "no header"),
    "spaces only": (b"  \n", "no header"),
    "semicolons": (b"N;loss\n1;2\n", "one cell, 'N;loss': separate the cells by commas"),
    "tabs": (b"N\tloss\n1\t2\n", "one cell, .*by tabs in .tsv"),
    "header only": (b"N,loss\n", "no rows"),
    "text": (b"N,loss\n1,2\n2,abc\n", "row 2, column 'loss': 'abc' is not a number"),
    "empty cell": (b"N,loss\n1,2\n2,\n", "row 2, column 'loss': the cell is empty: fill it"),
    "after blank lines": (b"N,loss\n\n1,2\n\n2,x\n", r"row 2, .*\(rows counted from 1\)"),
    "short row": (b"N,loss\n1,2\n2\n", "row 2: 1 cells under a header of 2"),
    "long row": (b"N,loss\n1,2,3\n", "row 1: 3 cells"),
    "NaN": (b"N,loss\n1,2\n2,nan\n3,NaN\n", "NaN or infinity in row 2, 3"),
    "infinite": (b"N,loss\n1,inf\n", "NaN or infinity in row 1"),
    "overflow": (b"N,loss\n1,1e999\n", "NaN or infinity in row 1"),
    "thousands": (b'N,loss\n"1,000",2\n', "'1,000' is not a number: write .*separators"),
    "underscore": (b"N,loss\n1_000,2\n", "'1_000' is not a number"),
    "two columns of one name": (b"N,loss,N\n1,2,3\n", "2 columns are called 'N'"),
    "not UTF-8": (b"N,loss\n1,\xff\n", "not UTF-8"),
    "NUL": (b"N,loss\n1,\x00\n", "row 1, column 'loss'"),
    "a gzip": (b"\x1f\x8b\x08\x00" + bytes(60), "not UTF-8|line"),
    "open quote": (b'N,loss\n"1,2\n', "line"),
    "an endless field": (b"N,loss\n" + b"1" * 200_000 + b",2\n", "field"),
}


@pytest.mark.parametrize("name", HOSTILE_CSV)
def test_a_hostile_csv_is_refused_with_its_place(name: str, tmp_path: Path):
    content, match = HOSTILE_CSV[name]
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=match):
        read_table(path, ["N", "loss"])


HOSTILE_JSONL = {
    "text": ('{"N": 1, "loss": "2"}', "row 1, 'loss': '2' is not a number"),
    "true": ('{"N": 1, "loss": true}', "not a number"),
    "null": ('{"N": 1, "loss": null}', "not a number"),
    "absent": ('{"N": 1, "loss": 2}\n\n{"N": 1}', "row 2, 'loss': it is missing"),
    "BOM only": ("\ufeff", "no rows: write one JSON object per line"),
    "line ends only": ("\n\n", "no rows"),
    "NaN": ('{"N": 1, "loss": NaN}', "NaN or infinity in row 1"),
    "huge": ('{"N": 1, "loss": 1' + "0" * 400 + "}", "NaN or infinity in row 1"),
    "an array": ("[1, 2]", "one JSON object per line"),
    "cut off": ('{"N": 1, "loss": 2}\n{"N": 1, "lo', "row 2: not one JSON object per line"),
    "a name twice": ('{"N": 1, "N": 2, "loss": 3}', "a name stands twice"),
    "nested deeply": ('{"N": ' + "[" * 100_000, "one JSON object per line"),
}


@pytest.mark.parametrize("name", HOSTILE_JSONL)
def test_hostile_json_lines_are_refused_with_their_row(name: str, tmp_path: Path):
    content, match = HOSTILE_JSONL[name]
    path = tmp_path / "t.jsonl"
    path.write_text(content)
    with pytest.raises(BadInput, match=match):
        read_table(path, ["N", "loss"])


def test_a_parquet_file_with_gaps_or_text_or_garbage_is_refused(tmp_path: Path):
    path = tmp_path / "t.parquet"
    polars.DataFrame({"N": [1.0, None], "loss": ["a", "b"]}).write_parquet(path)
    with pytest.raises(BadInput, match="row 2, column 'N': the cell is empty"):
        read_table(path, ["N"])
    with pytest.raises(BadInput, match="holds String, not numbers"):
        read_table(path, ["loss"])
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(BadInput, match="not a Parquet file"):
        read_table(path, ["N"])
    path.write_bytes(b"PAR1 garbage PAR1")
    with pytest.raises(BadInput, match="not a Parquet file"):
        read_table(path, ["N"])


def test_what_is_no_table_is_refused(tmp_path: Path):
    with pytest.raises(BadInput, match="no such file"):
        read_table(tmp_path / "absent.csv", ["N"])
    with pytest.raises(BadInput, match="a directory"):
        read_table(tmp_path, ["N"])
    (tmp_path / "t.xlsx").write_text("x")
    with pytest.raises(BadInput, match="must end in"):
        read_table(tmp_path / "t.xlsx", ["N"])


def test_byte_order_mark_spaces_and_blank_lines_are_no_obstacle(tmp_path: Path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xef\xbb\xbf\r\n N , loss\r\n 1 , 2\r\n\r\n3, 4\r\n")
    assert read_table(path, ["loss"]).columns["loss"].tolist() == [2, 4]


def test_a_derived_value_that_is_not_finite_names_its_row(tmp_path: Path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,1\n1,0\n")
    with pytest.raises(BadInput, match="derived column 'q': NaN or infinity in row 2"):
        read_table(path, ["q"], derived=[derivation("q", "a/b")])


def test_json_of_many_keys_reads_only_what_is_asked(tmp_path: Path):
    path = tmp_path / "t.jsonl"
    path.write_text(json.dumps({"N": 1, "loss": 2.5, "log": [1, {"a": 2}], "nan": math.nan}))
    assert read_table(path, ["loss"]).columns["loss"].tolist() == [2.5]
