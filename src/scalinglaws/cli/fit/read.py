"""The runs of a file: the columns to fit, those left out, and what to know about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jaxtyping import Shaped
from numpy import ndarray

from scalinglaws.errors import BadInput

if TYPE_CHECKING:
    from scalinglaws.files.table import Column, Table


@dataclass(frozen=True)
class Request:
    """What the command line asks of a file. labels: columns of text. beside: further numbers."""

    file: Path
    x: Sequence[str]
    y: str
    renamed: Mapping[str, str]
    formulas: Mapping[str, str]
    run_loss: str | None
    drop_top: int
    weights: str | None
    labels: Sequence[str]
    beside: Sequence[str]


@dataclass(frozen=True)
class Runs:
    """columns: numbers and labels of the runs to fit. dropped: numbers of those --drop-top took."""

    columns: Mapping[str, Shaped[ndarray, " n"]]
    dropped: Mapping[str, Column]
    notes: Sequence[str]


def read(request: Request) -> Runs:
    """Raises BadInput, UnknownName."""
    from scalinglaws import laws
    from scalinglaws.files.columns import drop_top
    from scalinglaws.files.derive import derivation
    from scalinglaws.files.recognise import read_any
    from scalinglaws.files.refusal import named
    from scalinglaws.files.runs import RunLoss

    r = request
    derived = [derivation(name, expression) for name, expression in r.formulas.items()]
    weights = [r.weights] if r.weights else []
    table = read_any(
        r.file,
        list(dict.fromkeys([*r.x, r.y, *weights, *r.beside])),
        y=r.y,
        how=RunLoss(r.run_loss) if r.run_loss else None,
        labels=list(dict.fromkeys(r.labels)),
        renamed=r.renamed,
        derived=derived,
    )
    _require_another_y(r)
    with named(r.file):
        for name in table.columns:
            laws.positive_column(table.columns, name)  # while a row's number is still the file's
        kept, dropped = drop_top(table.where(~table.repeated), r.y, r.drop_top)
    columns = {**kept.columns, **kept.labels}
    return Runs(columns, dropped.columns, (*table.notes, *_left_out(table)))


def _require_another_y(request: Request) -> None:
    renamed = request.renamed
    for name in request.x:
        if renamed.get(name, name) == renamed.get(request.y, request.y):
            raise BadInput(
                f"--x {name} --y {request.y}: the same column; a law needs a size and a loss: "
                "name the column of the loss with --y"
            )


def _left_out(table: Table) -> Iterator[str]:
    """How many repeated rows, and what keeps them."""
    if count := int(table.repeated.sum()):
        nested = ", ".join(map(repr, table.uncompared))
        compared = f" compared (nested columns are not: {nested})" if nested else ""
        yield (
            f"{count} rows repeat an earlier row in every cell{compared} and were left out; to "
            "keep repeated runs add a column that tells them apart: a run name or a seed"
        )
