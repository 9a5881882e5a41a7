"""Processes on this machine: how many it holds, and how one starts and ends."""

from __future__ import annotations

import multiprocessing
import multiprocessing.context
import os
import signal
import sys
import threading
import types
from collections.abc import Generator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import resource_tracker

from scalinglaws.sweep.worker import start_worker


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
        with _starting, _no_main_module(), _no_daemon(), _interrupts_blocked():
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


def pool(workers: int) -> ProcessPoolExecutor:
    """Processes of one thread each, for calls that are no cells. They end with this one."""
    return ProcessPoolExecutor(
        workers, WorkerContext(), initializer=start_worker, initargs=(os.getpid(), 1)
    )


_starting = threading.Lock()  # what is hidden while a process starts is hidden from all threads


@contextmanager
def _no_main_module() -> Generator[None]:
    """Hide `__main__` from multiprocessing while it writes down what a child must import."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _no_daemon() -> Generator[None]:
    """Dask's nanny starts a worker as a daemon, to which multiprocessing allows no children.

    They might outlive it; ours do not.
    """
    config: dict[str, object] = vars(multiprocessing.current_process())["_config"]
    daemon = config.pop("daemon", None)
    try:
        yield
    finally:
        if daemon is not None:
            config["daemon"] = daemon


@contextmanager
def _interrupts_blocked() -> Generator[None]:
    """Ctrl-C in a terminal reaches every process: the child is born deaf to it."""
    resource_tracker.ensure_running()  # its own start would lift the block
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
