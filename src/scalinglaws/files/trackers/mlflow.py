"""MLflow's store in one SQLite file, read with sqlite3; nothing is written to it."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from scalinglaws.errors import BadInput
from scalinglaws.files.cells import listed
from scalinglaws.files.refusal import escaped
from scalinglaws.files.source import RUN, STEP, Rows, Source
from scalinglaws.files.steps import Record, Series, distinct, step_table
from scalinglaws.files.table import Table

MAGIC = b"SQLite format 3\0"
EXPERIMENT = "experiment"
_TABLES = {
    "experiments": ("experiment_id", "name"),
    "runs": ("run_uuid", "name", "experiment_id", "lifecycle_stage"),
    "metrics": ("key", "value", "run_uuid", "step", "is_nan", "timestamp"),
    "params": ("key", "value", "run_uuid"),
}
_LARGEST = 1.7976931348623157e308  # what MLflow stores for infinity
_ID = 8  # characters of a run's id that tell apart runs of one name
_WAIT_S = 5.0  # for a writer to let go of the store

_RUNS = """
    SELECT runs.run_uuid, coalesce(nullif(runs.name, ''), runs.run_uuid), experiments.name
    FROM runs LEFT JOIN experiments ON experiments.experiment_id = runs.experiment_id
    WHERE coalesce(runs.lifecycle_stage, 'active') = 'active'
    ORDER BY runs.rowid
"""
_METRICS = """
    SELECT run_uuid, step, value, is_nan FROM metrics WHERE key = ?
    ORDER BY run_uuid, timestamp, step
"""
_PARAMS = "SELECT run_uuid, value FROM params WHERE key = ?"


def mlflow_database(path: Path) -> Source:
    """A row for every step of every run that was not deleted. Names that a metric and a
    parameter share are metrics.NAME and params.NAME."""
    with _opened(path) as store:
        _check_tables(path, store)
        metrics = _keys(store, "metrics")
        params = _keys(store, "params")
    names = qualified(metrics, params)
    read = partial(_read, path, names)
    return Source(path, [RUN, STEP, EXPERIMENT, *names], read, Rows.STEPS)


def qualified(metrics: Collection[str], params: Collection[str]) -> dict[str, tuple[str, str]]:
    """Name of a column -> (metrics or params, key), as MLflow's own tables of runs call them
    where a plain name would mean two things."""
    reserved = {RUN, STEP, EXPERIMENT}
    unclear = ({*metrics} & {*params}) | reserved
    return {
        f"{kind}.{key}" if key in unclear else key: (kind, key)
        for kind, keys in (("metrics", metrics), ("params", params))
        for key in sorted(keys)
    }


def mixed(experiments: Sequence[str]) -> Iterator[str]:
    """What to know where runs of several experiments are one table."""
    if len(several := dict.fromkeys(experiments)) > 1:
        yield f"{len(several)} experiments are taken together: {listed(several)}"


def _read(
    path: Path,
    names: dict[str, tuple[str, str]],
    numbers: Collection[str],
    labels: Collection[str],
) -> Table:
    asked = {name: names[name] for name in {*numbers, *labels} if name in names}
    with _opened(path) as store:
        rows = store.execute(_RUNS).fetchall()
        run_names = distinct({uuid: str(name) for uuid, name, _ in rows})
        values: dict[str, dict[str, Series]] = {uuid: {} for uuid in run_names}
        texts = {uuid: {EXPERIMENT: str(experiment or "")} for uuid, _, experiment in rows}
        for name, (kind, key) in asked.items():
            if kind == "metrics":
                for uuid, series in _series(store, key):
                    values.get(uuid, {})[name] = series
            else:
                for uuid, value in store.execute(_PARAMS, (key,)):
                    texts.get(uuid, {})[name] = str(value)
    records = [Record(run, values[uuid], texts[uuid]) for uuid, run in run_names.items()]
    metrics = [name for name, (kind, _) in asked.items() if kind == "metrics"]
    table = step_table(path, records, metrics, numbers, labels)
    used = [texts[u][EXPERIMENT] for u in run_names if all(m in values[u] for m in metrics)]
    return table.noted(*mixed(used))


def _series(store: sqlite3.Connection, key: str) -> Iterator[tuple[str, Series]]:
    """(run, its steps and values) of one metric."""
    points: dict[str, list[tuple[float, float]]] = {}
    for uuid, step, value, is_nan in store.execute(_METRICS, (key,)):
        points.setdefault(uuid, []).append((float(step), math.nan if is_nan else _value(value)))
    for uuid, logged in points.items():
        yield uuid, np.array(logged)


def _value(value: Any) -> float:
    return math.copysign(math.inf, value) if abs(value) >= _LARGEST else float(value)


def _keys(store: sqlite3.Connection, table: str) -> list[str]:
    return [str(key) for (key,) in store.execute(f"SELECT DISTINCT key FROM {table}")]


def _check_tables(path: Path, store: sqlite3.Connection) -> None:
    """Raises BadInput unless these are real tables: a view could run anything for ever."""
    found = {name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE rootpage > 0")}
    for table, columns in _TABLES.items():
        held = {row[1] for row in store.execute(f"PRAGMA table_info({table})")}
        if table not in found or not held.issuperset(columns):
            lacks = sorted({*columns} - held) if table in found else []
            what = f"column {table}.{lacks[0]}" if lacks else f"table {table}"
            raise BadInput(
                f"{path}: an SQLite database without MLflow's {what}: give the file of the "
                "tracking store, such as mlflow.db; `mlflow db upgrade` mends an old one"
            )


@contextmanager
def _opened(path: Path) -> Generator[sqlite3.Connection]:
    """The store, read-only; what is wrong with it comes out as BadInput."""
    uri = f"file:{quote(str(path.resolve()))}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=_WAIT_S)) as store:
            store.execute("PRAGMA trusted_schema = OFF")
            yield store
    except (sqlite3.Error, TypeError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        why = escaped(str(error).partition("\n")[0])
        raise BadInput(f"{path}: not an MLflow store that can be read: {why}") from None
