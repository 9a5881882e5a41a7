"""A user's table -> columns of numbers and labels. Only what is asked for is read, and nothing
is guessed. Rows are counted from 1, the header and blank lines not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path

from scalinglaws.errors import BadInput
from scalinglaws.files.derive import Derivation
from scalinglaws.files.source import Naming, Rows, Source, select
from scalinglaws.files.table import Column, Label, Table, drop_top
from scalinglaws.files.tables.objects import object_names, read_objects
from scalinglaws.files.tables.parquet import parquet_names, read_parquet
from scalinglaws.files.tables.text import read_text, text_names

__all__ = ["SUFFIXES", "Column", "Label", "Table", "drop_top", "read_table", "table_source"]

_Names = Callable[[Path], list[str]]
_Read = Callable[[Path, Collection[str], Collection[str]], Table]
_FORMATS: dict[str, tuple[_Names, _Read]] = {
    ".csv": (text_names, read_text),
    ".tsv": (text_names, read_text),
    ".jsonl": (object_names, read_objects),
    ".parquet": (parquet_names, read_parquet),
}
SUFFIXES = tuple(_FORMATS)


def read_table(
    path: Path | str,
    wanted: Collection[str],
    *,
    labels: Collection[str] = (),
    renamed: Mapping[str, str] | None = None,
    derived: Sequence[Derivation] = (),
) -> Table:
    """The wanted columns of a file, finite numbers all, and columns of text as labels.

    renamed: name -> column of the file. derived: computed in this order, each from columns of
    the file, renamed or earlier derived ones. Both are checked whether wanted or not.
    Raises BadInput for a file that is no table, UnknownName for columns it does not have.
    """
    return select(table_source(Path(path)), wanted, labels, Naming(renamed or {}, derived))


def table_source(path: Path) -> Source:
    """A table by its header. Raises BadInput for what is no table."""
    if not path.is_file():
        found = "a directory" if path.is_dir() else "no such file"
        raise BadInput(f"{path}: {found}: give a table ({', '.join(SUFFIXES)})")
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise BadInput(f"{path}: a table must end in {', '.join(SUFFIXES)}")
    if not path.stat().st_size:
        raise BadInput(f"{path}: the file is empty")
    names, read = _FORMATS[suffix]
    return Source(path, names(path), partial(_read, read, path), Rows.EITHER)


def _read(read: _Read, path: Path, numbers: Collection[str], labels: Collection[str]) -> Table:
    table = read(path, numbers, labels)
    if not len(table.repeated):
        raise BadInput(f"{path}: the table has no rows: write a row for every run")
    return table
