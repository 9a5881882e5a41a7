"""The ledger reads back what was written, refuses what is not one, and is never half written."""

from __future__ import annotations

import errno
import json
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_results import INF, NAN, figure, judged, nasty, points, result

from scalinglaws.errors import BadInput, StoreError
from scalinglaws.estimate import Estimate
from scalinglaws.report import load_result
from scalinglaws.report.html import render_html
from scalinglaws.report.ledger import encode_result, write_atomically, write_ledger
from scalinglaws.result import Claim, Judgement, Row, Table, Verdict

ROWS: list[Row] = [{"n": 1, "x": NAN, "text": 'a,"b"\r\n'}, {"n": 2, "x": -0.0, "text": None}]
SMALL = result(
    [judged(Estimate(1.0, NAN, -INF, INF), Verdict.INCONCLUSIVE, "why"), judged()],
    [figure(points(lo=(NAN, -INF, 0.0), color=None), id="a.b-c_d")],
    [Table("t", "table", ("a", "b"), ((Estimate.normal(1.0, 0.1), -0.0), (None, "x"), (True, 1)))],
    ["a note"],
    rows=len(ROWS),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_ledger(SMALL, ROWS, tmp_path)
    return tmp_path


def refusal(folder: Path) -> str:
    with pytest.raises(BadInput) as caught:
        load_result(folder)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert len(message) < 400 + len(str(folder))
    return message


def test_a_result_and_its_rows_read_back_equal(folder: Path):
    read, rows = load_result(folder)
    assert repr(read) == repr(SMALL)  # by repr, for nan is not nan
    assert repr(rows) == repr(ROWS)


def test_what_breaks_pages_reads_back_equal(tmp_path: Path):
    made, rows = nasty()
    write_ledger(made, rows, tmp_path)
    read, read_rows = load_result(tmp_path)
    assert read_rows == rows
    assert repr(read) == repr(made)


def test_a_page_is_the_same_from_its_ledger(folder: Path):
    assert render_html(*load_result(folder)) == render_html(SMALL, ROWS)


numbers = st.floats() | st.sampled_from([NAN, INF, -INF, -0.0])
estimates = st.builds(Estimate, numbers, numbers, numbers, numbers, st.floats(0.5, 0.99))


@given(
    st.lists(estimates | st.none(), max_size=3),
    st.lists(numbers | st.integers(-(2**70), 2**70) | st.text() | st.booleans(), max_size=3),
)
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_estimate_and_value_reads_back_equal(tmp_path: Path, measured, values):
    tolerances = {"smoke": 0.5, "full": 0.1}
    claims = [
        Judgement(Claim("c", "s", "p", 1.0, tolerances), 0.5, estimate, Verdict.AGREES)
        for estimate in measured
    ]
    table = Table("t", "t", tuple("abcdef"), ((*measured, *values),))
    ours = result(claims, tables=[table], settings={"values": values})
    write_ledger(ours, [], tmp_path)
    assert repr(load_result(tmp_path)[0]) == repr(ours)


def test_the_json_is_strict_and_says_which_number_is_not_finite():
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    tree = json.loads(encode_result(SMALL, b""), parse_constant=refuse)
    measured = tree["findings"]["claims"][0]["measured"]
    assert measured["stderr"] == {"float": "nan"}
    assert (measured["lo"], measured["hi"]) == ({"float": "-inf"}, {"float": "inf"})
    assert tree["schema_version"] == 1


@pytest.mark.parametrize("named", ["float32", "nan", NAN, {"float": {"float": [INF]}}, {}])
def test_a_setting_named_float_reads_back(tmp_path: Path, named: object):
    ours = result(settings={"dtypes": {"float": named}, "float": named})
    write_ledger(ours, [], tmp_path)
    assert repr(load_result(tmp_path)[0]) == repr(ours)


@pytest.mark.parametrize("part", [0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_result_is_refused(folder: Path, part: float):
    path = folder / "result.json"
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content))])
    assert f"{path} is not a result" in refusal(folder)


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b"null",
        b"1e999",
        b'"text"',
        b"\xff\xfe",
        b"<html>\n</html>",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"schema_version": 1}',
        b'{"schema_version": 2, "experiment": "x"}',
        b'{"schema_version": "%s"}' % (b"long " * 1000),
        b'{"schema_version": 1, "experiment": {"float": "many"}}',
    ],
)
def test_a_foreign_result_is_refused(folder: Path, content: bytes):
    (folder / "result.json").write_bytes(content)
    assert "is not a result of this version" in refusal(folder)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a/b", ".hidden", "a\n", "x" * 101])
def test_a_figure_may_not_name_a_file_elsewhere(folder: Path, name: str):
    tree = json.loads((folder / "result.json").read_bytes())
    tree["findings"]["figures"][0]["id"] = name
    (folder / "result.json").write_text(json.dumps(tree))
    assert "figure id" in refusal(folder)


@pytest.mark.parametrize("name", ["x", "y", "lo"])
def test_a_series_whose_parts_differ_in_length_is_refused(folder: Path, name: str):
    tree = json.loads((folder / "result.json").read_bytes())
    tree["findings"]["figures"][0]["panels"][0]["series"][0][name].append(9.0)
    (folder / "result.json").write_text(json.dumps(tree))
    assert "series 'points': one length for all, not [" in refusal(folder)


@given(st.data())
@settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_damaged_byte_is_refused_or_read_and_never_a_crash(folder: Path, data):
    name = data.draw(st.sampled_from(["result.json", "rows.csv"]))
    write_ledger(SMALL, ROWS, folder)
    content = bytearray((folder / name).read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (folder / name).write_bytes(bytes(content))
    with suppress(BadInput):
        load_result(folder)


def test_truncated_rows_are_refused_wherever_they_are_cut(folder: Path):
    path = folder / "rows.csv"
    content = path.read_bytes()
    for end in range(len(content)):
        path.write_bytes(content[:end])
        assert str(path) in refusal(folder)


def test_rows_of_another_run_are_refused(folder: Path):
    write_ledger(SMALL, [{**row, "n": 3} for row in ROWS], folder / "other")
    os.replace(folder / "other" / "rows.csv", folder / "rows.csv")
    assert f"{folder / 'rows.csv'}: not the rows that result.json was written" in refusal(folder)


def test_rows_that_no_result_vouches_for_are_refused(folder: Path):
    tree = json.loads((folder / "result.json").read_bytes())
    del tree["rows_sha256"]
    (folder / "result.json").write_text(json.dumps(tree))
    assert "not the rows that result.json was written with" in refusal(folder)


@pytest.mark.parametrize("name", ["result.json", "rows.csv"])
def test_an_absent_file_is_named(folder: Path, name: str):
    (folder / name).unlink()
    assert f"cannot read {folder / name}: No such file" in refusal(folder)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path):
    assert f"cannot read {tmp_path / 'no' / 'result.json'}" in refusal(tmp_path / "no")


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def killed(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize(("fault", "error"), [(full_disk, StoreError), (killed, KeyboardInterrupt)])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, fault, error
):
    path = tmp_path / "result.json"
    write_atomically(path, b"old")
    monkeypatch.setattr(os, step, fault)
    with pytest.raises(error):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_named_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(StoreError, match=r"cannot write .*/a\.txt: No space left on device; free"):
        write_atomically(tmp_path / "a.txt", b"new")


def test_a_write_makes_its_folder_and_replaces_whole(tmp_path: Path):
    path = tmp_path / "a" / "b" / "file"
    write_atomically(path, b"a long content")
    write_atomically(path, b"short")
    assert path.read_bytes() == b"short"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_in_the_place_of_a_folder_is_a_store_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot write"):
        write_atomically(tmp_path / "file" / "result.json", b"new")


def test_a_leftover_temporary_does_not_block_the_next_write(tmp_path: Path):
    path = tmp_path / "result.json"
    (tmp_path / f".{path.name}.{os.getpid()}.tmp").write_bytes(b"left by a crash")
    write_atomically(path, b"new")
    assert [f.name for f in tmp_path.iterdir()] == ["result.json"]


def test_a_ledger_whose_second_file_failed_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    real = os.replace

    def fails_on_the_second(source: Path, target: Path) -> None:
        if target.name == "result.json":
            full_disk()
        real(source, target)

    monkeypatch.setattr(os, "replace", fails_on_the_second)
    with pytest.raises(StoreError):
        write_ledger(SMALL, [{"n": 3}, {"n": 4}], folder)
    assert "not the rows that result.json was written with" in refusal(folder)
