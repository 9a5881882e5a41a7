"""What a tracker recorded -> a table with a row for every run and step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.errors import BadInput
from scalinglaws.files.cells import label, listed, number, shown, texts
from scalinglaws.files.source import RUN, STEP
from scalinglaws.files.table import Table

Series = Float[ndarray, "n 2"]  # step and value, in the order in which they were logged


@dataclass(frozen=True)
class Record:
    """One run: its metrics, each at its own steps, and its parameters as text."""

    run: str
    metrics: Mapping[str, Series]
    params: Mapping[str, str]


def step_table(
    path: Path,
    records: Iterable[Record],
    metrics: Collection[str],
    numbers: Collection[str],
    labels: Collection[str],
    step: str = STEP,
) -> Table:
    """A row for every step at which a run logged all the metrics asked for.

    metrics: which names are metrics; the other numbers and the labels are parameters, but for
    the run's name and the step. Of a step logged twice the later counts.
    Runs that lack a metric or a parameter are left out, and named in a note.
    Raises BadInput where no run is left, and for a parameter that is no number.
    """
    asked = [name for name in numbers if name in metrics]
    fixed = [name for name in numbers if name not in metrics and name != step]
    parts: list[dict[str, Series]] = []
    words: dict[str, list[str]] = {name: [] for name in labels}
    lacking: list[str] = []
    total = 0
    for record in records:
        lacks = [name for name in asked if not len(record.metrics.get(name, ()))]
        lacks += [n for n in (*fixed, *labels) if n != RUN and not record.params.get(n, "").strip()]
        if lacks:
            lacking.append(record.run)
            continue
        steps, rows = _joined([record.metrics[name] for name in asked])
        total += max((len(np.unique(record.metrics[n][:, 0])) for n in asked), default=1)
        part = dict(zip(asked, rows, strict=True)) | {step: steps}
        for name in fixed:
            part[name] = np.full(len(steps), _param(path, record, name))
        for name in labels:
            text = record.run if name == RUN else record.params[name]
            words[name] += [_label(path, record, name, text)] * len(steps)
        parts.append(part)
    rows = {name: np.concatenate([[], *(part[name] for part in parts)]) for name in numbers}
    count = sum(len(part[step]) for part in parts)
    _require_rows(path, count, numbers, labels, lacking)
    return Table(
        rows,
        np.zeros(count, dtype=bool),
        labels={name: texts(column) for name, column in words.items()},
        notes=tuple(_said(lacking, total - count, asked)),
    )


def _joined(series: list[Series]) -> tuple[Float[ndarray, " m"], list[Float[ndarray, " m"]]]:
    """The steps that all series have, and their values there."""
    if not series:
        return np.zeros(1), []
    last = [_last_of_each_step(one) for one in series]
    steps = reduce(np.intersect1d, [one[:, 0] for one in last])
    return steps, [one[np.searchsorted(one[:, 0], steps), 1] for one in last]


def _last_of_each_step(series: Series) -> Series:
    """One row per step, in their order; of a step logged twice the later row."""
    backward = series[::-1]
    return backward[np.unique(backward[:, 0], return_index=True)[1]]


def _param(path: Path, record: Record, name: str) -> float:
    try:
        return number(record.params[name])
    except BadInput as error:
        raise BadInput(f"{path}, run {shown(record.run)}, {name!r}: {error}") from None


def _label(path: Path, record: Record, name: str, text: str) -> str:
    try:
        return label(text)
    except BadInput as error:
        raise BadInput(f"{path}, run {shown(record.run)}, {name!r}: {error}") from None


def _require_rows(
    path: Path,
    count: int,
    numbers: Collection[str],
    labels: Collection[str],
    lacking: list[str],
) -> None:
    if not count:
        asked = ", ".join(map(repr, [*numbers, *labels]))
        why = f": {len(lacking)} lack one or more of them" if lacking else ""
        raise BadInput(f"{path}: no run has {asked} at one step{why}")


def _said(lacking: list[str], steps: int, asked: list[str]) -> Iterator[str]:
    if lacking:
        yield f"left out, for they lack a column asked for: {listed(lacking)}"
    if steps:
        yield f"left out, steps without all of {', '.join(map(shown, asked))}: {steps}"


def distinct(names: Mapping[str, str]) -> dict[str, str]:
    """id -> name, with the id beside a name that several runs have."""
    count = Counter(names.values())
    return {key: name if count[name] == 1 else f"{name} ({key})" for key, name in names.items()}
