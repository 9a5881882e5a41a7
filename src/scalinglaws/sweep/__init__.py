"""Cells in, rows out: the only writer of results, and the only room that starts processes.

sweep(cells, store) computes what the store lacks. Killed at any moment, it loses the cells in
flight and nothing else; run again, it computes what is missing.
"""

from scalinglaws.sweep.cell import Cell, scratch
from scalinglaws.sweep.dask_executor import DaskExecutor, check_address
from scalinglaws.sweep.driver import Outcome, sweep
from scalinglaws.sweep.executor import Executor, LocalExecutor
from scalinglaws.sweep.origin import commit, processor, versions
from scalinglaws.sweep.processes import cores, pool
from scalinglaws.sweep.progress import reporter
from scalinglaws.sweep.store import Failure, Store

__all__ = [
    "Cell",
    "DaskExecutor",
    "Executor",
    "Failure",
    "LocalExecutor",
    "Outcome",
    "Store",
    "check_address",
    "commit",
    "cores",
    "pool",
    "processor",
    "reporter",
    "scratch",
    "sweep",
    "versions",
]
