"""A fit and its answers, as the JSON of the contract and as a table for a reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from scalinglaws.cli.fit.answers import Answers
from scalinglaws.cli.fit.forecasts import point_text

if TYPE_CHECKING:
    from scalinglaws.estimate import Estimate
    from scalinglaws.laws import Fit


def to_json(fitted: Fit, found: Answers, notes: Sequence[str]) -> dict[str, object]:
    """The contract's keys; what is not finite becomes null."""
    return {
        "law": fitted.law.name,
        "y": fitted.y,
        "objective": asdict(fitted.objective),
        "params": {name: _ends(e, "value") for name, e in found.params.items()},
        "range": fitted.range,
        "n": fitted.n,
        "status": found.status,
        "predictions": [{"at": one.at, **_ends(one.loss, "loss")} for one in found.forecasts],
        "answers": [
            {"ask": one.ask, "x": one.x, **_ends(one.estimate, "value"), "status": one.status}
            for one in found.answers
        ],
        "notes": list(notes),
    }


def _ends(estimate: Estimate, name: str) -> dict[str, float]:
    return {name: estimate.value, "lo": estimate.lo, "hi": estimate.hi}


def show(fitted: Fit, found: Answers, notes: Sequence[str]) -> None:
    """The law and its numbers as tables for a reader."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from scalinglaws.report.numbers import ABSENT, interval, number

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(Text(fitted.law.formula(*fitted.x)), overflow="fold")
    table.add_column(f"{fitted.level:.4g} interval in brackets", overflow="fold")
    if found.forecasts or found.answers:
        table.add_column("status", overflow="fold")
    for name, estimate in found.params.items():
        table.add_row(name, Text(interval(estimate)))
    table.add_section()
    for name, (lo, hi) in fitted.range.items():
        table.add_row(Text(f"range of {name}"), f"{number(lo)} to {number(hi)}")
    table.add_row("points", number(fitted.n))
    table.add_row("scatter of a run", f"{number(100 * fitted.residual_sd, 2)} % of the loss")
    delta = fitted.objective.delta
    objective = fitted.objective.name + ("" if delta is None else f", delta {number(delta)}")
    table.add_row("objective", f"{objective}: {number(fitted.objective.value)}")
    table.add_row("status", str(found.status))
    table.add_section()
    for one in found.forecasts:
        about = f"new run at {point_text(one.at)}"
        table.add_row(Text(about), Text(interval(one.loss)), str(one.status))
    for one in found.answers:
        x = ABSENT if one.status == "unreachable" else interval(one.estimate)
        table.add_row(Text(one.about), Text(x), str(one.status))
    console = Console()
    console.print(table)
    for note in notes:
        console.print(Text(f"note: {note}"), soft_wrap=True)
