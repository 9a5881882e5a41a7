"""Whatever holds runs -> the columns asked for: named, renamed, derived."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np

from scalinglaws.errors import BadInput
from scalinglaws.files.derive import Derivation
from scalinglaws.files.refusal import require_finite, unknown
from scalinglaws.files.table import Column, Table

_FOREIGN = ";\t,|"  # in the only cell of a header: another program's delimiter


RUN, STEP = "run", "step"  # what every tracker's table calls them


class Rows(StrEnum):
    """What a row is: a run, a step of a run, or, in a user's own table, either."""

    RUNS = "runs"
    STEPS = "steps"
    EITHER = "either"


@dataclass(frozen=True)
class Source:
    """A table or a tracker's record, known by its columns.

    read: (numbers, labels) -> Table, of columns as they are named here; numbers may be NaN.
    step: the column that orders a run's rows, where rows are steps.
    """

    path: Path
    names: Sequence[str]
    read: Callable[[Collection[str], Collection[str]], Table]
    rows: Rows
    step: str = STEP


@dataclass(frozen=True)
class Naming:
    """New names: renamed, name -> column of the source; derived, computed in this order, each
    from columns of the source, renamed or earlier derived ones."""

    renamed: Mapping[str, str]
    derived: Sequence[Derivation]

    def new(self) -> list[str]:
        """Every name that the source does not have."""
        return [*self.renamed, *(one.name for one in self.derived)]


def select(
    source: Source,
    wanted: Collection[str],
    labels: Collection[str],
    naming: Naming,
    *,
    gaps: bool = False,
) -> Table:
    """The wanted columns as numbers and the labels as text.

    gaps: numbers may be NaN or infinite, as where a run diverged; else BadInput names the rows.
    New names are checked whether wanted or not. Raises UnknownName for what the source lacks.
    """
    _check_names(source, [*wanted, *labels], naming)
    needed = set(wanted)
    for one in reversed(naming.derived):
        needed |= one.uses if one.name in needed else set()
    computed = [one for one in naming.derived if one.name in needed]
    numbers = {n: naming.renamed.get(n, n) for n in needed - {one.name for one in computed}}
    texts = {name: naming.renamed.get(name, name) for name in labels}
    _refuse_derived(texts.values(), naming)
    read = source.read(sorted({*numbers.values()}), sorted({*texts.values()}))
    columns = {name: read.columns[column] for name, column in numbers.items()}
    for name, values in read.columns.items() if not gaps else ():
        require_finite(f"{source.path}, column {name!r}", values)
    for one in computed:
        columns[one.name] = _derive(source.path, one, columns, gaps)
    return replace(
        read,
        columns={name: columns[name] for name in wanted},
        labels={name: read.labels[column] for name, column in texts.items()},
    )


def _derive(path: Path, one: Derivation, columns: Mapping[str, Column], gaps: bool) -> Column:
    values = one.evaluate({name: columns[name] for name in one.uses})
    if not gaps:
        require_finite(f"{path}, derived column {one.name!r}", values)
    for name in one.uses:
        values[~np.isfinite(columns[name])] = np.nan  # 1 / infinity is no 0
    return values


def _refuse_derived(labels: Iterable[str], naming: Naming) -> None:
    for name in {*labels} & {one.name for one in naming.derived}:
        raise BadInput(f"--derive {name}: a derived column holds numbers and cannot name runs")


def _check_names(source: Source, wanted: Collection[str], naming: Naming) -> None:
    """Raises unless every new name is new and every name used is known where it is used."""
    path, found, new = source.path, source.names, naming.new()
    for name in new:
        if new.count(name) > 1:
            raise BadInput(f"--map and --derive define {name!r} twice: give each name once")
        if name in found and naming.renamed.get(name) != name:
            raise BadInput(f"{path}: {name!r} is already a column: choose another name")
    _require_known(path, found, naming.renamed.values(), found)
    for place, one in enumerate(naming.derived, start=len(naming.renamed)):
        for name in sorted(one.uses & {*new[place:]}):
            what = "itself" if name == one.name else f"{name!r}, which is derived later"
            raise BadInput(
                f"--derive {one.name}={one.expression}: uses {what}; columns of the file, mapped "
                "names and earlier derived ones may be used: change the name or the order"
            )
        _require_known(path, found, one.uses, [*found, *new[:place]])
    _require_known(path, found, wanted, [*found, *new])


def _require_known(
    path: Path, found: Sequence[str], names: Iterable[str], known: Collection[str]
) -> None:
    for name in sorted(set(names) - set(known)):
        if len(found) == 1 and any(mark in found[0] for mark in _FOREIGN):
            raise BadInput(
                f"{path}: no column {name!r}: the header is one cell, {found[0][:40]!r}: "
                "separate the cells by commas in .csv, by tabs in .tsv"
            )
        raise unknown(path, "column", name, known)
