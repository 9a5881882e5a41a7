"""Cells on a Dask cluster: the same futures, from machines that somebody else started."""

from __future__ import annotations

import asyncio
import logging
import pickle
import secrets
import threading
import time
from collections import Counter
from collections.abc import Coroutine, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

from scalinglaws.errors import BadInput, ClusterError, MissingExtra
from scalinglaws.sweep.cell import Cell
from scalinglaws.sweep.executor import WORKER_LOST, WorkersDied
from scalinglaws.sweep.remote import installed, run_remotely
from scalinglaws.sweep.worker import Done, Failed

# A type checker cannot know whether Dask's methods answer at once or with a coroutine.
Client = Any
DaskFuture = Any

T = TypeVar("T")

SCHEMES = ("tcp", "tls")
CONNECT_S = 10.0
CLOSE_S = 2.0
COUNT_S = 2.0  # how often the cluster's workers are counted
LOST = (OSError, RuntimeError, CancelledError)  # what Dask's own calls raise without scheduler
VERSIONS_S = 20.0  # to wait for what software the workers have
LOST_S = 60.0  # without an answer, after which a scheduler that still is connected is lost


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
        self._attempts: Counter[str] = Counter()
        self._client = _connect(address)
        # What other drivers send to this cluster never passes for one of these cells.
        self._name = secrets.token_hex(4)
        self._threads, self._seen = 0, set[str]()
        self._asked, self._count = time.monotonic(), self._begin(self._census())
        with suppress(TimeoutError):
            self._count.exception(COUNT_S)

    @property
    def workers(self) -> int:
        """As of the last count. Never waits, for a sweep that waits hears no Ctrl-C."""
        waited = time.monotonic() - self._asked
        if self._count.done():
            with suppress(*LOST):  # the futures will say so
                self._threads = self._count.result()
            if waited > COUNT_S and self._client.status == "running":
                self._asked, self._count = time.monotonic(), self._begin(self._census())
        elif waited > LOST_S:
            raise self._lost()
        return self._threads if self.at_most is None else min(self._threads, self.at_most)

    def takes(self, cell: Cell) -> int:
        """One, whatever its threads: docs/cluster.md says how to start workers for such cells."""
        return 1

    def submit(self, cell: Cell) -> Future[Done | Failed]:
        # Dask may still hold the error of an earlier attempt under that attempt's key.
        self._attempts[cell.key] += 1
        task = cell.task.rpartition(":")[2]
        key = f"{task}-{cell.key}-{self._name}-{self._attempts[cell.key]}"
        if self._client.status != "running":
            answer: Future[Done | Failed] = Future()
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
        answer = self._begin(self._answer(remote))
        self._remote[answer] = remote
        return answer

    def release(self, answer: Future[Done | Failed]) -> None:
        if (remote := self._remote.pop(answer, None)) is not None:
            remote.release()

    def shutdown(self) -> None:
        """Leave the cluster, whose workers end the cells of this executor, and no other's."""
        if self._client.status == "running":
            with suppress(*LOST):  # what a lost scheduler ran ends with it
                self._begin(self._withdraw()).result(CLOSE_S)
        self._remote.clear()
        self._client.close(timeout=CLOSE_S)

    def _begin(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start work in the client's loop, where each of its methods gives a coroutine."""
        return asyncio.run_coroutine_threadsafe(work, self._client.loop.asyncio_loop)

    async def _answer(self, remote: DaskFuture) -> Done | Failed:
        """What a Dask future gives, fetched as soon as it is there."""
        try:
            return await remote
        except (Exception, asyncio.CancelledError) as error:
            if remote.status == "error":
                raise self._meaning(error) from None
            raise self._lost() from None  # it was cancelled, or cannot be fetched

    async def _withdraw(self) -> None:
        await self._client.cancel(list(self._remote.values()))

    async def _census(self) -> int:
        """Count the threads of the cluster's workers.

        Raises ClusterError for workers without this package: a task of it would end them, and
        say nothing.
        """
        threads: dict[str, int] = await self._client.nthreads()
        if threads.keys() - self._seen:
            asked = self._client.get_versions(packages=["scalinglaws"])
            try:
                found = await asyncio.wait_for(asked, VERSIONS_S)
            except TimeoutError:  # by a worker that hangs: its scheduler will notice
                return sum(threads.values())
            for worker, software in found["workers"].items():
                if software and not software["packages"]["scalinglaws"]:
                    raise ClusterError(
                        f"the Dask worker at {worker} has no scalinglaws: install the same there "
                        "as here and restart its workers"
                    )
        self._seen = set(threads)
        return sum(threads.values())

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
    check_address(address)
    try:
        from distributed import Client
        from distributed.security import Security
    except ImportError:
        raise MissingExtra("distributed", "cluster") from None
    # It would tell on stderr, in its own words, what ClusterError tells.
    for talker in ("distributed.client", "distributed.core", "distributed.comm"):
        logging.getLogger(talker).setLevel(logging.CRITICAL + 1)
    try:
        credentials: dict[str, Any] = Security().get_connection_args("client")
    except OSError as error:  # an SSLError is one
        raise BadInput(
            f"the certificates of Dask's configuration, distributed.comm.tls, fail: {error}"
        ) from None
    if address.startswith("tls:") and credentials["ssl_context"] is None:
        raise BadInput(
            f"{address} needs certificates: name them in Dask's configuration, distributed.comm.tls"
        )
    try:
        _ask(address, credentials).result(CONNECT_S + 1)
        return Client(address, timeout=CONNECT_S, set_as_default=False)
    except (ValueError, RuntimeError) as error:  # no name of a host; encryption is demanded
        raise BadInput(f"scheduler {address!r:.80} cannot be asked: {error}") from None
    except OSError:  # a TimeoutError is one
        raise ClusterError(
            f"no Dask scheduler answers at {address} within {CONNECT_S:.0f} s: start one with "
            "`dask scheduler`, or give the address that it prints"
        ) from None


def check_address(address: str) -> None:
    """Raise BadInput for what is no address, showing nothing of it that may be a password."""
    full = address if "://" in address else f"tcp://{address}"
    try:
        parts = urlsplit(full)
        bare = f"{parts.scheme}://{parts.netloc}" == full and "@" not in full
        fine = parts.scheme in SCHEMES and parts.hostname and parts.port
    except ValueError:
        bare, fine = "@" not in full, False
    if not (bare and fine and full.isprintable() and " " not in full):
        shown = f"{address!r:.80}" if bare else "as given"
        raise BadInput(f"the scheduler's address, {shown}, is not tcp://HOST:PORT or tls://...")


def _ask(address: str, credentials: Mapping[str, Any]) -> Future[None]:
    """Whether a scheduler answers at `address`, in a thread that nobody has to wait for.

    A Client that fails to connect holds up the exit, and may wait for ever where something else
    answers.
    """
    from distributed.comm.core import connect

    asked: Future[None] = Future()

    async def ask() -> None:
        comm = await connect(address, timeout=CONNECT_S, **credentials)
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
