"""What happens on a Dask worker: each cell in a process of its own, as on the driver's machine.

Not in the worker's own process: libraries read their thread counts once, compiled code keeps the
interpreter's lock and so the heartbeat, and Dask cannot end a task that runs.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Mapping
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from scalinglaws.errors import ClusterError
from scalinglaws.sweep.executor import LocalExecutor
from scalinglaws.sweep.origin import code, versions
from scalinglaws.sweep.worker import Done, Failed

if TYPE_CHECKING:
    from distributed import Worker

POLL_S = 0.05

_processes: WeakKeyDictionary[Worker, LocalExecutor] = WeakKeyDictionary()


async def run_remotely(
    key: str,
    pickled: bytes,
    threads: int,
    software: Mapping[str, str],
    environment: Mapping[str, str],
) -> Done | Failed:
    """Run a pickled Cell as Dask's task `key`, unless this software is not the driver's.

    A coroutine, hence in the worker's main thread, with whose end the cell's process would end.

    Raises one of WORKER_LOST when the cell's process dies, ClusterError on other software. When
    the driver or the scheduler no longer wants the task the process is ended at once.
    """
    from distributed import Reschedule, get_worker

    if different := differences(software, installed()):
        raise ClusterError(
            f"the Dask worker on {platform.node()} has {different}: install the same there and "
            "restart its workers"
        )
    worker = get_worker()
    processes = _processes.setdefault(worker, LocalExecutor(worker.state.nthreads))
    answer = processes.send(pickled, threads, environment)
    try:
        while not answer.done():
            await asyncio.sleep(POLL_S)
            task = worker.state.tasks.get(key)
            if task is None or task.state == "cancelled":
                raise Reschedule  # heard only if somebody wants it again by now
        return answer.result()
    finally:
        processes.abandon(answer)


def installed() -> dict[str, str]:
    """What two processes must share to give a cell the same bits, on one kind of processor."""
    # Patch releases of Python and builds of one version (torch 2.13.0+cpu) count as the same.
    found = {name: version.partition("+")[0] for name, version in versions().items()}
    found["python"] = found["python"].rpartition(".")[0]
    found["scalinglaws"] = f"{found['scalinglaws']} of code {code()}"
    return found


def differences(wanted: Mapping[str, str], found: Mapping[str, str]) -> str:
    """What is absent or another version than wanted, in words; nothing if all is there."""
    return ", ".join(
        f"{name} {found[name]}, not {version}" if name in found else f"no {name} {version}"
        for name, version in wanted.items()
        if found.get(name) != version
    )
