"""The store keeps rows bit for bit, whole or not at all, and refuses files that are not its own."""

from __future__ import annotations

import math
import os
import shutil
import sqlite3
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sweep_tasks import cell

from scalinglaws.errors import BadInput, StoreError
from scalinglaws.sweep import Store
from scalinglaws.sweep.rows import decode_rows, encode_rows
from scalinglaws.sweep.worker import Done, Failed

VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text())
ROWS = st.lists(st.dictionaries(st.text(max_size=8), VALUES, max_size=5), max_size=4)


def done(rows: list[dict]) -> Done:
    return Done(encode_rows(rows), 0.5, "host")


def bits(rows: list[dict]) -> list:
    """Rows in a form that tells -0.0 from 0.0, 1 from 1.0 from True, and equals itself at NaN."""

    def exact(value: object) -> object:
        if isinstance(value, float):
            return "nan" if math.isnan(value) else struct.pack("d", value)
        return (type(value).__name__, value)

    return [[(name, exact(value)) for name, value in row.items()] for row in rows]


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS)
def test_rows_come_back_bit_for_bit(tmp_path: Path, rows: list[dict]):
    work = cell(0, tmp_path)
    with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
        with Store(folder) as store:
            store.save(work, done(rows), 1)
        with Store(folder) as store:
            assert bits(store.rows([work])) == bits(rows)


def test_numpy_scalars_become_plain_numbers():
    row = {"a": np.float32(0.1), "b": np.int64(7), "c": np.bool_(True), "d": np.float64(0.1)}
    [read] = decode_rows(encode_rows([row]))
    assert read == {"a": float(np.float32(0.1)), "b": 7, "c": True, "d": 0.1}
    assert [type(value) for value in read.values()] == [float, int, bool, float]


@pytest.mark.parametrize("row", [{"a": [1]}, {"a": {}}, {"a": np.zeros(2)}, {"a": 1j}, {1: 2}])
def test_rows_that_are_not_plain_are_refused(row: dict):
    with pytest.raises(BadInput, match="must be text"):
        encode_rows([row])


def test_rows_are_sorted_by_key_then_in_the_task_s_order(tmp_path: Path):
    cells = [cell(seed, tmp_path) for seed in range(20)]
    with Store(tmp_path) as store:
        for work in cells:
            store.save(work, done([{"key": work.key, "n": n} for n in (3, 1, 2)]), 1)
        rows = store.rows(cells[::-1])
    assert [row["key"] for row in rows[::3]] == sorted(work.key for work in cells)
    assert [row["n"] for row in rows] == [3, 1, 2] * 20


def test_a_failed_cell_is_missing_until_it_succeeds(tmp_path: Path):
    first, second = cell(1, tmp_path), cell(2, tmp_path)
    with Store(tmp_path) as store:
        store.save_failure(first, Failed("ValueError: no", "Traceback"), 1)
        store.save(second, done([{"x": 1}]), 1)
        assert store.missing([first, second, first]) == [first]
        assert [failure.reason for failure in store.failures([first])] == ["ValueError: no"]
        store.save(first, done([{"x": 2}]), 1)
        assert store.missing([first, second]) == []
        assert store.failures([first]) == []


def test_a_cell_enters_whole_or_not_at_all(tmp_path: Path):
    work = cell(1, tmp_path)
    with Store(tmp_path) as store:
        with pytest.raises(StoreError, match="wall_s"):
            store.save(work, Done("[]", None, "host"), 1)  # refused after the rows are inserted
        assert store.missing([work]) == [work]


def test_a_write_cut_short_anywhere_loses_only_what_was_in_flight(tmp_path: Path):
    cells = [cell(seed, tmp_path) for seed in range(4)]
    with Store(tmp_path / "whole") as store:
        ends = []
        for work in cells:
            store.save(work, done([{"seed": work.config.seed, "x": 1 / 3}]), 1)
            ends.append(wal_size(store))
        shutil.copytree(store.path, tmp_path / "killed")
    for cut in range(0, ends[-1] + 1, 1009):
        shutil.rmtree(tmp_path / "cut", ignore_errors=True)
        shutil.copytree(tmp_path / "killed", tmp_path / "cut")
        os.truncate(tmp_path / "cut" / "store.sqlite-wal", cut)
        (tmp_path / "cut" / "store.sqlite-shm").unlink()
        with Store(tmp_path / "cut") as store:
            kept = sum(end <= cut for end in ends)
            assert store.missing(cells) == cells[kept:]
            assert len(store.rows(cells)) == kept


def wal_size(store: Store) -> int:
    return store.file.with_name("store.sqlite-wal").stat().st_size


def text_file(path: Path) -> None:
    path.write_text("not a database\n" * 100)


def empty_file(path: Path) -> None:
    path.touch()


def another_program_s(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE bookmarks (url TEXT)")
        db.commit()


def newer(path: Path) -> None:
    full(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 2")


def truncated(path: Path) -> None:
    full(path)
    os.truncate(path, path.stat().st_size // 2)


def scribbled(path: Path) -> None:
    full(path)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)


def a_folder(path: Path) -> None:
    path.mkdir()


def full(path: Path) -> None:
    with Store(path.parent) as store:
        for seed in range(50):
            store.save(cell(seed, path), done([{"text": "x" * 500}]), 1)


@pytest.mark.parametrize("readonly", [False, True])
@pytest.mark.parametrize(
    "make", [text_file, empty_file, another_program_s, newer, truncated, scribbled, a_folder]
)
def test_a_file_that_is_no_sound_store_is_refused_and_left_alone(tmp_path, make, readonly):
    path = tmp_path / "store.sqlite"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with (
        pytest.raises(StoreError, match=r"store\.sqlite") as caught,
        Store(tmp_path, readonly=readonly),
    ):
        pass
    assert len(str(caught.value).splitlines()) <= 3
    assert (path.read_bytes() if path.is_file() else None) == before


def test_damaged_rows_are_an_error_not_a_wrong_answer(tmp_path: Path):
    work = cell(1, tmp_path)
    with Store(tmp_path) as store:
        store.save(work, Done('[{"x":1', 0.5, "host"), 1)
        with pytest.raises(StoreError, match="damaged"):
            store.rows([work])


def test_a_store_path_that_is_a_file_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StoreError), Store(path):
            pass
    assert (tmp_path / "file").read_text() == "mine"


def test_reading_a_store_that_does_not_exist_creates_nothing(tmp_path: Path):
    with pytest.raises(StoreError, match="run an experiment first"):
        Store(tmp_path / "none", readonly=True).__enter__()
    assert list(tmp_path.iterdir()) == []


def test_a_store_can_be_read_while_a_driver_writes_it(tmp_path: Path):
    work = cell(1, tmp_path)
    with Store(tmp_path) as writer:
        writer.save(work, done([{"x": 1}]), 1)
        with Store(tmp_path, readonly=True) as reader:
            assert reader.rows([work]) == [{"x": 1}]
        writer.save(cell(2, tmp_path), done([]), 1)


@contextmanager
def unprivileged() -> Iterator[None]:
    """Without root's right to write anywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that an unprivileged user can reach, unlike pytest's."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)
        os.chmod(folder, 0o755)


@pytest.mark.parametrize("killed", [False, True])
def test_a_store_in_a_read_only_folder_is_read_whole_and_not_written(
    open_folder: Path, tmp_path: Path, killed: bool
):
    work = cell(1, tmp_path)
    with Store(tmp_path) as store:
        store.save(work, done([{"x": 1}]), 1)
        if killed:  # what was stored is still in the -wal file
            for name in ("store.sqlite", "store.sqlite-wal", "lock"):
                shutil.copyfile(tmp_path / name, open_folder / name)
    if not killed:
        for name in ("store.sqlite", "lock"):
            shutil.copyfile(tmp_path / name, open_folder / name)
    for path in open_folder.iterdir():
        path.chmod(0o444)
    open_folder.chmod(0o555)
    before = sorted(open_folder.iterdir())
    with unprivileged():
        with Store(open_folder, readonly=True) as store:
            assert store.rows([work]) == [{"x": 1}]
        with pytest.raises(StoreError, match="writable folder"), Store(open_folder):
            pass
    assert sorted(open_folder.iterdir()) == before


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 256 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a tiny file system needs root")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_is_one_message_and_loses_nothing(tiny_disk: Path, tmp_path: Path):
    stored = []

    def fill(store: Store) -> None:
        for seed in range(1000):
            work = cell(seed, tmp_path)
            store.save(work, done([{"seed": seed, "text": "x" * 2000}]), 1)
            stored.append(work)

    with Store(tiny_disk) as store, pytest.raises(StoreError, match="free some space") as caught:
        fill(store)
    assert len(str(caught.value).splitlines()) == 1
    assert len(stored) > 10
    with Store(tiny_disk, readonly=True) as store:
        assert store.missing(stored) == []
        assert len(store.rows(stored)) == len(stored)


def test_a_full_database_is_a_full_disk(tmp_path: Path):
    first = cell(1, tmp_path)
    with Store(tmp_path) as store:
        store.save(first, done([{"x": 1}]), 1)
        store._connection.execute("PRAGMA max_page_count = 8")
        with pytest.raises(StoreError, match="what was stored is kept: free some space"):
            store.save(cell(2, tmp_path), done([{"x": "x" * 100_000}]), 1)
        assert store.rows([first]) == [{"x": 1}]
