"""What a run leaves in the store's folder, and under which name."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import msgspec

from scalinglaws import experiments
from scalinglaws.experiments import AnyExperiment
from scalinglaws.result import Budget, Findings, Provenance, Result, Row

STORE = "scalinglaws-results"


def artifact_folder(result: Result, store: Path | str = STORE) -> Path:
    """Where the artefacts of a result are: STORE/NAME/BUDGET.

    A run with other settings than the budget's goes to STORE/NAME/BUDGET+HASH, so that it never
    passes for a run of the budget.
    """
    pure = _canonical(experiments.get(result.experiment).budgets[result.budget])
    own = _canonical(result.settings)
    changed = "" if own == pure else f"+{hashlib.sha256(own).hexdigest()[:8]}"
    return Path(store) / result.experiment / f"{result.budget}{changed}"


def new_result(
    experiment: AnyExperiment,
    budget: Budget,
    settings: Any,
    findings: Findings,
    made: Provenance,
    rows: Sequence[Row],
    failed: int,
) -> Result:
    """The result of an experiment, before its artefacts are written."""
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


def write(result: Result, rows: Sequence[Row], store: Path | str) -> Result:
    """Write the artefacts; the result with their names, relative to its folder."""
    from scalinglaws.report import write_report

    names = write_report(result, rows, artifact_folder(result, store))
    return replace(result, artifacts=tuple(names))


def command_line(
    name: str,
    budget: Budget,
    settings: Any,
    pure: Any,
    store: Path | str,
    scheduler: str | None = None,
) -> str:
    """The command line that does what a call from Python did."""
    own, usual = (msgspec.to_builtins(s) for s in (settings, pure))
    words = ["scalinglaws", "run", name, "--budget", budget.value]
    for field, value in own.items():
        if value != usual[field]:
            words += ["--set", f"{field}={_as_text(value)}"]
    if str(store) != STORE:
        words += ["--store", str(store)]
    if scheduler is not None:
        words += ["--executor", "dask", "--scheduler", scheduler]
    return shlex.join(words)


def _as_text(value: Any) -> str:
    """A setting as `--set` reads it."""
    if isinstance(value, list | tuple):
        return ",".join(_as_text(part) for part in cast(Sequence[Any], value))
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _canonical(settings: Any) -> bytes:
    return msgspec.json.encode(msgspec.to_builtins(settings), order="sorted")
