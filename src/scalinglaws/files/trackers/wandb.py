"""Exports of Weights & Biases: the table of runs, a chart, and a history as JSON lines."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from scalinglaws.errors import BadInput
from scalinglaws.files.cells import as_float, listed, number, shown
from scalinglaws.files.refusal import COUNTED
from scalinglaws.files.source import RUN, STEP, Rows, Source
from scalinglaws.files.steps import Record, distinct, step_table
from scalinglaws.files.table import Table
from scalinglaws.files.tables.growing import Growing
from scalinglaws.files.tables.objects import object_rows
from scalinglaws.files.tables.text import filled_rows, header_of, places, text_names, text_rows

_RUNS_TABLE = {"Name", "State", "Created"}  # stand in every export of a table of runs
_NAME, _STATE, _DONE = "Name", "State", "finished"
_GAPS = {"", "nan", "inf", "-inf", "infinity", "-infinity"}  # of a run that failed or diverged
_BETWEEN = " - "  # "run - metric" in a chart's header
_BAND = ("__MIN", "__MAX")
_HISTORY_STEP = "_step"
_NOT_FINITE = {"NaN", "Infinity", "-Infinity"}  # as text in a history


# The table of runs: one row per run, with an empty cell for what a run never logged.


def is_runs_table(header: Collection[str]) -> bool:
    """Whether the header is that of an exported table of runs."""
    return {*header} >= _RUNS_TABLE


def runs_table(path: Path) -> Source:
    """One row per run; its name is the label `run` as well as Name. Runs without a finite number
    in every column asked for are left out, and named in a note."""
    header = text_names(path)
    names = header if RUN in header else [*header, RUN]
    return Source(path, names, partial(_read_runs, path, header), Rows.RUNS)


def _read_runs(
    path: Path, header: list[str], numbers: Collection[str], labels: Collection[str]
) -> Table:
    lacking: list[str] = []
    states: Counter[str] = Counter()
    with text_rows(path) as rows:
        header_of(rows)
        at = places(path, header, {*numbers, *labels, _NAME, _STATE} & {*header})
        at |= {RUN: at.get(RUN, at[_NAME])}
        growing = Growing(path, at, numbers, labels)
        for place, row in enumerate(filled_rows(path, rows, len(header)), start=1):
            cells = [row[at[name]].strip().lower() for name in numbers]
            if not _GAPS & {*cells} and all(row[at[name]].strip() for name in labels):
                growing.add(place, row)
                states[row[at[_STATE]].strip()] += 1
            else:
                lacking.append(row[at[_NAME]])
    if not states:
        raise BadInput(f"{path}: no run has {', '.join(map(repr, [*numbers, *labels]))}")
    return growing.table(np.zeros(states.total(), dtype=bool)).noted(*_said(lacking, states))


def _said(lacking: list[str], states: Counter[str]) -> Iterator[str]:
    if lacking:
        yield f"left out, for a column asked for is empty, NaN or infinite: {listed(lacking)}"
    others = [f"{count} {shown(state)}" for state, count in states.items() if state != _DONE]
    if others:
        yield f"used, though not finished: {', '.join(others)}"


# A chart: a column of steps, then "run - metric" with its __MIN and __MAX for every run.


def is_chart(header: Sequence[str]) -> bool:
    """Whether every column after the first is one of a triple NAME, NAME__MIN, NAME__MAX."""
    main = [name for name in header[1:] if not name.endswith(_BAND)]
    bands = {f"{name}{band}" for name in main for band in _BAND}
    return bool(main) and sorted(header[1:]) == sorted({*main, *bands})


def chart(path: Path) -> Source:
    """A row for every run and step; the chart's x axis is `step`, or has its own name."""
    header = text_names(path)
    step = STEP if header[0] == "Step" else header[0]
    cells = {name: _run_and_metric(path, name) for name in header[1:] if not name.endswith(_BAND)}
    metrics = sorted({metric for _, metric in cells.values()})
    if {step, RUN} & {*metrics} or step == RUN:
        raise BadInput(f"{path}: a metric has the name of the chart's axis: rename the axis")
    names = [RUN, step, *metrics]
    read = partial(_read_chart, path, step, cells, metrics)
    return Source(path, names, read, Rows.STEPS, step)


def _run_and_metric(path: Path, name: str) -> tuple[str, str]:
    """A chart of one run may leave its name out: the file's stands for it."""
    run, between, metric = name.rpartition(_BETWEEN)
    return (run, metric) if between else (path.stem, name)


def _read_chart(
    path: Path,
    step: str,
    cells: dict[str, tuple[str, str]],
    metrics: list[str],
    numbers: Collection[str],
    labels: Collection[str],
) -> Table:
    series: dict[str, dict[str, list[tuple[float, float]]]] = {}
    with text_rows(path) as rows:
        header = header_of(rows)
        at = places(path, header, [name for name in cells if cells[name][1] in numbers])
        for place, row in enumerate(filled_rows(path, rows, len(header)), start=1):
            name = ""
            try:
                name = header[0]
                x = number(row[0])
                for name, column in at.items():
                    if row[column].strip():
                        run, metric = cells[name]
                        logged = series.setdefault(run, {}).setdefault(metric, [])
                        logged.append((x, number(row[column])))
            except BadInput as error:
                raise BadInput(f"{path}, row {place}, column {name!r}: {error} {COUNTED}") from None
    runs = dict.fromkeys(run for run, _ in cells.values())
    records = [
        Record(run, {m: np.array(s) for m, s in series.get(run, {}).items()}, {}) for run in runs
    ]
    return step_table(path, records, metrics, numbers, labels, step)


# A history: one JSON object per step, with _step, and run where the file holds several.


def is_history(first: Collection[str]) -> bool:
    """Whether the first object of a file is a step of a history."""
    return _HISTORY_STEP in first


def history(path: Path, files: Sequence[Path]) -> Source:
    """A row for every run and step of these files; a file's name is its run's, with its place
    where two share it, unless its lines have a `run`. Numbers that a line lacks were not logged
    at its step."""
    names = sorted({name for file in files for _, row in object_rows(file) for name in row})
    if STEP in names:
        raise BadInput(f"{path}: a metric called {STEP!r} beside _step: rename it")
    names = [RUN, STEP, *(name for name in names if name not in (RUN, _HISTORY_STEP))]
    read = partial(_read_history, path, files, names)
    return Source(path, names, read, Rows.STEPS)


def _read_history(
    path: Path,
    files: Sequence[Path],
    names: list[str],
    numbers: Collection[str],
    labels: Collection[str],
) -> Table:
    series: dict[str, dict[str, list[tuple[float, float]]]] = {}
    params: dict[str, dict[str, str]] = {}
    asked = [name for name in numbers if name != STEP]
    places = {file: os.path.relpath(file, path) for file in files}
    runs = distinct({place: file.stem for file, place in places.items()})
    for file in files:
        for place, (_, row) in enumerate(object_rows(file), start=1):
            name = _HISTORY_STEP
            try:
                if _HISTORY_STEP not in row:
                    raise BadInput("it is missing: write the step into every line")
                x, run = _value(row[name]), row.get(RUN, runs[places[file]])
                logged = series.setdefault(str(run), {})
                for name in asked:
                    if row.get(name) is not None:
                        logged.setdefault(name, []).append((x, _value(row[name])))
                for name in labels:
                    if name != RUN and isinstance(row.get(name), (str, int, float)):
                        _keep_one(params.setdefault(str(run), {}), name, str(row[name]))
            except BadInput as error:
                raise BadInput(f"{file}, row {place}, {name!r}: {error} {COUNTED}") from None
    records = [
        Record(run, {m: np.array(s) for m, s in logged.items()}, params.get(run, {}))
        for run, logged in series.items()
    ]
    return step_table(path, records, asked, numbers, labels)


def _keep_one(params: dict[str, str], name: str, value: str) -> None:
    if params.setdefault(name, value) != value:
        raise BadInput(f"{params[name]!r} and {value!r} within one run: give each run one")


def _value(value: Any) -> float:
    if isinstance(value, str) and value in _NOT_FINITE:
        return float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadInput(f"{str(value)[:40]!r} is not a number")
    return as_float(value)
