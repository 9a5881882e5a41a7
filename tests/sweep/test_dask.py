"""A sweep on a real Dask cluster of this machine: the same bits, and nothing lost but time."""

from __future__ import annotations

import importlib
import json
import os
import platform
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from sweep_tasks import cell

import scalinglaws
from scalinglaws.errors import BadInput, ClusterError
from scalinglaws.sweep import Cell, DaskExecutor, Store, dask_executor, sweep

pytest.importorskip("distributed", reason="needs the extra [cluster]")

PATHS = (str(Path(scalinglaws.__file__).parents[1]), str(Path(__file__).parent))
PATIENCE_S = 60  # of a machine that does other things, too

# A user's own task, in a module that the workers lack.
ONLY_HERE = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Config:
    seed: int
"""
# A driver that is interrupted; its cells would take longer than anybody waits.
DRIVE = """
import sys
from pathlib import Path
from sweep_tasks import cell
from scalinglaws.errors import Interrupted
from scalinglaws.sweep import DaskExecutor, Store, sweep
path = Path(sys.argv[1])
with Store(path / "store") as store:
    try:
        cells = [cell(seed, path, "sleep", seconds=600.0) for seed in (4, 5)]
        sweep(cells, store, executor=DaskExecutor(sys.argv[2]))
    except Interrupted as error:
        print(error)
        sys.exit(error.exit_code)
"""


@dataclass
class Cluster:
    scheduler: subprocess.Popen[bytes]
    address: str


@contextmanager
def cluster(path: Path, *workers: str) -> Iterator[Cluster]:
    """A scheduler and workers of one thread each, on free ports of the loopback.

    workers: what `dask worker` is told besides.
    """
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(PATHS),
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
    }
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        here = ("--host", "127.0.0.1", "--no-dashboard")
        with (path / "cluster.log").open("ab") as log:
            command = [sys.executable, "-m", "dask", *arguments, *here]
            started.append(
                subprocess.Popen(
                    command, env=environment, stdout=log, stderr=log, start_new_session=True
                )
            )
        return started[-1]

    try:
        contact = path / "scheduler.json"
        found = ("--scheduler-file", str(contact))
        scheduler = start("scheduler", "--port", "0", *found)
        start("worker", "--nthreads", "1", "--local-directory", str(path), *workers, *found)
        until(lambda: contact.exists() and contact.read_text().endswith("}"))
        yield Cluster(scheduler, json.loads(contact.read_text())["address"])
    finally:
        for process in started:  # with the workers that a nanny started
            with suppress(OSError):  # a test has killed it
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two workers, which their nannies start again when they are killed."""
    with cluster(tmp_path_factory.mktemp("cluster"), "--nworkers", "2") as found:
        yield found


@pytest.fixture
def address(shared: Cluster) -> str:
    return shared.address


def log(path: Path) -> list[tuple[int, int]]:
    """(seed, pid) of every cell started so far."""
    lines = (path / "log").read_text().splitlines() if (path / "log").exists() else []
    return [(int(seed), int(pid)) for seed, pid in map(str.split, lines)]


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, f"still not so after {PATIENCE_S} s"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


def parent(pid: int) -> int:
    found = subprocess.run(["ps", "-o", "ppid=", "-p", str(pid)], capture_output=True, text=True)
    return int(found.stdout)


def compared(path: Path) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(path / "store.sqlite")) as db:
        return db.execute("SELECT key, cell, rows FROM cells ORDER BY key").fetchall()


@contextmanager
def meanwhile(do: Callable[[], object]) -> Iterator[list[object]]:
    """Do something beside the block, and have what it gave once the block has ended."""
    given: list[object] = []
    thread = threading.Thread(target=lambda: given.append(do()))
    thread.start()
    try:
        yield given
    finally:
        thread.join()


def test_a_killed_worker_costs_its_cell_s_time_and_no_bit_differs(tmp_path: Path, address: str):
    cells = [cell(seed, tmp_path, cost=0.5) for seed in range(4)]
    cells += [cell(3, tmp_path, "threads", threads=3)]
    hit = cell(9, tmp_path, "sleep once", seconds=600.0, cost=9.0)

    def kill() -> int:
        until(lambda: any(seed == 9 for seed, _ in log(tmp_path)))
        [process] = [pid for seed, pid in log(tmp_path) if seed == 9]
        os.kill(parent(process), signal.SIGKILL)
        return process

    with meanwhile(kill) as killed, Store(tmp_path / "dask") as store:
        outcome = sweep([*cells, hit], store, executor=DaskExecutor(address))
    assert (outcome.computed, outcome.failed) == (6, {})
    assert [seed for seed, _ in log(tmp_path)].count(9) == 2
    assert len(log(tmp_path)) == 7  # no other cell was run twice
    until(lambda: not alive(killed[0]))  # the process of the cell has ended with its worker

    with Store(tmp_path / "local") as store:
        sweep([*cells, hit], store, workers=1)
    assert compared(tmp_path / "dask") == compared(tmp_path / "local")


def test_failures_are_those_of_local_workers(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
):
    raises, dies = cell(0, tmp_path, "raise"), cell(1, tmp_path, "die")
    (tmp_path / "only_here.py").write_text(ONLY_HERE)
    monkeypatch.syspath_prepend(tmp_path)
    strange = Cell("only_here:work", 1, importlib.import_module("only_here").Config(3))
    with Store(tmp_path / "store") as store:
        executor = DaskExecutor(address, at_most=1)
        outcome = sweep([raises, dies, strange], store, executor=executor)
        [failure] = store.failures([raises])
    assert outcome.failed == {
        raises.key: r"ValueError: seed 0 is \x1b[31mwrong",
        dies.key: "its worker died 2 times",
        strange.key: "ModuleNotFoundError: No module named 'only_here'",
    }
    assert "in work" in failure.traceback
    assert [seed for seed, _ in log(tmp_path)] == [0, 1, 1]


def test_a_cell_that_kills_its_workers_is_given_up_after_as_many_as_locally(
    tmp_path: Path, address: str
):
    cells = [cell(0, tmp_path, "sleep", seconds=600.0)]

    def kill_twice() -> None:
        for times in (1, 2):
            until(lambda times=times: len(log(tmp_path)) == times)
            os.kill(parent(log(tmp_path)[-1][1]), signal.SIGKILL)

    with meanwhile(kill_twice), Store(tmp_path / "store") as store:
        outcome = sweep(cells, store, executor=DaskExecutor(address))
    assert list(outcome.failed.values()) == ["its worker died 2 times"]
    assert len(log(tmp_path)) == 2


def test_an_interrupt_frees_the_workers_at_once(tmp_path: Path, address: str):
    script = tmp_path / "drive.py"
    script.write_text(DRIVE)
    with subprocess.Popen(
        [sys.executable, script, tmp_path, address],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(PATHS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            until(lambda: len(log(tmp_path)) == 2)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=PATIENCE_S)
        finally:
            process.kill()
    assert process.returncode == 130
    assert "interrupted: 0 of 2 cells are stored" in out
    assert "Traceback" not in err
    until(lambda: not any(alive(pid) for _, pid in log(tmp_path)))


def test_answers_are_released_once_stored(tmp_path: Path, address: str):
    from distributed import Client

    cells = [cell(seed, tmp_path) for seed in range(4)]
    executor = DaskExecutor(address)
    with Client(address, set_as_default=False) as watcher, Store(tmp_path / "store") as store:
        for work in cells:
            answer = executor.submit(work)
            store.save(work, answer.result(timeout=PATIENCE_S), attempt=1)
            assert any(watcher.has_what().values())
            executor.release(answer)
            until(lambda: not any(watcher.has_what().values()))
    executor.shutdown()


def test_two_drivers_on_one_cluster_share_no_answer(tmp_path: Path, address: str):
    """For the other's may be another code's, or of other data."""
    drivers = [DaskExecutor(address) for _ in range(2)]
    work = cell(0, tmp_path, "sleep", seconds=0.5)
    answers = [driver.submit(work) for driver in drivers]
    until(lambda: len(log(tmp_path)) == 2)
    drivers[0].shutdown()
    assert answers[1].result(PATIENCE_S).host == platform.node()
    drivers[1].shutdown()


def test_a_cell_takes_one_slot_of_a_cluster_whatever_its_threads(shared: Cluster, tmp_path: Path):
    executor = DaskExecutor(shared.address)
    try:
        assert executor.takes(cell(0, tmp_path, threads=2)) == 1
    finally:
        executor.shutdown()


def test_a_scheduler_that_hangs_stops_no_interrupt_and_is_lost_in_the_end(
    shared: Cluster, monkeypatch: pytest.MonkeyPatch
):
    executor = DaskExecutor(shared.address)
    until(lambda: executor.workers == 2)
    shared.scheduler.send_signal(signal.SIGSTOP)
    try:
        monkeypatch.setattr(dask_executor, "COUNT_S", 0.0)
        before = time.monotonic()
        assert executor.workers == executor.workers == 2  # as last counted
        monkeypatch.setattr(dask_executor, "LOST_S", 0.0)
        with pytest.raises(ClusterError, match="was lost"):
            _ = executor.workers
        executor.shutdown()
        assert time.monotonic() - before < 3 * dask_executor.CLOSE_S
    finally:
        shared.scheduler.send_signal(signal.SIGCONT)


def test_workers_with_other_software_end_the_run_and_are_named(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
):
    wanted = {**dask_executor.installed(), "numpy": "1.0", "no-such-package": "2.0"}
    monkeypatch.setattr(dask_executor, "installed", lambda: wanted)
    with (
        Store(tmp_path / "store") as store,
        pytest.raises(ClusterError, match=r"has numpy .*, not 1.0, no no-such-package 2.0"),
    ):
        sweep([cell(0, tmp_path)], store, executor=DaskExecutor(address))
    assert log(tmp_path) == []


def test_the_loss_of_the_scheduler_ends_the_run_and_keeps_what_is_stored(tmp_path: Path):
    cells = [cell(seed, tmp_path, cost=9.0) for seed in range(2)]
    cells += [cell(9, tmp_path, "sleep", seconds=600.0)]
    with cluster(tmp_path, "--no-nanny") as found:

        def kill() -> None:
            until(lambda: any(seed == 9 for seed, _ in log(tmp_path)))
            found.scheduler.kill()

        with (
            meanwhile(kill),
            Store(tmp_path / "store") as store,
            pytest.raises(ClusterError) as raised,
        ):
            sweep(cells, store, executor=DaskExecutor(found.address))
        until(lambda: not any(alive(pid) for _, pid in log(tmp_path)))
    assert raised.value.exit_code == 1
    assert str(raised.value).startswith(f"the Dask scheduler at {found.address} was lost")
    assert "2 of 3 cells are stored in" in str(raised.value)
    with Store(tmp_path / "store") as store:
        assert store.missing(cells) == cells[2:]


def test_an_address_where_no_scheduler_answers_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dask_executor, "CONNECT_S", 0.3)
    with pytest.raises(ClusterError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1 "):
        DaskExecutor("tcp://127.0.0.1:1")


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "tcp://host",
        "tcp://:8786",
        "tcp://host:0",
        "tcp://host:99999",
        "tcp://::1:8786",
        "http://host:8786",
        "tcp://user:secret@host:8786",
        "tcp://host:8786/?token=secret",
        "tcp://host:8786@secret[",
        "tcp://host\n.secret:8786",
        "tcp://\x1b[31mhost:8786",
        "tls://host:8786",  # without certificates
    ],
)
def test_a_hostile_address_is_refused_and_no_secret_in_it_shown(address: str):
    with pytest.raises(BadInput, match=r"tcp://HOST:PORT|certificates") as raised:
        DaskExecutor(address)
    assert "secret" not in str(raised.value)
    assert str(raised.value).isprintable()
