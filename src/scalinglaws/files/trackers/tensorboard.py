"""TensorBoard's event files: a file is a run, or a folder of files, or a folder of such folders.

Records are checked and decoded by the tensorboard package, which needs no TensorFlow. A file
whose last record is cut off, as of a run that was killed, is read up to there, and said so; a
record that fails its checksum is refused, for what follows it cannot be trusted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from scalinglaws.errors import BadInput, MissingExtra
from scalinglaws.files.cells import listed
from scalinglaws.files.columns import SUFFIXES
from scalinglaws.files.source import RUN, STEP, Rows, Source
from scalinglaws.files.steps import Record, step_table
from scalinglaws.files.table import Table

_MARK = "tfevents"
_CUT = "truncated"


@dataclass
class _Run:
    name: str
    metrics: dict[str, list[tuple[float, float]]] = field(
        default_factory=dict[str, list[tuple[float, float]]]
    )
    params: dict[str, str] = field(default_factory=dict[str, str])
    cut: bool = False


def is_event_file(path: Path) -> bool:
    """Whether the name is one that writers of events give, and not that of a table of them."""
    return _MARK in path.name and path.suffix.lower() not in SUFFIXES


def event_files(path: Path, files: Sequence[Path]) -> Source:
    """A row for every run and step; scalars are metrics, hyperparameters parameters.

    files: those below `path`, or itself. A run is named by its folder.
    Raises MissingExtra without the package, BadInput for a damaged file.
    """
    runs = list(_runs(path, files))
    metrics = sorted({name for run in runs for name in run.metrics})
    params = {name for run in runs for name in run.params} - {*metrics}
    names = {RUN: RUN, STEP: STEP}
    names |= {f"metrics.{n}" if n in (RUN, STEP) else n: n for n in metrics}
    names |= {f"params.{n}" if n in (RUN, STEP) else n: n for n in sorted(params)}
    read = partial(_read, path, runs, names)
    return Source(path, list(names), read, Rows.STEPS)


def _read(
    path: Path,
    runs: list[_Run],
    names: dict[str, str],
    numbers: Collection[str],
    labels: Collection[str],
) -> Table:
    asked = {name: names[name] for name in (*numbers, *labels) if name not in (RUN, STEP)}
    metrics = [n for n, own in asked.items() if any(own in run.metrics for run in runs)]
    records = [
        Record(
            run.name,
            {n: np.array(run.metrics[o]) for n, o in asked.items() if o in run.metrics},
            {n: run.params[o] for n, o in asked.items() if o in run.params},
        )
        for run in runs
    ]
    table = step_table(path, records, metrics, numbers, labels)
    cut = [run.name for run in runs if run.cut]
    said = f"read up to a last record that is cut off: {listed(cut)}"
    return table.noted(*([said] if cut else []))


def _runs(path: Path, files: Sequence[Path]) -> Iterator[_Run]:
    """The runs in order of name; files of one run in theirs, which holds the time."""
    for folder, group in groupby(sorted(files), key=lambda file: file.parent):
        inner = folder.relative_to(path).as_posix() if path.is_dir() else "."
        run = _Run(path.name if inner == "." else inner)
        for file in group:
            _add_events(run, file)
        yield run


def _add_events(run: _Run, file: Path) -> None:
    for event in _events(run, file):
        for value in event.summary.value:
            if value.metadata.plugin_data.plugin_name == "hparams":
                run.params |= _hyperparameters(value.metadata.plugin_data.content)
            elif (number := _scalar(value)) is not None:
                run.metrics.setdefault(value.tag, []).append((float(event.step), number))


def _events(run: _Run, file: Path) -> Iterator[Any]:
    """The events of a file; sets `run.cut` where its last record is."""
    try:
        from tensorboard.compat.proto import event_pb2
        from tensorboard.compat.tensorflow_stub import errors
        from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New
    except ImportError:
        raise MissingExtra("tensorboard", "tensorboard") from None
    from google.protobuf.message import DecodeError

    messages: Any = event_pb2  # its classes are made at import
    reader, place = PyRecordReader_New(str(file.resolve())), 0
    while True:
        place += 1
        try:
            reader.GetNext()
            event = messages.Event.FromString(reader.record())
        except errors.OutOfRangeError:
            return
        except errors.DataLossError as error:
            if _CUT in str(error):
                run.cut = True
                return
            raise BadInput(
                f"{file}, record {place}: fails its checksum: the file is damaged or no event "
                "file: copy it again, or remove it"
            ) from None
        except (DecodeError, MemoryError, OverflowError):
            raise BadInput(
                f"{file}, record {place}: holds no event: the file is damaged: remove it"
            ) from None
        yield event


def _scalar(value: Any) -> float | None:
    """The number of a scalar summary, as TensorFlow 1 and 2 write it; None for any other."""
    if value.HasField("simple_value"):
        return float(value.simple_value)
    shape = value.tensor.tensor_shape
    if not value.HasField("tensor") or any(side.size != 1 for side in shape.dim):
        return None
    from tensorboard.util.tensor_util import make_ndarray

    try:
        return float(make_ndarray(value.tensor).item())
    except (TypeError, ValueError):  # a text, or a tensor that promises more than it holds
        return None


def _hyperparameters(content: bytes) -> dict[str, str]:
    """What a session was started with: numbers, truths and text."""
    from google.protobuf.message import DecodeError
    from tensorboard.plugins.hparams import plugin_data_pb2

    messages: Any = plugin_data_pb2
    try:
        start = messages.HParamsPluginData.FromString(content).session_start_info
    except DecodeError:
        return {}
    kinds = ("number_value", "string_value", "bool_value")
    return {
        name: str(getattr(value, kind))
        for name, value in start.hparams.items()
        if (kind := value.WhichOneof("kind")) in kinds
    }
