"""`fit FILE`: a table of sizes and losses -> a law, its parameters, forecasts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scalinglaws.cli.options import (
    Assignment,
    Function,
    Known,
    as_mapping,
    common_options,
    json_option,
    print_json,
)
from scalinglaws.errors import BadInput, NotYet

if TYPE_CHECKING:
    from scalinglaws.estimate import Estimate
    from scalinglaws.files.columns import Table
    from scalinglaws.laws import Answer, Fit

OBJECTIVES = ("lsq", "huber", "lad", "student")
NOT_YET = ("group", "weights", "bootstrap", "isoflop", "compare", "run_loss", "budget_flops")


class Point(click.ParamType[dict[str, float]]):
    """Where to forecast: N=1e9 or N=1e9,D=2e10."""

    name = "N=1e9,D=2e10"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, float]:
        if isinstance(value, dict):  # click converts a default twice
            return value
        point: dict[str, float] = {}
        for part in str(value).split(","):
            name, equals, number = (piece.strip() for piece in part.partition("="))
            if not (name and equals) or name in point:
                self.fail(f"{value!r} is not of the form {self.name}.", param, ctx)
            try:
                point[name] = float(number)
            except ValueError:
                self.fail(f"{number!r} in {value!r} is not a number.", param, ctx)
        return point


def later_options(function: Function) -> Function:
    """Options of the contract that a later version answers."""
    for name in reversed(NOT_YET):
        flag = "--" + name.replace("_", "-")
        is_flag = name == "isoflop"
        function = click.option(flag, name, is_flag=is_flag, default=None, help="Not yet.")(
            function
        )
    return function


@click.command("fit")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--x", multiple=True, required=True, help="Column of N, D or C; one in this version.")
@click.option("--y", default="loss", show_default=True, help="Column of the loss.")
@click.option("--law", default="auto", show_default=True, help="power, power+constant, or auto.")
@click.option("--objective", type=Known("objective", OBJECTIVES), default="lsq", show_default=True)
@click.option("--delta", type=float, help="Threshold of huber, scale of student.")
@click.option(
    "--map",
    "renamed",
    type=Assignment("NAME", "COLUMN"),
    multiple=True,
    help="Call a column of the file NAME: --map N='Model Size'.",
)
@click.option(
    "--derive",
    "derived",
    type=Assignment("NAME", "EXPRESSION"),
    multiple=True,
    help="Compute a column: --derive 'D=C/(6*N)'.",
)
@click.option("--drop-top", type=click.IntRange(min=0), default=0, help="Drop rows of highest y.")
@click.option("--at", "points", type=Point(), multiple=True, help="Forecast a new run there.")
@click.option("--target-loss", "targets", type=float, multiple=True, help="Which x reaches it?")
@click.option("--level", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95)
@click.option("--plot", type=click.Path(path_type=Path), help="Draw to .svg, .png or .pdf.")
@later_options
@json_option
@common_options
def command(
    file: Path,
    x: tuple[str, ...],
    y: str,
    law: str,
    objective: str,
    delta: float | None,
    renamed: tuple[tuple[str, str], ...],
    derived: tuple[tuple[str, str], ...],
    drop_top: int,
    points: tuple[dict[str, float], ...],
    targets: tuple[float, ...],
    level: float,
    plot: Path | None,
    as_json: bool,
    seed: int | None,
    quiet: bool,
    **later: object,
) -> None:
    """Fit a scaling law to a table (.csv, .tsv, .jsonl, .parquet) and forecast with intervals.

    Messages count rows from 1, the header and blank lines not among them. Nothing here is
    random: --seed changes nothing.
    """
    for name, value in later.items():
        if value is not None:
            raise NotYet("--" + name.replace("_", "-"))
    from scalinglaws import laws
    from scalinglaws.files.refusal import named

    laws.check_request(law, x, objective, delta)
    mapping, formulas = as_mapping("--map", renamed), as_mapping("--derive", derived)
    table, dropped, remarks = _read(file, x, y, mapping, formulas, drop_top)
    with named(file):
        fitted = laws.fit(
            table.columns, law, y=y, x=x, objective=objective, delta=delta, level=level
        )
    forecasts = [(point, fitted.predict(point)) for point in points]
    answers = [fitted.solve(target) for target in targets]
    notes = [*remarks, *fitted.notes, *_remarks(fitted, points, answers)]
    status = laws.FitStatus.gravest(fitted.status, *(fitted.status_at(point) for point in points))
    if plot is not None:
        from scalinglaws.cli.fit_figure import figure
        from scalinglaws.report import draw_plot

        draw_plot(figure(fitted, dropped.columns, points), plot)
    if as_json:
        print_json(_to_json(fitted, status, forecasts, answers, notes))
    else:
        _show(fitted, status, forecasts, answers, notes)


def _require_another_y(x: tuple[str, ...], y: str, mapping: Mapping[str, str]) -> None:
    for name in x:
        if mapping.get(name, name) == mapping.get(y, y):
            raise BadInput(
                f"--x {name} --y {y}: the same column; a law needs a size and a loss: "
                "name the column of the loss with --y"
            )


def _read(
    file: Path,
    x: tuple[str, ...],
    y: str,
    mapping: dict[str, str],
    formulas: dict[str, str],
    top: int,
) -> tuple[Table, Table, list[str]]:
    """The rows to fit, those that --drop-top took, and what to know about rows left out."""
    from scalinglaws import laws
    from scalinglaws.files.columns import drop_top, read_table
    from scalinglaws.files.derive import derivation
    from scalinglaws.files.refusal import named

    derived = [derivation(name, expression) for name, expression in formulas.items()]
    table = read_table(file, (*x, y), renamed=mapping, derived=derived)
    _require_another_y(x, y, mapping)
    with named(file):
        for name in table.columns:
            laws.positive_column(table.columns, name)  # while a row's number is still the file's
        kept, dropped = drop_top(table.where(~table.repeated), y, top)
    return kept, dropped, list(_left_out(table))


def _left_out(table: Table) -> Iterator[str]:
    """How many repeated rows, and what keeps them."""
    if count := int(table.repeated.sum()):
        nested = ", ".join(map(repr, table.uncompared))
        compared = f" compared (nested columns are not: {nested})" if nested else ""
        yield (
            f"{count} rows repeat an earlier row in every cell{compared} and were left out; to "
            "keep repeated runs add a column that tells them apart: a run name or a seed"
        )


def _remarks(
    fitted: Fit, points: Iterable[dict[str, float]], answers: Iterable[Answer]
) -> Iterator[str]:
    """What to know about these forecasts."""
    for point in points:
        factor = fitted.beyond(point)
        if factor > 1:
            yield (
                f"{_point(point)} lies a factor {factor:.3g} outside the fitted range: "
                "the interval assumes that the law holds there"
            )
    for answer in answers:
        if math.isnan(answer.x.value):
            law = fitted.law.formula(*fitted.x)
            yield f"no {fitted.x[0]} gives a loss of {answer.loss:g}: {law}"
        elif math.isinf(answer.x.half_width):
            yield (
                f"loss {answer.loss:g}: the interval is open, "
                "for some law within it never reaches that loss"
            )


def _point(point: Mapping[str, float]) -> str:
    return ",".join(f"{name}={value:g}" for name, value in point.items())


Forecast = tuple[dict[str, float], "Estimate"]


def _to_json(
    fitted: Fit, status: str, forecasts: list[Forecast], answers: list[Answer], notes: list[str]
) -> dict[str, object]:
    return {
        "law": fitted.law.name,
        "y": fitted.y,
        "objective": asdict(fitted.objective),
        "params": {name: _ends(e, "value") for name, e in fitted.params.items()},
        "range": fitted.range,
        "n": fitted.n,
        "status": status,
        "predictions": [{"at": point, **_ends(e, "loss")} for point, e in forecasts],
        "answers": [
            {
                "ask": f"target-loss={a.loss:g}",
                "x": fitted.x[0],
                **_ends(a.x, "value"),
                "status": a.status,
            }
            for a in answers
        ],
        "notes": notes,
    }


def _ends(estimate: Estimate, name: str) -> dict[str, float]:
    return {name: estimate.value, "lo": estimate.lo, "hi": estimate.hi}


def _show(
    fitted: Fit, status: str, forecasts: list[Forecast], answers: list[Answer], notes: list[str]
) -> None:
    """The law and its numbers as tables for a reader."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from scalinglaws.report.numbers import interval, number

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(fitted.law.formula(*fitted.x), overflow="fold")
    table.add_column(f"{fitted.level:.4g} interval in brackets", overflow="fold")
    for name, estimate in fitted.params.items():
        table.add_row(name, Text(interval(estimate)))
    table.add_section()
    for name, (lo, hi) in fitted.range.items():
        table.add_row(Text(f"range of {name}"), f"{number(lo)} to {number(hi)}")
    table.add_row("points", number(fitted.n))
    table.add_row("scatter of a run", f"{number(100 * fitted.residual_sd, 2)} % of the loss")
    table.add_row("status", str(status))
    table.add_section()
    for point, estimate in forecasts:
        table.add_row(Text(f"new run at {_point(point)}"), Text(interval(estimate)))
    for answer in answers:
        x = interval(answer.x) if answer.status != "unreachable" else "unreachable"
        table.add_row(Text(f"{fitted.x[0]} for a loss of {answer.loss:g}"), Text(x))
    console = Console()
    console.print(table)
    for note in notes:
        console.print(Text(f"note: {note}"), soft_wrap=True)
