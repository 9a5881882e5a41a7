"""A path -> what holds the runs there: a table, or a tracker's record. Nothing is guessed: what
could be two things is refused, with both named.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from scalinglaws.errors import BadInput
from scalinglaws.files.columns import SUFFIXES, table_source
from scalinglaws.files.derive import Derivation
from scalinglaws.files.folders import files_below
from scalinglaws.files.refusal import named
from scalinglaws.files.runs import RunLoss, per_run
from scalinglaws.files.source import RUN, STEP, Naming, Rows, Source, select
from scalinglaws.files.table import Table
from scalinglaws.files.trackers import mlflow, mlflow_files, tensorboard, wandb

_SQLITE, _PARQUET = "an SQLite database", "a Parquet file"
_MAGIC = {mlflow.MAGIC: _SQLITE, b"PAR1": _PARQUET}
_DATABASES = (".db", ".sqlite", ".sqlite3")
_IN_VAIN = "a row of this table is a run: the choice of a loss per run changes nothing"
_ANY = (
    f"a table ({', '.join(SUFFIXES)}), a W&B export, an MLflow store (mlflow.db, mlruns/) or "
    "TensorBoard event files"
)


def read_any(
    path: Path | str,
    wanted: Collection[str],
    *,
    y: str,
    how: RunLoss | None = None,
    labels: Collection[str] = (),
    renamed: Mapping[str, str] | None = None,
    derived: Sequence[Derivation] = (),
) -> Table:
    """The wanted columns of a table or tracker, one row per run.

    y: the column of the loss, of which `how` takes one per run where runs have steps. A tracker
    has the columns `run` and `step`; in a table of steps those of these names, by --map or of
    itself, tell runs and steps apart. A table with neither `how`, nor a mapped `run`, nor both
    columns has a row per run as it stands.
    labels, renamed, derived: as in `read_table`. Derived columns are computed step by step.
    Raises BadInput, UnknownName, and MissingExtra for event files without their package.
    """
    source, naming = recognise(Path(path)), Naming(renamed or {}, derived)
    if not _by_steps(source, naming, how):
        table = select(source, wanted, labels, naming)
        return table.noted(*([_IN_VAIN] if how else []))
    names = [*source.names, *naming.new()]
    if RUN not in names:
        raise BadInput(f"{path}: --run-loss needs the column that names a row's run: --map run=...")
    step = source.step if source.step in names else None
    needed = {*wanted, y, *([step] if step else [])}
    steps = select(source, needed, {*labels, RUN}, naming, gaps=True)
    with named(source.path):
        table = per_run(steps, RUN, y, how, step)
    return replace(table, columns={name: table.columns[name] for name in wanted})


def recognise(path: Path) -> Source:
    """What holds the runs at this path. Raises BadInput for nothing known, and for two things."""
    if path.is_dir():
        return _folder(path)
    if tensorboard.is_event_file(path) and path.is_file():
        _require_content(path, "a TensorBoard event file", None)
        return tensorboard.event_files(path, [path])
    if not path.exists():
        raise BadInput(f"{path}: no such file: give {_ANY}")
    if not path.is_file():
        raise BadInput(f"{path}: not a regular file: give {_ANY}")
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        if _content(path) == _SQLITE:
            return mlflow.mlflow_database(path)
        raise BadInput(f"{path}: not recognised: give {_ANY}")
    _require_content(path, f"a table ending in {suffix}", _PARQUET if suffix == ".parquet" else "")
    return _text_export(path) or table_source(path)


def _text_export(path: Path) -> Source | None:
    """A W&B export, if the table is one by its names."""
    names = table_source(path).names
    suffix = path.suffix.lower()
    if suffix == ".jsonl" and wandb.is_history(names):
        return wandb.history(path, [path])
    if suffix == ".csv" and wandb.is_chart(names):
        return wandb.chart(path)
    if suffix == ".csv" and wandb.is_runs_table(names):
        return wandb.runs_table(path)
    return None


def _folder(path: Path) -> Source:
    """What a folder holds: exactly one tracker's files."""
    below = list(files_below(path, frozenset({mlflow_files.ARTIFACTS})))
    events = [file for file in below if tensorboard.is_event_file(file)]
    lines = [file for file in below if file.suffix.lower() == ".jsonl"]
    histories = [file for file in lines if _is_history(file)]
    found = {
        "TensorBoard event files": events,
        "an MLflow folder": mlflow_files.mlflow_runs(path),
        "W&B histories": histories,
        "an MLflow database": [file for file in below if _is_database(file)],
    }
    held = [what for what, files in found.items() if files]
    if len(held) > 1:
        names = [f"{what} ({found[what][0].relative_to(path)})" for what in held]
        raise BadInput(f"{path}: holds {' and '.join(names)}: give the path of one of them")
    match held:
        case ["TensorBoard event files"]:
            return tensorboard.event_files(path, events)
        case ["an MLflow folder"]:
            return mlflow_files.mlflow_folder(path)
        case ["W&B histories"]:
            return wandb.history(path, histories)
        case ["an MLflow database"] if len(found["an MLflow database"]) == 1:
            return mlflow.mlflow_database(found["an MLflow database"][0])
        case _:
            raise BadInput(f"{path}: a directory with no runs, or several stores: give {_ANY}")


def _is_history(path: Path) -> bool:
    """Other programs write .jsonl too: what is no table is no history."""
    try:
        return wandb.is_history(table_source(path).names)
    except BadInput:
        return False


def _is_database(path: Path) -> bool:
    return path.suffix.lower() in _DATABASES and _content(path) == _SQLITE


def _content(path: Path) -> str:
    """What the first bytes say, if they say anything."""
    with path.open("rb") as file:
        head = file.read(max(map(len, _MAGIC)))
    return next((what for magic, what in _MAGIC.items() if head.startswith(magic)), "")


def _require_content(path: Path, named: str, content: str | None) -> None:
    """Raises BadInput where name and content say two things."""
    found = _content(path)
    if found and found != content:
        raise BadInput(f"{path}: {named} by its name, {found} by its content: rename it")


def _by_steps(source: Source, naming: Naming, how: RunLoss | None) -> bool:
    """Whether a run may have several rows."""
    names = [*source.names, *naming.new()]
    said = how is not None or RUN in naming.renamed or (RUN in names and STEP in names)
    return source.rows is Rows.STEPS or (source.rows is Rows.EITHER and said)
