"""Where cells run: futures in, futures out."""

from __future__ import annotations

import multiprocessing.context
import os
import pickle
import signal
import sys
import threading
import types
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
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
        """Start a cell; at most `workers` at once.

        The future raises one of WORKER_LOST when its worker is gone.
        """
        ...

    def shutdown(self) -> None:
        """End every worker at once, whatever it is doing."""
        ...


class LocalExecutor:
    """Worker processes on this machine, started afresh (spawn) and replaced when they die.

    scratch: where a cell's folder for checkpoints lies (`Store.scratch`); without it there is none.
    """

    def __init__(self, workers: int, scratch: Callable[[Cell], Path] | None = None):
        self.workers, self.scratch = workers, scratch
        self._started: list[_Worker] = []

    def submit(self, cell: Cell) -> Future[Done | Failed]:
        worker = self._idle(cell.threads)
        scratch = self.scratch and self.scratch(cell)
        worker.answer = worker.schedule(run_cell, args=(pickle.dumps(cell), cell.threads, scratch))
        return worker.answer

    def shutdown(self) -> None:
        _end(self._started)
        self._started = []

    def _idle(self, threads: int) -> _Worker:
        """A worker that waits for a cell of so many threads.

        One of another thread count is replaced: most libraries read theirs only once.
        """
        idle = [worker for worker in self._started if worker.idle]
        for worker in idle:
            if worker.threads == threads and worker.sound:
                return worker
        if len(self._started) >= self.workers:
            _end(idle[:1])
            self._started.remove(idle[0])
        self._started.append(_Worker(threads))
        return self._started[-1]


class _Worker(ProcessPool):
    """A pool of a single process, prepared for one thread count, given one cell at a time.

    Not one pool for all: its processes share a pipe and the pipe's lock, so one that dies within
    a moment of taking a cell could leave that cell unanswered, or the others waiting for the lock.
    """

    answer: Future[Done | Failed] | None = None  # to the cell it was given last

    def __init__(self, threads: int):
        self.threads = threads
        self.processes = WorkerContext()
        super().__init__(
            max_workers=1,
            initializer=start_worker,
            initargs=(os.getpid(), threads),
            context=self.processes,
        )

    @property
    def idle(self) -> bool:
        return self.answer is None or self.answer.done()

    @property
    def sound(self) -> bool:
        """Whether no process of it has died so far."""
        died = self.answer is not None and isinstance(self.answer.exception(), WORKER_LOST)
        return self.active and not died


def _end(workers: Sequence[_Worker]) -> None:
    """End workers at once.

    Not pebble's way, which gives each in turn 3 s to end by itself: a worker has nothing to
    save, and compiled code does not listen.
    """
    for worker in workers:
        worker.stop()
    for worker in workers:
        worker.processes.kill_all()
    for worker in workers:
        worker.join()


def lost(error: BaseException, attempts: int) -> Failed:
    """What to record of a cell that lost its worker that many times."""
    reason = f"its worker died {attempts} times"
    # Which signal it was is known only if the worker had acknowledged the cell.
    if getattr(error, "exitcode", None) == -signal.SIGKILL:
        return Failed(
            reason,
            f"{reason}, by SIGKILL: often the system out of memory, for which "
            "fewer workers are the mend",
        )
    return Failed(reason, f"{reason}, last with {error!r}")


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
