"""Where cells run: futures in, futures out."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Future
from pathlib import Path
from typing import Protocol

from pebble import ProcessExpired, ProcessPool

from scalinglaws.sweep.cell import Cell
from scalinglaws.sweep.processes import WorkerContext
from scalinglaws.sweep.worker import Done, Failed, run_cell, start_worker

# A future that ends in one of these lost its worker; the cell itself may be innocent.
WORKER_LOST = (ProcessExpired, BrokenExecutor)


class WorkersDied(BrokenExecutor):
    """A cell that was given to several workers in turn, all of which died."""

    def __init__(self, why: str, deaths: int):
        self.deaths = deaths
        super().__init__(why)


class Executor(Protocol):
    """What a sweep needs of a machine, or of many."""

    @property
    def workers(self) -> int:
        """How many cells it can run at once now; 0 while a cluster waits for its first worker."""
        ...

    def takes(self, cell: Cell) -> int:
        """How many of its workers a cell keeps busy."""
        ...

    def submit(self, cell: Cell) -> Future[Done | Failed]:
        """Start a cell; at most `workers` at once, but one even where there is none yet.

        The future raises one of WORKER_LOST when its worker is gone, ClusterError when all are.
        """
        ...

    def release(self, answer: Future[Done | Failed]) -> None:
        """Forget a future: what it gave is stored, or is to be tried again."""
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

    def takes(self, cell: Cell) -> int:
        """One for each of its threads, as far as there are so many."""
        return min(cell.threads, self.workers)

    def submit(self, cell: Cell) -> Future[Done | Failed]:
        scratch = self.scratch and self.scratch(cell)
        return self.send(pickle.dumps(cell), cell.threads, {}, scratch)

    def send(
        self,
        pickled: bytes,
        threads: int,
        environment: Mapping[str, str],
        scratch: Path | None = None,
    ) -> Future[Done | Failed]:
        """Start a pickled cell, with variables for an environment that lacks them."""
        worker = self._idle(threads)
        worker.answer = worker.schedule(run_cell, args=(pickled, threads, environment, scratch))
        return worker.answer

    def release(self, answer: Future[Done | Failed]) -> None:
        """Nothing: the answer is here, and the worker waits for its next cell."""

    def abandon(self, answer: Future[Done | Failed]) -> None:
        """End the worker that is at this cell, if one still is."""
        busy = [worker for worker in self._started if worker.answer is answer and not worker.idle]
        _end(busy)
        self._started = [worker for worker in self._started if worker not in busy]

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


def deaths(error: BaseException) -> int:
    """Workers that a cell lost before it was given up with one of WORKER_LOST."""
    return error.deaths if isinstance(error, WorkersDied) else 1


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
