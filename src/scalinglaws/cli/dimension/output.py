"""What was measured, as the JSON of the contract and as a table for a reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scalinglaws.cli.dimension.measure import Measured
from scalinglaws.cli.dimension.remarks import COVERS
from scalinglaws.report.numbers import ABSENT, interval, number
from scalinglaws.report.text import printable

if TYPE_CHECKING:
    from rich.table import Table

    from scalinglaws.dimension import Corrected, Dimension, Plateau

_ESTIMATE = ("method", "k", "d", "stderr", "lo", "hi", "scale")
_SCALE_POINT = ("n", "radius", "d", "lo", "hi", "stderr", "k")


def to_json(found: Measured, notes: list[str]) -> dict[str, object]:
    """The contract's keys, and some beside them; what is not finite becomes null."""
    profile = found.profile
    return {
        "n": found.n,
        "ambient": found.ambient,
        "duplicates": found.duplicates,
        "queries": None if found.nb is None else len(found.nb.queries),
        "estimates": [_estimate(e) for e in found.estimates],
        "corrections": [_correction(c) for c in found.corrections],
        "profile": [] if profile is None else [_picked(p, _SCALE_POINT) for p in profile.points],
        "plateau": None if profile is None else _plateau(profile.plateau),
        "summary": None if profile is None else profile.sentence,
        "notes": notes,
    }


def _picked(found: Any, keys: tuple[str, ...]) -> dict[str, object]:
    values = asdict(found)
    return {key: values[key] for key in keys}


def _estimate(found: Dimension) -> dict[str, object]:
    """k is null where an estimator looks at no neighbours."""
    return {**_picked(found, _ESTIMATE), "k": found.k or None}


def _correction(found: Corrected) -> dict[str, object]:
    of = {"method": found.raw.method, "k": found.raw.k, "reference": found.reference}
    return of | _picked(found, ("d", "stderr", "lo", "hi"))


def _plateau(found: Plateau | None) -> dict[str, object] | None:
    if found is None:
        return None
    return _picked(found.d, ("stderr", "lo", "hi")) | {
        "d": found.d.value,
        "n": found.n,
        "radius": found.radius,
    }


def show(file: Path, found: Measured, notes: list[str]) -> None:
    """The estimates as a table, d against scale in one sentence, then the notes."""
    from rich.console import Console
    from rich.text import Text

    console = Console()
    columns = f"{found.ambient} column{'s' if found.ambient > 1 else ''}"
    console.print(Text(f"{printable(file.name)}: {found.n} distinct points in {columns}"))
    console.print(_table(found))
    covers = [COVERS] if any(e.k for e in found.estimates) else []  # those of neighbours
    for line in (*_against_scale(found), *covers, *(f"note: {note}" for note in notes)):
        console.print(Text(line), soft_wrap=True)


def _against_scale(found: Measured) -> Iterator[str]:
    if found.profile is not None:
        yield f"{'Plateau: ' if found.profile.plateau else ''}{found.profile.sentence}"


def _table(found: Measured) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("method")
    table.add_column("k", justify="right")
    table.add_column(f"d [{found.level:.4g} interval]")
    if found.corrections:
        table.add_column(f"corrected by {found.corrections[0].reference}")
    table.add_column("at distance", justify="right")
    for e in found.estimates:
        c = found.corrected(e)
        beside = [interval(c.estimate) if c else ABSENT] if found.corrections else []
        k = str(e.k) if e.k else ABSENT
        table.add_row(e.method, k, _d(e), *beside, number(e.scale, 3))
    return table


def _d(e: Dimension) -> str:
    """pca's d is a count."""
    return f"{e.d:.0f} [{e.lo:.0f}, {e.hi:.0f}]" if e.method == "pca" else interval(e.estimate)
