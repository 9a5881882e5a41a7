"""A sweep computes what is missing, the costliest first, and outlives its workers and cells."""

from __future__ import annotations

import io
import multiprocessing
import sqlite3
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

import pytest
from sweep_tasks import cell, fail_to_start

from scalinglaws.errors import BadInput, StoreError
from scalinglaws.sweep import (
    Cell,
    LocalExecutor,
    Store,
    driver,
    executor,
    reporter,
    scratch,
    sweep,
)
from scalinglaws.sweep.progress import Silent, Tally
from scalinglaws.sweep.worker import Done, Failed


def started(path: Path) -> list[int]:
    """Seeds of the cells, in the order in which they were started."""
    return [int(line.split()[0]) for line in (path / "log").read_text().splitlines()]


def compared(path: Path) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(path / "store.sqlite")) as db:
        return db.execute("SELECT key, cell, rows FROM cells ORDER BY key").fetchall()


def test_the_costliest_cells_start_first(tmp_path: Path):
    costs = [1.0, 5.0, 3.0, 4.0, 2.0]
    cells = [cell(seed, tmp_path, cost=cost) for seed, cost in enumerate(costs)]
    with Store(tmp_path / "store") as store:
        outcome = sweep(cells, store, workers=1)
    assert started(tmp_path) == [1, 3, 2, 4, 0]
    assert (outcome.computed, outcome.reused, outcome.failed) == (5, 0, {})


class Watched(LocalExecutor):
    """Notes the threads of the cells that run together, whenever one is started."""

    def __init__(self, workers: int, scratch: object = None):
        super().__init__(workers)
        self.given: list[tuple[Cell, Future[Done | Failed]]] = []
        self.together: list[list[int]] = []

    def submit(self, cell: Cell) -> Future[Done | Failed]:
        self.given.append((cell, super().submit(cell)))
        self.together.append([c.threads for c, answer in self.given if not answer.done()])
        return self.given[-1][1]


class Noted(Silent):
    """Keeps the tally of a sweep."""

    def start(self, tally: Tally) -> None:
        self.tally = tally


def watched_sweep(
    monkeypatch: pytest.MonkeyPatch, path: Path, threads: list[int], cores: int
) -> tuple[Watched, Tally]:
    """By default on so many cores: cells of half a second, the first of which raises."""
    made: list[Watched] = []
    monkeypatch.setattr(driver, "cores", lambda: cores)
    monkeypatch.setattr(
        driver, "LocalExecutor", lambda *given: made.append(Watched(*given)) or made[0]
    )
    cells = [
        cell(seed, path, "sleep" if seed else "raise", seconds=0.5, threads=t, cost=9.0 - seed)
        for seed, t in enumerate(threads)
    ]
    with Store(path / "store") as store:
        sweep(cells, store, progress=(noted := Noted()))
    return made[0], noted.tally


def test_cells_of_several_threads_run_first_and_leave_the_cores_to_the_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """A single cell of two threads once made a whole sweep run one cell at a time."""
    watched, tally = watched_sweep(monkeypatch, tmp_path, [2, 1, 1, 2, 1, 1, 5], cores=2)
    assert [c.config.seed for c, _ in watched.given] == [0, 3, 6, 1, 2, 4, 5]  # 5 takes 2, too
    assert watched.together[:5] == [[2], [2], [5], [1], [1, 1]]
    assert max(map(len, watched.together)) == 2
    assert tally.cost == 2 * 9 + 8 + 7 + 2 * 6 + 5 + 4 + 2 * 3  # seconds times workers
    assert tally.status == "6 of 7 cells stored, 1 failed"  # and none left


def test_a_worker_that_is_too_few_for_the_next_cell_takes_a_smaller_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    watched, _ = watched_sweep(monkeypatch, tmp_path, [1, 2, 2, 1], cores=3)
    assert watched.together[:2] == [[2], [2, 1]]


def test_a_cell_needs_a_thread():
    with pytest.raises(BadInput, match="one thread or more, not 0"):
        cell(0, Path(), threads=0)


def test_only_missing_cells_are_computed_and_twins_once(tmp_path: Path):
    cells = [cell(seed, tmp_path) for seed in (0, 1, 2, 1, 0)]
    with Store(tmp_path / "store") as store:
        sweep(cells[:1], store, workers=1)
        outcome = sweep(cells, store, workers=1)
    assert (outcome.computed, outcome.reused) == (2, 1)
    assert sorted(started(tmp_path)) == [0, 1, 2]


def test_the_compared_columns_do_not_depend_on_workers_nor_order(tmp_path: Path):
    cells = [cell(seed, tmp_path) for seed in range(6)]
    for workers, order in ((1, cells), (2, cells[::-1])):
        with Store(tmp_path / f"store{workers}") as store:
            sweep(order, store, workers=workers)
    assert compared(tmp_path / "store1") == compared(tmp_path / "store2")
    assert len(compared(tmp_path / "store1")) == 6


def test_a_failed_cell_is_recorded_with_its_traceback_and_tried_again(tmp_path: Path):
    bad, good, exits = (cell(n, tmp_path, do) for n, do in enumerate(["raise", "answer", "exit"]))
    with Store(tmp_path / "store") as store:
        outcome = sweep([bad, good, exits], store, workers=1)
        assert outcome.failed == {
            bad.key: r"ValueError: seed 0 is \x1b[31mwrong",
            exits.key: "SystemExit: 3",
        }
        [failure] = store.failures([bad])
        assert "in work" in failure.traceback
        assert store.missing([bad, good, exits]) == [bad, exits]
        assert sweep([bad, good], store, workers=1).reused == 1
    assert started(tmp_path).count(0) == 2


def test_a_killed_worker_loses_only_its_own_cell_which_is_tried_once_more(tmp_path: Path):
    work = [cell(seed, tmp_path, "sleep", seconds=0.2) for seed in range(4)]
    dies = cell(10, tmp_path, "die")
    recovers = cell(11, tmp_path, "die once")
    with Store(tmp_path / "store") as store:
        outcome = sweep([dies, recovers, *work], store, workers=2)
    assert outcome.failed == {dies.key: "its worker died 2 times"}
    assert outcome.computed == 5
    assert sorted(started(tmp_path)) == [0, 1, 2, 3, 10, 10, 11, 11]


def test_a_cell_that_a_worker_cannot_import_fails_alone(tmp_path: Path):
    lost = Cell("no_such_module:task", 1, cell(0, tmp_path).config)
    with Store(tmp_path / "store") as store:
        outcome = sweep([lost, cell(1, tmp_path)], store, workers=1)
    assert list(outcome.failed) == [lost.key]
    assert "no_such_module" in outcome.failed[lost.key]


def test_libraries_see_the_cell_s_thread_count(tmp_path: Path):
    cells = [cell(threads, tmp_path, "threads", threads=threads) for threads in (1, 3)]
    with Store(tmp_path / "store") as store:
        sweep(cells, store, workers=1)
        for work in cells:
            [row] = store.rows([work])
            assert set(row.values()) == {str(work.threads)}


def test_a_second_attempt_finds_what_the_first_left_in_scratch_and_storing_clears_it(
    tmp_path: Path,
):
    work, other = cell(0, tmp_path, "keep a note"), cell(1, tmp_path)
    with Store(tmp_path / "store") as store:
        kept = store.scratch(other)
        kept.mkdir(parents=True)
        sweep([work], store, workers=1)
        assert store.rows([work]) == [{"found": "from the first attempt"}]
        assert not store.scratch(work).exists()
        assert kept.exists()  # another cell's
    assert scratch() is None  # outside a cell


def test_what_a_task_prints_stays_off_stdout(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    with Store(tmp_path / "store") as store:
        sweep([cell(0, tmp_path, "print")], store, workers=1)
    assert capfd.readouterr() == ("", "a task that prints\n")


def test_a_full_disk_ends_the_sweep_and_its_workers(tmp_path: Path):
    cells = [cell(seed, tmp_path, "sleep", seconds=0.1 * seed) for seed in range(1, 4)]
    local = LocalExecutor(workers=1)
    with Store(tmp_path / "store") as store:
        sweep(cells[:1], store, executor=local)
        store._connection.execute("PRAGMA query_only = ON")  # as a disk that refuses
        with pytest.raises(StoreError):
            sweep(cells, store, executor=local)
        assert store.missing(cells) == cells[1:]
    assert multiprocessing.active_children() == []


def test_workers_that_cannot_start_fail_their_cells_and_hang_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(executor, "start_worker", fail_to_start)
    cells = [cell(seed, tmp_path) for seed in range(5)]
    with Store(tmp_path / "store") as store:
        outcome = sweep(cells, store, workers=2)
    assert outcome.failed.keys() == {work.key for work in cells}
    assert set(outcome.failed.values()) == {"its worker died 2 times"}


def test_many_queued_cells_end_with_the_sweep(tmp_path: Path):
    cells = [cell(seed, tmp_path, "raise") for seed in range(300)]
    with Store(tmp_path / "store") as store:
        assert len(sweep(cells, store, workers=2).failed) == 300


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_progress_tells_what_failed_and_what_is_stored(tmp_path: Path, stream: type[io.StringIO]):
    cells = [cell(seed, tmp_path, do) for seed, do in enumerate(["answer", "raise", "answer"])]
    told = stream()
    with Store(tmp_path / "store") as store:
        sweep(cells, store, workers=1, progress=reporter(stream=told))
    assert "2 of 3 cells stored" in told.getvalue()
    assert "failed: ValueError: seed 1 is" in told.getvalue()


def test_quiet_says_nothing(capfd: pytest.CaptureFixture[str], tmp_path: Path):
    with Store(tmp_path / "store") as store:
        sweep([cell(0, tmp_path)], store, workers=1, progress=reporter(quiet=True))
    assert capfd.readouterr() == ("", "")
