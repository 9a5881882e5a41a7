"""The loop that every experiment shares: missing cells out, finished cells into the store."""

from __future__ import annotations

import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass

from scalinglaws.errors import ClusterError, Interrupted
from scalinglaws.sweep.cell import Cell
from scalinglaws.sweep.executor import (
    WORKER_LOST,
    Executor,
    LocalExecutor,
    deaths,
    lost,
)
from scalinglaws.sweep.processes import cores
from scalinglaws.sweep.progress import Reporter, Silent, Tally
from scalinglaws.sweep.store import Store
from scalinglaws.sweep.worker import Done, Failed

POLL_S = 0.2
ATTEMPTS = 2  # of a cell whose worker was lost; a cell that raises would only raise again


@dataclass(frozen=True)
class Outcome:
    """What a sweep did. `failed` maps the key of each failed cell to its reason, one line."""

    computed: int
    reused: int
    failed: dict[str, str]
    cells_s: float  # sum over the stored cells, wherever and whenever they ran


def sweep(
    cells: Sequence[Cell],
    store: Store,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Reporter | None = None,
) -> Outcome:
    """Compute the cells that the store lacks, and store each as it ends.

    Those that take the most workers start first, then the costliest.

    A cell that raises is recorded as failed with its traceback; a cell whose worker dies is
    tried once more, then recorded as failed; the sweep goes on. The next sweep tries them again.

    workers: cells at once on this machine, of which one of several threads counts as many, or
        as all; by default as many as it has cores.
    executor: where the cells run instead; `workers` is then its own affair.

    Raises Interrupted on Ctrl-C or SIGTERM, StoreError when a result cannot be stored (a full
    disk, say) and ClusterError when the executor's machines are lost; either way every worker
    has ended and what was stored is kept.
    """
    unique = {cell.key: cell for cell in cells}
    executor = executor or LocalExecutor(workers or cores(), store.scratch)
    missing = sorted(
        store.missing(cells), key=lambda cell: (executor.takes(cell), cell.cost), reverse=True
    )
    cost = sum(cell.cost * executor.takes(cell) for cell in missing)
    tally = Tally(len(unique), len(unique) - len(missing), cost)
    failed = _Run(store, executor, progress or Silent(), tally, missing).to_the_end()
    return Outcome(
        computed=len(missing) - len(failed),
        reused=len(unique) - len(missing),
        failed=failed,
        cells_s=store.cells_s(unique.values()),
    )


class _Run:
    """One pass over the missing cells."""

    def __init__(
        self,
        store: Store,
        executor: Executor,
        progress: Reporter,
        tally: Tally,
        missing: Sequence[Cell],
    ):
        self.store, self.executor, self.progress, self.tally = store, executor, progress, tally
        self.queue = deque(missing)
        self.running: dict[Future[Done | Failed], Cell] = {}
        self.attempts: Counter[str] = Counter()
        self.failed: dict[str, str] = {}

    def to_the_end(self) -> dict[str, str]:
        """Run every cell; the failed ones' reasons by key."""
        with _interrupts_noted() as interrupted:
            try:
                self.tally.workers = self.executor.workers
                self.progress.start(self.tally)
                while self.queue or self.running:
                    self._submit()
                    self._collect()
                    if interrupted():
                        raise Interrupted(f"interrupted: {self._kept()}")
                    self.progress.tick(self.tally)
            except ClusterError as error:
                raise ClusterError(f"{error}\n{self._kept()}") from None
            finally:
                self.progress.stop()
                self.executor.shutdown()
        return self.failed

    def _kept(self) -> str:
        return f"{self.tally.stored} of {self.tally.total} cells are stored in {self.store.path}"

    def _submit(self) -> None:
        self.tally.workers = self.executor.workers  # a cluster grows and shrinks
        while (cell := next(filter(self._fits, self.queue), None)) is not None:
            self.queue.remove(cell)
            self.attempts[cell.key] += 1
            self.running[self.executor.submit(cell)] = cell

    def _fits(self, cell: Cell) -> bool:
        """Whether the workers left have room for it; with none at work, one has for any."""
        taken = sum(map(self.executor.takes, self.running.values()))
        return not self.running or taken + self.executor.takes(cell) <= self.tally.workers

    def _collect(self) -> None:
        ended, _ = wait(self.running, timeout=POLL_S, return_when=FIRST_COMPLETED)
        # Answers that arrived are stored before an error of the whole cluster is raised.
        for future in sorted(ended, key=lambda f: isinstance(f.exception(), ClusterError)):
            cell = self.running.pop(future)
            try:
                answer = future.result()
            except WORKER_LOST as error:
                self.attempts[cell.key] += deaths(error) - 1
                if self.attempts[cell.key] < ATTEMPTS:
                    self.executor.release(future)
                    self.queue.appendleft(cell)
                    continue
                answer = lost(error, self.attempts[cell.key])
            attempt, taken = self.attempts[cell.key], self.executor.takes(cell)
            if isinstance(answer, Done):
                self.store.save(cell, answer, attempt)
                line = self.tally.done(cell, answer.wall_s, taken)
            else:
                self.store.save_failure(cell, answer, attempt)
                self.failed[cell.key] = answer.reason
                line = self.tally.failed(cell, answer.reason, taken)
            self.executor.release(future)
            self.progress.ended(line, self.tally)


@contextmanager
def _interrupts_noted() -> Generator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM set a flag, so that neither can cut a transaction or the clean-up short.

    Python delivers signals to the main thread only; a sweep in another thread leaves them be.
    """
    noted: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda number, _: noted.append(number)) for number in signals]
    try:
        yield lambda: bool(noted)
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
