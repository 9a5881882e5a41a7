"""Run an experiment, rebuild its report, reproduce them all: where the rooms are joined up."""

from __future__ import annotations

import hashlib
import os
import shlex
import time
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from scalinglaws import experiments
from scalinglaws.errors import BadInput, CellsFailed, Interrupted, NotYet, UnknownName
from scalinglaws.experiments import AnyExperiment
from scalinglaws.overrides import changes, override
from scalinglaws.provenance import provenance
from scalinglaws.result import Budget, Findings, Provenance, Result, Row
from scalinglaws.sweep import Outcome, Store, reporter, sweep

STORE = "scalinglaws-results"
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
    workers: processes; by default one per core.
    device, seed: the settings of those names.
    data: folder with real data, instead of the one in SCALINGLAWS_DATA.
    command: what to record as the command that made this; by default this call.

    Raises BadInput and its kin before anything is computed; StoreError and StoreHeld;
    Interrupted on Ctrl-C or SIGTERM, with how to resume; CellsFailed once the report of the
    other cells is written, with that result attached.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    experiment = experiments.get(name)
    chosen, pure = _budget(experiment, budget)
    settings = override(pure, changes(pure, overrides, device=device, seed=seed))
    _check_executor(executor, scheduler, workers)
    command = command or _command(name, chosen, settings, pure, store)
    with _data_folder(data):
        cells = experiment.cells(settings)
        with Store(store) as opened:
            try:
                outcome = sweep(cells, opened, workers=workers, progress=reporter(quiet=quiet))
            except Interrupted as error:
                raise Interrupted(f"{error}\nresume with: {command}") from None
            rows = opened.rows(cells)
        findings = experiment.analyse(rows, settings, chosen)
    wall_s = time.monotonic() - clock
    made = provenance(
        settings, command=command, started=started, wall_s=wall_s, cells_s=outcome.cells_s
    )
    result = _result(experiment, chosen, settings, findings, made, rows, len(outcome.failed))
    result = _write(result, rows, store)
    if outcome.failed:
        raise CellsFailed(_reasons(outcome, opened.file), result)
    return result


def report(
    name: str,
    *,
    budget: str = "quick",
    store: Path | str = STORE,
    from_dir: Path | str | None = None,
) -> Result:
    """Analyse again what an earlier run left, and write its report into the store; run no cell.

    What is analysed are the store's rows, or with `from_dir` a ledger's: a folder with
    result.json and rows.csv in it, or in its NAME/BUDGET. Provenance is that of the run.

    Raises BadInput where there is nothing of that experiment and budget.
    """
    experiment = experiments.get(name)
    chosen, pure = _budget(experiment, budget)
    if from_dir is not None:
        old, rows = _ledger(Path(from_dir), name, chosen)
    else:
        old, rows = _stored(experiment, chosen, pure, Path(store))
    try:
        settings = msgspec.convert(old.settings, type(pure))
    except msgspec.ValidationError as error:
        raise BadInput(f"the ledger's settings are not this version's: {error}") from None
    findings = experiment.analyse(rows, settings, old.budget)
    return _write(replace(old, findings=findings), rows, store)


def reproduce(
    *,
    budget: str | None = None,
    store: Path | str = STORE,
    from_dir: Path | str | None = None,
    data: Path | str | None = None,
    workers: int | None = None,
    seed: int | None = None,
    quiet: bool = False,
) -> list[Result]:
    """Every experiment in one table and one page, written into the store.

    Runs each at `budget` (by default quick); with `from_dir` runs nothing, but takes each one's
    committed ledger at `budget` (by default the largest that is complete).

    Raises BadInput where `from_dir` has no complete ledger, and CellsFailed once all is written.
    """
    from scalinglaws.report import write_summary

    results: list[Result] = []
    failures: list[str] = []
    for name in experiments.NAMES:
        if from_dir is not None:
            found = _largest_complete(Path(from_dir), name, budget)
            results += [] if found is None else [report(name, store=store, from_dir=found)]
            continue
        try:
            results.append(
                run(
                    name,
                    budget or "quick",
                    store=store,
                    data=data,
                    workers=workers,
                    seed=seed,
                    quiet=quiet,
                )
            )
        except CellsFailed as error:
            results += [] if error.result is None else [error.result]
            failures.append(f"{name}: {error}")
    if not results:
        raise BadInput(f"no complete ledger NAME/BUDGET/result.json in {from_dir}")
    write_summary(results, Path(store))
    if failures:
        raise CellsFailed("\n".join(failures))
    return results


def artifact_folder(result: Result, store: Path | str = STORE) -> Path:
    """Where the artefacts of a result are: STORE/NAME/BUDGET.

    A run with other settings than the budget's goes to STORE/NAME/BUDGET+HASH, so that it never
    passes for a run of the budget.
    """
    pure = _canonical(experiments.get(result.experiment).budgets[result.budget])
    own = _canonical(result.settings)
    changed = "" if own == pure else f"+{hashlib.sha256(own).hexdigest()[:8]}"
    return Path(store) / result.experiment / f"{result.budget}{changed}"


def _canonical(settings: Any) -> bytes:
    return msgspec.json.encode(msgspec.to_builtins(settings), order="sorted")


def _budget(experiment: AnyExperiment, budget: str) -> tuple[Budget, Any]:
    if budget not in experiment.budgets:
        raise UnknownName("budget", budget, experiment.budgets)
    return Budget(budget), experiment.budgets[Budget(budget)]


def _check_executor(executor: str, scheduler: str | None, workers: int | None) -> None:
    if executor not in EXECUTORS:
        raise UnknownName("executor", executor, EXECUTORS)
    if executor == "dask":
        raise NotYet("executor 'dask'")
    if scheduler is not None:
        raise BadInput("a scheduler belongs to executor 'dask': leave it out")
    if workers is not None and workers < 1:
        raise BadInput(f"workers must be at least 1, not {workers}")


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


def _command(name: str, budget: Budget, settings: Any, pure: Any, store: Path | str) -> str:
    """The command line that does what a call from Python did."""
    own, usual = (msgspec.to_builtins(s) for s in (settings, pure))
    words = ["scalinglaws", "run", name, "--budget", budget.value]
    for field, value in own.items():
        if value != usual[field]:
            text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
            words += ["--set", f"{field}={text}"]
    if str(store) != STORE:
        words += ["--store", str(store)]
    return shlex.join(words)


def _result(
    experiment: AnyExperiment,
    budget: Budget,
    settings: Any,
    findings: Findings,
    made: Provenance,
    rows: Sequence[Row],
    failed: int,
) -> Result:
    return Result(
        experiment=experiment.name,
        title=experiment.title,
        paper=experiment.paper,
        budget=budget,
        settings=msgspec.to_builtins(settings),
        findings=findings,
        provenance=made,
        rows=len(rows),
        failed=failed,
    )


def _write(result: Result, rows: Sequence[Row], store: Path | str) -> Result:
    from scalinglaws.report import write_report

    names = write_report(result, rows, artifact_folder(result, store))
    return replace(result, artifacts=tuple(names))


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


def _stored(
    experiment: AnyExperiment, budget: Budget, settings: Any, store: Path
) -> tuple[Result, list[Row]]:
    """The store's rows of a budget, under the provenance of the run that reported them."""
    from scalinglaws.report import load_result

    cells = experiment.cells(settings)
    with Store(store, readonly=True) as opened:
        rows, missing = opened.rows(cells), opened.missing(cells)
        cells_s = opened.cells_s(cells)
    command = _command(experiment.name, budget, settings, settings, store)
    if not rows:
        raise BadInput(f"{store} has no rows of {experiment.name} at {budget}: first {command}")
    made = provenance(
        settings, command=command, started=datetime.now(UTC), wall_s=0.0, cells_s=cells_s
    )
    result = _result(experiment, budget, settings, Findings(()), made, rows, len(missing))
    folder = artifact_folder(result, store)
    if (folder / "result.json").exists():
        result = replace(result, provenance=load_result(folder)[0].provenance)
    return result, rows


def _ledger(folder: Path, name: str, budget: Budget) -> tuple[Result, list[Row]]:
    """A ledger of `name`: in the folder itself or in its NAME/BUDGET."""
    from scalinglaws.report import load_result

    here = (folder / "result.json").exists()
    result, rows = load_result(folder if here else folder / name / budget)
    if result.experiment != name:
        raise BadInput(f"{folder} holds a ledger of {result.experiment!r:.60}, not of {name}")
    return result, rows


def _largest_complete(folder: Path, name: str, budget: str | None) -> Path | None:
    """The ledger in NAME/BUDGET of the largest budget none of whose cells failed."""
    from scalinglaws.report import load_result

    for candidate in reversed(Budget) if budget is None else (Budget(budget),):
        ledger = folder / name / candidate
        if (ledger / "result.json").exists() and not load_result(ledger)[0].failed:
            return ledger
    return None
