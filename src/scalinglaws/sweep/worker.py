"""What happens inside a worker process: one cell at a time, and no life after its driver."""

from __future__ import annotations

import ctypes
import os
import pickle
import platform
import signal
import sys
import threading
import time
import traceback
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from scalinglaws.sweep.rows import encode_rows

# Read once, by each library when it is loaded: set before any task is imported.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
WATCH_S = 0.5
REASON_LENGTH = 300
PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass(frozen=True)
class Done:
    """A cell's rows, encoded where they were made."""

    rows: str
    wall_s: float
    host: str


@dataclass(frozen=True)
class Failed:
    """What a cell raised, as text: an exception of a task need not survive the way home."""

    reason: str  # one line
    traceback: str


def start_worker(driver: int, threads: int) -> None:
    """Prepare a fresh process: thread counts, and an end within a second of its driver's.

    A task's print goes to stderr: the driver's stdout may be a JSON document.
    """
    _die_with(driver)
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(threads)))
    os.dup2(2, 1)


def run_cell(pickled: bytes, threads: int, environment: Mapping[str, str]) -> Done | Failed:
    """Run a pickled Cell with so many threads. Never raises.

    The cell comes pickled, so that one whose classes this process cannot import fails by
    itself instead of ending the worker.

    environment: variables for this cell, where the process has none of that name.
    """
    started = time.perf_counter()
    try:
        with _limited(threads), _lent(environment):
            rows = encode_rows(pickle.loads(pickled).run())
    except BaseException as error:  # a task that calls sys.exit has failed, not the worker
        return Failed(_one_line(error), traceback.format_exc())
    return Done(rows, time.perf_counter() - started, platform.node())


def _limited(threads: int) -> AbstractContextManager[object]:
    """Bring the libraries that are loaded already to this cell's threads."""
    from threadpoolctl import threadpool_limits

    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(threads)
    return threadpool_limits(threads)


@contextmanager
def _lent(environment: Mapping[str, str]) -> Generator[None]:
    """Variables for the time of a cell; those that the process has already stay as they are."""
    lent = {name: value for name, value in environment.items() if name not in os.environ}
    os.environ.update(lent)
    try:
        yield
    finally:
        for name in lent:
            os.environ.pop(name, None)


def _die_with(driver: int) -> None:
    """End this process when the driver ends, however that happens.

    The thread works everywhere, but not while compiled code keeps the interpreter's lock; the
    signal that Linux sends on a parent's death works then, too.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=(driver,), daemon=True).start()


def _watch(driver: int) -> None:
    while os.getppid() == driver:
        time.sleep(WATCH_S)
    os._exit(1)


def _one_line(error: BaseException) -> str:
    text = " ".join(f"{type(error).__name__}: {error}".split())
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return shown if len(shown) <= REASON_LENGTH else shown[: REASON_LENGTH - 3] + "..."
