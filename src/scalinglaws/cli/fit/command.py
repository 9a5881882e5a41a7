"""`fit`: arguments in, a law with forecasts, a figure or one JSON object out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scalinglaws.cli.options import (
    Assignment,
    Known,
    as_mapping,
    common_options,
    json_option,
    print_json,
)

if TYPE_CHECKING:
    from scalinglaws.laws.fitting.bootstrap import Scheme

OBJECTIVES = ("lsq", "huber", "lad", "student")
RUN_LOSSES = ("last", "best", "mean")
SCHEMES = ("wild", "pairs")
_LARGE_FILE, _MANY_RUNS = 50e6, 1_000_000  # of which a reader hears before they are dealt with


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


@click.command("fit")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--x", multiple=True, required=True, help="Column of N, D or C; twice: N, then D.")
@click.option("--y", default="loss", show_default=True, help="Column of the loss.")
@click.option(
    "--law",
    default="auto",
    show_default=True,
    help="power, power+constant, shifted, m3, m4, broken, broken-2, variance, log-power; of N and "
    "D additive, kaplan; auto chooses between power and power+constant, or additive and kaplan.",
)
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
@click.option("--run-loss", type=Known("loss of a run", RUN_LOSSES), help="Of a run's many losses.")
@click.option("--drop-top", type=click.IntRange(min=0), default=0, help="Drop rows of highest y.")
@click.option("--weights", metavar="COL", help="Column of each run's weight.")
@click.option("--group", metavar="COL", help="Runs of one group are not independent of each other.")
@click.option("--at", "points", type=Point(), multiple=True, help="Forecast a new run there.")
@click.option("--target-loss", "targets", type=float, multiple=True, help="What reaches it?")
@click.option("--budget-flops", "budgets", type=float, multiple=True, help="What does it buy?")
@click.option("--isoflop", is_flag=True, help="The best N at each budget, of columns C and N.")
@click.option(
    "--isoflop-tolerance",
    "tolerance",
    type=click.FloatRange(min=0),
    help="Runs whose log C differ by no more from the next are one budget; by default equal C.",
)
@click.option("--compare", metavar="COL", help="Two systems, named there, on the same x.")
@click.option(
    "--bootstrap", type=click.IntRange(min=20), help="Intervals from so many refits to resamples."
)
@click.option(
    "--scheme",
    type=Known("scheme", SCHEMES),
    help="What a resample is: wild keeps every x and changes signs and sizes of residuals, pairs "
    "draws whole runs; by default wild for lsq, pairs for any other objective.",
)
@click.option("--level", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95)
@click.option("--plot", type=click.Path(path_type=Path), help="Draw to .svg, .png or .pdf.")
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
    run_loss: str | None,
    drop_top: int,
    weights: str | None,
    group: str | None,
    points: tuple[dict[str, float], ...],
    targets: tuple[float, ...],
    budgets: tuple[float, ...],
    isoflop: bool,
    tolerance: float | None,
    compare: str | None,
    bootstrap: int | None,
    scheme: Scheme | None,
    level: float,
    plot: Path | None,
    as_json: bool,
    seed: int | None,
    quiet: bool,
) -> None:
    """Fit a scaling law to runs (.csv, .tsv, .jsonl, .parquet, W&B, MLflow, TensorBoard).

    Messages count rows from 1, the header and blank lines not among them. Only the bootstrap
    draws at random, by --seed; what a joint law's budgets and costs say rests on one.
    """
    from scalinglaws import laws
    from scalinglaws.cli.fit.asked import Asked, check
    from scalinglaws.cli.fit.read import Request, read

    laws.check_request(law, x, objective, delta)
    asked = Asked(
        points,
        targets,
        budgets,
        isoflop,
        tolerance,
        compare,
        weights,
        group,
        bootstrap,
        scheme,
        level,
        seed or 0,
    )
    check(asked, x)
    if plot is not None:
        from scalinglaws.report import plot_format

        plot_format(plot)
    request = Request(
        file,
        x,
        y,
        as_mapping("--map", renamed),
        as_mapping("--derive", derived),
        run_loss,
        drop_top,
        weights,
        labels=tuple(name for name in (group, compare) if name),
        beside=("C", "N") if isoflop else (),
    )
    from scalinglaws.cli.fit.answers import answer
    from scalinglaws.cli.fit.forecasts import Ahead
    from scalinglaws.cli.fit.output import show, to_json
    from scalinglaws.files.refusal import named

    if not quiet and file.is_file() and (size := file.stat().st_size) > _LARGE_FILE:
        click.echo(f"reading {file}: {size / 1e6:.0f} MB", err=True)
    runs = read(request)
    if not quiet and (n := len(runs.columns[y])) > _MANY_RUNS:
        click.echo(f"fitting {n} runs", err=True)
    with named(file):
        fitted = laws.fit(
            runs.columns,
            law,
            y=y,
            x=x,
            objective=objective,
            delta=delta,
            weights=weights,
            groups=group,
            level=level,
        )
        ahead = Ahead(fitted)
        found = answer(ahead, runs.columns, asked)
    if plot is not None:
        from scalinglaws.cli.fit.figure import figure
        from scalinglaws.report import draw_plot

        draw_plot(figure(ahead, runs.dropped, points), plot)
    notes = [*runs.notes, *fitted.notes, *found.notes]
    if as_json:
        print_json(to_json(fitted, found, notes))
    else:
        show(fitted, found, notes)
