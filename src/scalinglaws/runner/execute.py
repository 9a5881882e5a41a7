"""Run an experiment: its missing cells, its analysis, its report."""

from __future__ import annotations

import os
import shlex
import time
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scalinglaws import experiments
from scalinglaws.errors import BadInput, CellsFailed, ClusterError, Interrupted, UnknownName
from scalinglaws.experiments import devices
from scalinglaws.result import Result, Row
from scalinglaws.runner.artifacts import STORE, command_line, new_result, write
from scalinglaws.runner.provenance import provenance
from scalinglaws.runner.settings import budget_of, changes, override
from scalinglaws.sweep import Cell, DaskExecutor, Outcome, Store, check_address, reporter, sweep

EXECUTORS = ("local", "dask")
REASONS_SHOWN = 5


def run(
    name: str,
    budget: str = "quick",
    *,
    overrides: Mapping[str, Any] | None = None,
    store: Path | str = STORE,
    workers: int | None = None,
    device: str | None = None,
    executor: str = "local",
    scheduler: str | None = None,
    data: Path | str | None = None,
    quiet: bool = False,
    seed: int | None = None,
    command: str | None = None,
) -> Result:
    """Run an experiment or resume it, analyse it and write its report.

    Cells that the store holds are not computed again. The artefacts (report.html, figures/,
    rows.csv, result.json) go to `artifact_folder(result, store)`.

    overrides: settings of the budget to replace, by name; text is converted to the field's type.
    store: folder of the results, on a local disk.
    workers: cells at once, one of several threads for as many; by default one per core. Of a Dask
        cluster, the cells that it is given at once; by default as many as its workers have threads.
    device, seed: the settings of those names.
    executor: "local", or "dask" with the address of its `scheduler`; cells then run on the
        workers that are connected to it.
    data: folder with real data, instead of the one in SCALINGLAWS_DATA. A Dask worker that has
        that variable keeps its own.
    command: what to record as the command that made this; by default this call.

    Raises BadInput and its kin before anything is computed; StoreError and StoreHeld;
    Interrupted on Ctrl-C or SIGTERM and ClusterError when the Dask cluster cannot be reached, is
    lost or has other software, with how to resume; CellsFailed once the report of the
    other cells is written, with that result attached.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    experiment = experiments.get(name)
    chosen, pure = budget_of(experiment, budget)
    settings = override(pure, changes(pure, overrides, device=device, seed=seed))
    _check_executor(executor, scheduler, workers)
    if executor == "local":
        _check_device(getattr(settings, "device", "cpu"))
    command = command or command_line(name, chosen, settings, pure, store, scheduler)
    with _data_folder(data):
        swept = _swept(experiment.cells(settings), store, workers, scheduler, quiet, command)
        findings = experiment.analyse(swept.rows, settings, chosen)
    made = provenance(
        settings,
        command=command,
        started=started,
        wall_s=time.monotonic() - clock,
        cells_s=swept.outcome.cells_s,
    )
    if scheduler is not None:
        where = f"{swept.hosts} {'host' if swept.hosts == 1 else 'hosts'} of a Dask cluster"
        made = replace(made, machine=f"{where}, driven from {made.machine}")
    failed = swept.outcome.failed
    result = new_result(experiment, chosen, settings, findings, made, swept.rows, len(failed))
    result = write(result, swept.rows, store)
    if failed:
        raise CellsFailed(_reasons(swept.outcome, swept.file), result)
    return result


@dataclass(frozen=True)
class Swept:
    """What a sweep came to: its outcome, the rows of its cells, how many hosts computed them."""

    outcome: Outcome
    rows: list[Row]
    hosts: int
    file: Path  # the database that holds them, with the tracebacks of those that failed


def _swept(
    cells: Sequence[Cell],
    store: Path | str,
    workers: int | None,
    scheduler: str | None,
    quiet: bool,
    command: str,
) -> Swept:
    """Compute the cells that the store lacks, here or on a cluster; `command` resumes that."""
    with Store(store) as opened:
        cluster = _cluster(scheduler, workers)  # where it cannot be reached there is no more to say
        try:
            outcome = sweep(
                cells, opened, workers=workers, executor=cluster, progress=reporter(quiet=quiet)
            )
        except (Interrupted, ClusterError) as error:
            raise type(error)(f"{error}\nresume with: {command}") from None
        return Swept(outcome, opened.rows(cells), opened.hosts(cells), opened.file)


def _check_executor(executor: str, scheduler: str | None, workers: int | None) -> None:
    if executor not in EXECUTORS:
        raise UnknownName("executor", executor, EXECUTORS)
    if executor == "dask" and not scheduler:
        raise BadInput("executor 'dask' needs the address of its scheduler: tcp://HOST:PORT")
    if executor != "dask" and scheduler is not None:
        raise BadInput("a scheduler belongs to executor 'dask': leave it out")
    if scheduler is not None:
        check_address(scheduler)
    if workers is not None and workers < 1:
        raise BadInput(f"workers must be at least 1, not {workers}")


def _check_device(device: str) -> None:
    if not devices.is_present(device):
        raise BadInput(
            f"device {device}: PyTorch has none on this machine; the cpu is always there"
        )


def _cluster(scheduler: str | None, workers: int | None) -> DaskExecutor | None:
    """The Dask cluster of that scheduler, told where this process looks for real data."""
    from scalinglaws.data.published import VARIABLE

    if scheduler is None:
        return None
    folder = os.environ.get(VARIABLE)
    return DaskExecutor(scheduler, workers, {VARIABLE: folder} if folder else {})


@contextmanager
def _data_folder(data: Path | str | None) -> Generator[None]:
    """Where this process and its workers look for real data."""
    from scalinglaws.data.published import VARIABLE

    if data is None:
        yield
        return
    if not Path(data).is_dir():
        raise BadInput(f"data folder {str(data)!r:.200} is not a folder: give one that exists")
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(Path(data).absolute())
    try:
        yield
    finally:
        del os.environ[VARIABLE]
        if before is not None:
            os.environ[VARIABLE] = before


def _reasons(outcome: Outcome, file: Path) -> str:
    """One line per reason, the commonest first, and where the tracebacks are."""
    counted = Counter(outcome.failed.values()).most_common()
    lines = [f"{count} {'cell' if count == 1 else 'cells'}: {why}" for why, count in counted]
    if len(lines) > REASONS_SHOWN:
        lines[REASONS_SHOWN:] = [f"and {len(lines) - REASONS_SHOWN} other reasons"]
    query = "select reason, traceback from failures"
    return "\n".join(
        [
            f"{len(outcome.failed)} cells failed and will be tried again by the next run; "
            f"tracebacks: sqlite3 {shlex.quote(str(file))} '{query}'",
            *lines,
        ]
    )
