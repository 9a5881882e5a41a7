"""A driver that is interrupted or killed loses the cells in flight, and leaves no process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sweep_tasks import cell

from scalinglaws.sweep import Store

# Four quick cells, then two that nobody would wait for.
DRIVE = """
import sys
from pathlib import Path
sys.path.insert(0, {tasks!r})
from sweep_tasks import cell
from scalinglaws.errors import Interrupted
from scalinglaws.sweep import Store, reporter, sweep
path = Path(sys.argv[1])
cells = [cell(seed, path, cost=2.0) for seed in range(4)]
cells += [cell(seed, path, sys.argv[2], seconds=600.0) for seed in (4, 5)]
with Store(path / "store") as store:
    try:
        sweep(cells, store, workers=2, progress=reporter())
    except Interrupted as error:
        print(error)
        sys.exit(error.exit_code)
"""


@contextmanager
def driver(path: Path, do: str = "sleep") -> Iterator[subprocess.Popen[str]]:
    """A driver in a session of its own, once its two endless cells have started."""
    script = path / "drive.py"
    script.write_text(DRIVE.format(tasks=str(Path(__file__).parent)))
    with subprocess.Popen(
        [sys.executable, script, path, do],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            until(lambda: {4, 5} <= {seed for seed, _ in log(path)}, seconds=30)
            yield process
        finally:
            process.kill()


def log(path: Path) -> list[tuple[int, int]]:
    """(seed, pid) of every cell started so far."""
    lines = (path / "log").read_text().splitlines() if (path / "log").exists() else []
    return [(int(seed), int(pid)) for seed, pid in map(str.split, lines)]


def until(true: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"still not so after {seconds} s"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


def missing(path: Path) -> int:
    cells = [cell(seed, path) for seed in range(4)]
    with Store(path / "store") as store:
        return len(store.missing(cells))


@pytest.mark.parametrize(
    ("number", "times", "group"),
    [
        (signal.SIGTERM, 1, False),
        (signal.SIGINT, 1, True),  # as a terminal does: the workers get it too
        (signal.SIGINT, 5, True),
    ],
)
def test_an_interrupt_ends_the_sweep_in_five_seconds_with_what_was_kept(
    tmp_path: Path, number: signal.Signals, times: int, group: bool
):
    with driver(tmp_path) as process:
        asked = time.monotonic()
        for _ in range(times):
            os.killpg(process.pid, number) if group else process.send_signal(number)
            time.sleep(0.05)
        out, err = process.communicate(timeout=20)
        assert time.monotonic() - asked < 5
        if times == 1:
            assert process.returncode == 130
            assert "interrupted: 4 of 6 cells are stored" in out
            assert "Traceback" not in err
        else:  # the last ones may meet an interpreter that is leaving already
            assert process.returncode in (130, -number)
        until(lambda: not any(alive(pid) for _, pid in log(tmp_path)), seconds=1)
    assert missing(tmp_path) == 0


@pytest.mark.parametrize(
    "do",
    [
        "sleep",
        pytest.param(
            "keep the interpreter's lock",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's death signal"),
        ),
    ],
)
def test_no_worker_outlives_a_killed_driver(tmp_path: Path, do: str):
    with driver(tmp_path, do) as process:
        pids = {pid for _, pid in log(tmp_path)}
        assert all(alive(pid) for pid in pids)
        process.kill()
        until(lambda: not any(alive(pid) for pid in pids), seconds=3)
    assert missing(tmp_path) == 0


def test_without_the_death_signal_a_worker_still_notices_within_a_second(tmp_path: Path):
    program = (
        "import os, sys, time\n"
        "from scalinglaws.sweep import worker\n"
        "import threading; threading.Thread(target=worker._watch, args=(os.getppid(),)).start()\n"
        "print(os.getpid(), flush=True); time.sleep(600)"
    )
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {program!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.kill()
        until(lambda: not alive(pid), seconds=1.5)


def test_a_script_without_a_main_guard_runs_once(tmp_path: Path):
    script = tmp_path / "unguarded.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from pathlib import Path\n"
        "from sweep_tasks import cell\n"
        "from scalinglaws.sweep import Store, sweep\n"
        "print('the script runs')\n"
        f"path = Path({str(tmp_path)!r})\n"
        "with Store(path / 'store') as store:\n"
        "    print(sweep([cell(0, path), cell(1, path)], store, workers=2).computed)\n"
        "import __main__; assert __main__.path is path\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("the script runs\n2\n", "")
