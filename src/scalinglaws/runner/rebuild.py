"""Rebuild reports from what earlier runs left, and reproduce everything."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from scalinglaws import experiments
from scalinglaws.errors import BadInput, CellsFailed
from scalinglaws.experiments import AnyExperiment
from scalinglaws.result import Budget, Findings, Result, Row
from scalinglaws.runner.artifacts import STORE, artifact_folder, command_line, new_result, write
from scalinglaws.runner.execute import run
from scalinglaws.runner.provenance import provenance
from scalinglaws.runner.settings import budget_of
from scalinglaws.sweep import Store, cores, pool


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
    chosen, pure = budget_of(experiment, budget)
    if from_dir is not None:
        old, rows = _ledger(Path(from_dir), name, chosen)
    else:
        old, rows = _stored(experiment, chosen, pure, Path(store))
    unknown = old.settings.keys() - msgspec.to_builtins(pure).keys()
    try:
        if unknown:
            raise msgspec.ValidationError(f"unknown setting {min(unknown)!r:.60}")
        settings = msgspec.convert(old.settings, type(pure))
    except msgspec.ValidationError as error:
        raise BadInput(f"the ledger's settings are not this version's: {error}") from None
    findings = experiment.analyse(rows, settings, old.budget)
    return write(replace(old, findings=findings), rows, store)


def reproduce(
    *,
    budget: str | None = None,
    store: Path | str = STORE,
    from_dir: Path | str | None = None,
    data: Path | str | None = None,
    workers: int | None = None,
    executor: str = "local",
    scheduler: str | None = None,
    seed: int | None = None,
    quiet: bool = False,
) -> list[Result]:
    """Every experiment in one table, and with its figures on one page, written into the store.

    Runs each at `budget` (by default quick), those that draw anything with `seed`; with
    `from_dir` runs nothing, but takes each one's committed ledger at `budget` (by default the
    largest that is complete).

    Raises BadInput where `from_dir` has no complete ledger, and CellsFailed once all is written.
    """
    from scalinglaws.report import write_summary

    if from_dir is not None:
        results = _reports(Path(from_dir), Path(store), budget, workers or cores())
        write_summary(results, store, _folder)
        return results

    results, failures = list[Result](), list[str]()
    for name in experiments.NAMES:
        try:
            results.append(
                run(
                    name,
                    budget or "quick",
                    store=store,
                    workers=workers,
                    executor=executor,
                    scheduler=scheduler,
                    data=data,
                    quiet=quiet,
                    seed=seed if _has_seed(name) else None,
                )
            )
        except CellsFailed as error:
            results += [error.result] if error.result else []
            failures.append(f"{name}: {error}")
    write_summary(results, store, _folder)
    if failures:
        raise CellsFailed("\n".join(failures))
    return results


def _folder(result: Result) -> Path:
    """Where a report lies within its store."""
    return artifact_folder(result, "")


def _has_seed(name: str) -> bool:
    """Experiments on published tables, or on others' students, draw nothing."""
    settings = experiments.get(name).budgets[Budget.QUICK]
    return "seed" in {field.name for field in fields(settings)}


def _reports(from_dir: Path, store: Path, budget: str | None, workers: int) -> list[Result]:
    """Every experiment's report from its ledger, several at once. Raises BadInput if none is."""
    found = [(name, _largest_complete(from_dir, name, budget)) for name in experiments.NAMES]
    ledgers = [(name, ledger) for name, ledger in found if ledger]
    if not ledgers:
        raise BadInput(f"no ledger NAME/BUDGET/result.json of a complete run in {from_dir}")
    if min(workers, len(ledgers)) == 1:
        return [report(name, store=store, from_dir=ledger) for name, ledger in ledgers]
    with pool(workers) as processes:
        running = [processes.submit(report, name, store=store, from_dir=at) for name, at in ledgers]
        return [future.result() for future in running]


def _stored(
    experiment: AnyExperiment, budget: Budget, settings: Any, store: Path
) -> tuple[Result, list[Row]]:
    """The store's rows of a budget, under the provenance of the run that reported them."""
    from scalinglaws.report import load_result

    cells = experiment.cells(settings)
    with Store(store, readonly=True) as opened:
        rows, missing = opened.rows(cells), opened.missing(cells)
        cells_s = opened.cells_s(cells)
    command = command_line(experiment.name, budget, settings, settings, store)
    if not rows:
        raise BadInput(f"{store} has no rows of {experiment.name} at {budget}: first {command}")
    made = provenance(
        settings, command=command, started=datetime.now(UTC), wall_s=0.0, cells_s=cells_s
    )
    result = new_result(experiment, budget, settings, Findings(()), made, rows, len(missing))
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

    for candidate in [budget] if budget else reversed(Budget):
        ledger = folder / name / candidate
        if (ledger / "result.json").exists() and not load_result(ledger)[0].failed:
            return ledger
    return None
