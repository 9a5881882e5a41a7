"""Cells on a Dask cluster: the same futures, from machines that somebody else started."""

from __future__ import annotations

import asyncio
import logging
import pickle
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from scalinglaws.errors import BadInput, ClusterError, MissingExtra
from scalinglaws.sweep.cell import Cell
from scalinglaws.sweep.executor import WORKER_LOST, WorkersDied
from scalinglaws.sweep.remote import installed, run_remotely
from scalinglaws.sweep.worker import Done, Failed

# A type checker cannot know whether Dask's methods answer at once or with a coroutine.
Client = Any
DaskFuture = Any

CONNECT_S = 10.0
CLOSE_S = 2.0
COUNT_S = 2.0  # how often the cluster's workers are counted


class DaskExecutor:
    """The workers of the Dask scheduler at `address`, which neither starts nor ends with this.

    Each thread that a worker offers runs one cell at a time, in a process of its own.

    at_most: cells at once; by default as many as the cluster has threads, which may change.
    environment: variables for the cells, on workers that lack them.

    Raises MissingExtra without Dask, BadInput for an address that is none, and ClusterError when
    no scheduler answers there.
    """

    def __init__(
        self,
        address: str,
        at_most: int | None = None,
        environment: Mapping[str, str] | None = None,
    ):
        self.address, self.at_most = address, at_most
        self._environment = dict(environment or {})
        self._software = installed()
        self._remote: dict[Future[Done | Failed], DaskFuture] = {}
        self._sent: Counter[str] = Counter()
        self._client = _connect(address)
        self._counted, self._threads, self._seen = float("-inf"), 0, set[str]()

    @property
    def workers(self) -> int:
        now = time.monotonic()
        due = now - self._counted > COUNT_S or not self._threads
        if due and self._client.status == "running":
            self._counted = now
            with suppress(OSError, RuntimeError):  # the scheduler is lost: the futures will say so
                threads = self._client.nthreads()
                if threads.keys() - self._seen:
                    self._refuse_strangers()
                self._seen, self._threads = set(threads), sum(threads.values())
        return self._threads if self.at_most is None else min(self._threads, self.at_most)

    def submit(self, cell: Cell) -> Future[Done | Failed]:
        # Dask may still hold the error of an earlier attempt under that attempt's key.
        self._sent[cell.key] += 1
        attempt = self._sent[cell.key]
        key = f"{cell.task.rpartition(':')[2]}-{cell.key}" + f"-{attempt}" * (attempt > 1)
        answer: Future[Done | Failed] = Future()
        if self._client.status != "running":
            answer.set_exception(self._lost())
            return answer
        remote = self._client.submit(
            run_remotely,
            key,
            pickle.dumps(cell),
            cell.threads,
            self._software,
            self._environment,
            key=key,
            pure=False,
        )
        self._remote[answer] = remote
        remote.add_done_callback(self._hand_over(answer))
        return answer

    def release(self, answer: Future[Done | Failed]) -> None:
        if (remote := self._remote.pop(answer, None)) is not None:
            remote.release()

    def shutdown(self) -> None:
        """Leave the cluster, whose workers end the cells of this executor, and no other's."""
        if self._client.status == "running":
            with suppress(OSError, RuntimeError):  # what a lost scheduler ran ends with it
                self._client.cancel(list(self._remote.values()))
        self._remote.clear()
        self._client.close(timeout=CLOSE_S)

    def _refuse_strangers(self) -> None:
        """Raise for workers without this package: a task of it would end them, and say nothing."""
        workers = self._client.get_versions(packages=["scalinglaws"])["workers"]
        for worker, found in workers.items():
            if found and not found["packages"]["scalinglaws"]:
                raise ClusterError(
                    f"the Dask worker at {worker} has no scalinglaws: install the same there as "
                    "here and restart its workers"
                )

    def _hand_over(self, answer: Future[Done | Failed]) -> Callable[[DaskFuture], None]:
        """What to do when a Dask future is done: its outcome becomes the answer's."""

        def hand_over(remote: DaskFuture) -> None:
            try:
                if remote.status == "error":
                    answer.set_exception(self._meaning(remote.exception()))
                else:
                    answer.set_result(remote.result())
            except BaseException:  # it was cancelled, or cannot be fetched
                answer.set_exception(self._lost())

        return hand_over

    def _meaning(self, error: BaseException) -> BaseException:
        """What a task's error says, which is never one of the cell's own: those are answers."""
        from distributed import KilledWorker

        if isinstance(error, KilledWorker):
            return WorkersDied(
                f"the last on {error.last_worker.address}", error.allowed_failures + 1
            )
        if isinstance(error, (ClusterError, *WORKER_LOST)):
            return error
        why = " ".join(f"{type(error).__name__}: {error}".split()).partition(". ")[0]
        return ClusterError(
            f"the Dask cluster at {self.address} cannot take cells ({why:.200}): its scheduler and "
            "workers need the same Python, scalinglaws, dask and distributed as this process"
        )

    def _lost(self) -> ClusterError:
        return ClusterError(
            f"the Dask scheduler at {self.address} was lost: start one and its workers again"
        )


def _connect(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError:
        raise MissingExtra("distributed", "cluster") from None
    # It would tell on stderr, in its own words, what ClusterError tells.
    for talker in ("distributed.client", "distributed.core", "distributed.comm"):
        logging.getLogger(talker).setLevel(logging.CRITICAL + 1)
    try:
        _ask(address).result(CONNECT_S + 1)
        return Client(address, timeout=CONNECT_S, set_as_default=False)
    except ValueError as error:
        raise BadInput(
            f"scheduler {address!r:.80} is no address ({error}): give tcp://HOST:PORT"
        ) from None
    except OSError:  # a TimeoutError is one
        raise ClusterError(
            f"no Dask scheduler answers at {address} within {CONNECT_S:.0f} s: start one with "
            "`dask scheduler`, or give the address that it prints"
        ) from None


def _ask(address: str) -> Future[None]:
    """Whether a scheduler answers at `address`, in a thread that nobody has to wait for.

    A Client that fails to connect holds up the exit, and may wait for ever where something else
    answers.
    """
    from distributed.comm.core import connect
    from distributed.security import Security

    asked: Future[None] = Future()

    async def ask() -> None:
        arguments: dict[str, Any] = Security().get_connection_args("client")
        comm = await connect(address, timeout=CONNECT_S, **arguments)
        try:
            await comm.write({"op": "identity", "reply": True})
            await comm.read()
        finally:
            comm.abort()

    def wait() -> None:
        try:
            asked.set_result(asyncio.run(ask()))
        except BaseException as error:
            asked.set_exception(error)

    threading.Thread(target=wait, daemon=True).start()
    return asked
