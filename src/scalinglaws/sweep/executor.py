"""Where cells run: futures in, futures out."""

from __future__ import annotations

import multiprocessing.context
import os
import pickle
import signal
import sys
import threading
import types
from collections.abc import Generator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Protocol

from pebble import ProcessExpired, ProcessPool

from scalinglaws.sweep.cell import Cell
from scalinglaws.sweep.worker import Done, Failed, run_cell, start_worker

# A future that ends in one of these lost its worker; the cell itself may be innocent.
WORKER_LOST = (ProcessExpired, BrokenExecutor)


class Executor(Protocol):
    """What a sweep needs of a machine, or of many."""

    @property
    def workers(self) -> int:
        """How many cells it can run at once."""
        ...

    def submit(self, cell: Cell) -> Future[Done | Failed]:
        """Queue a cell. The future raises one of WORKER_LOST when its worker is gone."""
        ...

    def shutdown(self) -> None:
        """End every worker at once, whatever it is doing."""
        ...


class LocalExecutor:
    """Worker processes on this machine, started afresh (spawn) and replaced when they die.

    Cells of different thread counts run in pools of their own: most libraries read their
    thread count only once, when they are loaded.

    workers: processes per pool; by default one per core.
    """

    def __init__(self, workers: int | None = None):
        self.workers = workers or cores()
        self._pools: dict[int, _Pool] = {}

    def submit(self, cell: Cell) -> Future[Done | Failed]:
        pool = self._pools.get(cell.threads)
        if pool is not None and not pool.active:
            pool.end()
            pool = None
        if pool is None:
            pool = self._pools[cell.threads] = _Pool(self.workers, cell.threads)
        return pool.schedule(run_cell, args=(pickle.dumps(cell), cell.threads))

    def shutdown(self) -> None:
        for pool in self._pools.values():
            pool.end()
        self._pools.clear()


class _Pool(ProcessPool):
    """A pool of workers prepared for one thread count, which can be ended at once."""

    def __init__(self, workers: int, threads: int):
        self._started = WorkerContext()
        super().__init__(
            max_workers=workers,
            initializer=start_worker,
            initargs=(os.getpid(), threads),
            context=self._started,
        )

    def end(self) -> None:
        # Not pebble's way, which gives each worker in turn 3 s to end by itself: a worker has
        # nothing to save, and compiled code does not listen.
        self.stop()
        self._started.kill_all()
        self.join()


def lost(error: BaseException, attempts: int) -> Failed:
    """What to record of a cell that lost its worker that many times."""
    code = getattr(error, "exitcode", None)
    how = signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"
    reason = f"its worker died {attempts} times, last by {how}"
    mend = "SIGKILL is often the system being out of memory: use fewer workers"
    return Failed(reason, f"{reason}\n{mend}" if how == "SIGKILL" else reason)


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


class WorkerProcess(multiprocessing.context.SpawnProcess):
    """A spawned process that never runs the user's main module.

    Spawn would import it again in the child, to unpickle what it defines. A cell names its task
    by import path and needs none of it, while a script that calls `run` unguarded would start
    itself without end.
    """

    def start(self) -> None:
        with _no_main_module(), _interrupts_blocked():
            super().start()


class WorkerContext(multiprocessing.context.SpawnContext):
    """The spawn context of one executor, which knows the processes it started."""

    def __init__(self) -> None:
        self._started: list[WorkerProcess] = []

    def Process(self, *args: object, **kwargs: object) -> WorkerProcess:  # pyright: ignore
        process = WorkerProcess(*args, **kwargs)  # pyright: ignore
        self._started.append(process)
        return process

    def kill_all(self) -> None:
        for process in self._started:
            if process.is_alive():
                process.kill()


_main_module = threading.Lock()


@contextmanager
def _no_main_module() -> Generator[None]:
    """Hide `__main__` from multiprocessing while it writes down what a child must import."""
    with _main_module:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


@contextmanager
def _interrupts_blocked() -> Generator[None]:
    """Ctrl-C in a terminal reaches every process: the child is born deaf to it."""
    resource_tracker.ensure_running()  # its own start would lift the block
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
