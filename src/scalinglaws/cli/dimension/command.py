"""`dimension`: arguments in, a table, a figure or one JSON object out."""

from __future__ import annotations

from pathlib import Path

import click

from scalinglaws.cli.dimension.methods import FAMILIES, requests, require_correctable
from scalinglaws.cli.options import Known, common_options, json_option, print_json
from scalinglaws.dimension.methods.table import METHODS
from scalinglaws.estimate import LEVEL

FEWEST = 10  # queries; of fewer an interval says nothing


@click.command("dimension")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--method",
    "methods",
    type=Known("method", METHODS),
    multiple=True,
    help="Estimator; may be repeated. [default: twonn, knn k=2,3,4, mle k=20]",
)
@click.option(
    "--k",
    "ks",
    type=click.IntRange(min=1),
    multiple=True,
    help="Neighbours, for the methods that take k (gride looks at 2 k); may be repeated.",
)
@click.option("--layer", help="Which array of a .npz or .safetensors file.")
@click.option(
    "--queries",
    type=click.IntRange(min=FEWEST),
    help="Neighbours of so many points only, drawn by --seed, sought among all.",
)
@click.option(
    "--correct",
    "reference",
    type=Known("reference family", FAMILIES),
    help="Beside every d, that of the family's member that reads the same.",
)
@click.option(
    "--plot", type=click.Path(path_type=Path), help="Draw fit, profile and local d: .svg .png .pdf."
)
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=LEVEL,
    show_default=True,
    help="Of the intervals.",
)
@json_option
@common_options
def command(
    file: Path,
    methods: tuple[str, ...],
    ks: tuple[int, ...],
    layer: str | None,
    queries: int | None,
    reference: str | None,
    plot: Path | None,
    level: float,
    as_json: bool,
    seed: int | None,
    quiet: bool,
) -> None:
    """Measure the intrinsic dimension of points (.npy, .npz, .safetensors, .csv, .parquet).

    Rows are points, columns coordinates; a table's header is not counted among its rows.
    Only --queries and --correct draw at random, by --seed.
    """
    asked = requests(methods, ks)
    if reference is not None:
        require_correctable(asked)
    if plot is not None:
        from scalinglaws.report import plot_format

        plot_format(plot)
    # What measures is imported after the arguments are known to be good.
    from scalinglaws.cli.dimension.measure import measure
    from scalinglaws.cli.dimension.output import show, to_json
    from scalinglaws.cli.dimension.remarks import remarks
    from scalinglaws.files.points import read_points
    from scalinglaws.files.refusal import named

    points = read_points(file, layer)
    with named(file):
        found = measure(
            points,
            asked,
            queries=queries,
            seed=seed or 0,
            level=level,
            reference=reference,
            search=plot is not None,
        )
    if plot is not None:
        from scalinglaws.cli.dimension.figure import figure
        from scalinglaws.report import draw_plot

        draw_plot(figure(file.name, found), plot)
    notes = list(remarks(found))
    if as_json:
        print_json(to_json(found, notes))
    else:
        show(file, found, notes)
