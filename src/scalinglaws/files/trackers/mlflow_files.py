"""MLflow's store as a folder: mlruns/EXPERIMENT/RUN/{metrics,params,tags}/KEY."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from scalinglaws.errors import BadInput
from scalinglaws.files.cells import number
from scalinglaws.files.folders import files_below
from scalinglaws.files.refusal import COUNTED
from scalinglaws.files.source import RUN, STEP, Rows, Source
from scalinglaws.files.steps import Record, Series, distinct, step_table
from scalinglaws.files.table import Table
from scalinglaws.files.trackers.mlflow import EXPERIMENT, mixed, qualified

ARTIFACTS = "artifacts"  # holds anything, other trackers' files too
_META = "meta.yaml"
_KINDS = ("metrics", "params")
_NAME_TAG = ("tags", "mlflow.runName")
_TRASH = ".trash"
_LONGEST = 1 << 16  # characters of a parameter or a meta.yaml


def mlflow_runs(folder: Path) -> list[Path]:
    """The folders of runs in a store, an experiment or a run that were not deleted."""
    depths = ("*/*/", "*/", "")
    found = [sorted(meta.parent for meta in folder.glob(f"{deep}{_META}")) for deep in depths]
    runs = [run for level in found for run in level if _TRASH not in run.parts and _is_run(run)]
    return [run for run in runs if _meta(run, "lifecycle_stage") in ("", "active")]


def mlflow_folder(folder: Path) -> Source:
    """A row for every step of every run that was not deleted."""
    runs = mlflow_runs(folder)
    metrics, params = ({key for run in runs for key in _keys(run / kind)} for kind in _KINDS)
    names = qualified(metrics, params)
    read = partial(_read, folder, runs, names)
    return Source(folder, [RUN, STEP, EXPERIMENT, *names], read, Rows.STEPS)


def _read(
    folder: Path,
    runs: list[Path],
    names: dict[str, tuple[str, str]],
    numbers: Collection[str],
    labels: Collection[str],
) -> Table:
    asked = {name: names[name] for name in {*numbers, *labels} if name in names}
    run_names = distinct({run.name: _run_name(run) for run in runs})
    records: list[Record] = []
    used: list[str] = []
    for run in runs:
        files = {name: run.joinpath(*place) for name, place in asked.items()}
        held = {name: file for name, file in files.items() if file.is_file()}
        metrics = {n: _series(file) for n, file in held.items() if asked[n][0] == "metrics"}
        texts = {n: _text(file) for n, file in held.items() if asked[n][0] == "params"}
        texts[EXPERIMENT] = _meta(run.parent, "name") or run.parent.name
        records.append(Record(run_names[run.name], metrics, texts))
        used += [texts[EXPERIMENT]] if len(held) == len(asked) else []
    metrics = [name for name, (kind, _) in asked.items() if kind == "metrics"]
    return step_table(folder, records, metrics, numbers, labels).noted(*mixed(used))


def _is_run(folder: Path) -> bool:
    return any((folder / kind).is_dir() for kind in (*_KINDS, "tags"))


def _run_name(run: Path) -> str:
    tag = run.joinpath(*_NAME_TAG)
    return (_text(tag) if tag.is_file() else _meta(run, "run_name")) or run.name


def _keys(folder: Path) -> Iterator[str]:
    """A key with a slash is a file within folders."""
    for file in files_below(folder) if folder.is_dir() else ():
        yield file.relative_to(folder).as_posix()


def _series(file: Path) -> Series:
    """Lines of timestamp, value and step; the oldest stores have no step."""
    points: list[tuple[float, float]] = []
    with file.open(encoding="utf-8", errors="replace") as lines:
        for place, line in enumerate(lines, start=1):
            cells = line.split()
            try:
                if len(cells) not in (2, 3, 5):  # five where a dataset was logged beside it
                    raise BadInput("must be a timestamp, a value and a step")
                points.append((number(cells[2]) if cells[2:] else 0.0, number(cells[1])))
            except BadInput as error:
                raise BadInput(f"{file}, row {place}: {error} {COUNTED}") from None
    return np.array(points).reshape(-1, 2)


def _text(file: Path) -> str:
    with file.open(encoding="utf-8", errors="replace") as text:
        return text.read(_LONGEST).strip()


def _meta(folder: Path, field: str) -> str:
    """A plain field of meta.yaml; its quotes are YAML's."""
    file = folder / _META
    for line in _text(file).splitlines() if file.is_file() else ():
        name, colon, value = line.partition(":")
        if colon and name == field:
            return value.strip().strip("'\"")
    return ""
