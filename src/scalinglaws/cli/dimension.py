"""`dimension FILE`: points -> intrinsic dimension d by several estimators, with intervals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scalinglaws.cli.options import Known, common_options, json_option, print_json
from scalinglaws.errors import BadInput, NotYet
from scalinglaws.estimate import LEVEL

if TYPE_CHECKING:
    from scalinglaws.dimension import Dimension, Neighbors

# Method -> the k it is asked for by default; None: it takes no k.
BUILT = {"twonn": None, "knn": (2, 3, 4), "mle": (20,), "mle-harmonic": (20,)}
LATER = ("twonn-line", "gride", "corrint", "pr", "pca")
DEFAULT = ("twonn", "knn", "mle")
MANY_TIES = 0.05  # share of points; below, ties move d by less than most intervals
LARGE_D = 8.0  # from here on the bias of a finite sample is seen at any usual n
COVERS = (
    "The interval covers the estimator's own mean at this number of points, not its bias: "
    "boundaries make d read low, the more so the larger d is; noise and curvature, high."
)


@dataclass(frozen=True)
class Request:
    """One estimate to make. Where nobody asked for it by name it may be left out with a note."""

    method: str
    k: int
    by_name: bool

    def __str__(self) -> str:
        return self.method if BUILT[self.method] is None else f"{self.method} k={self.k}"


@click.command("dimension")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--method",
    "methods",
    type=Known("method", (*BUILT, *LATER)),
    multiple=True,
    help="Estimator; may be repeated. [default: twonn, knn k=2,3,4, mle k=20]",
)
@click.option(
    "--k",
    "ks",
    type=click.IntRange(min=2),
    multiple=True,
    help="Neighbours, for the methods that take k (by default knn and mle); may be repeated.",
)
@click.option("--layer", help="Which array of a .npz or .safetensors file.")
@click.option("--queries", type=int, help="Not yet.")
@click.option("--plot", type=click.Path(path_type=Path), help="Draw to .svg, .png or .pdf.")
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
    plot: Path | None,
    level: float,
    as_json: bool,
    seed: int | None,
    quiet: bool,
) -> None:
    """Measure the intrinsic dimension of points (.npy, .npz, .safetensors, .csv, .parquet).

    Rows are points, columns coordinates; a table's header is not counted among its rows.
    Nothing here is random: --seed changes nothing.
    """
    if queries is not None:
        raise NotYet("--queries")
    requests = _requests(methods, ks)
    nb, estimates, left_out = _measure(file, layer, requests, level, or_fewer=not (methods or ks))
    notes = [*_remarks(nb, estimates), *left_out]
    if plot is not None:
        from scalinglaws.cli.dimension_figure import figure
        from scalinglaws.report import draw_plot

        draw_plot(figure(nb, [e.k for e in estimates if e.method == "knn"] or [2]), plot)
    if as_json:
        print_json(_to_json(nb, estimates, notes))
    else:
        _show(file, nb, estimates, notes)


def _requests(methods: tuple[str, ...], ks: tuple[int, ...]) -> list[Request]:
    """What to estimate, each once, in the order asked for."""
    for method in methods:
        if method in LATER:
            raise NotYet(f"--method {method}")
    if ks and all(BUILT[method] is None for method in methods or DEFAULT):
        takers = ", ".join(method for method, default in BUILT.items() if default)
        raise BadInput(f"--k is for {takers}; {', '.join(methods)} takes none: leave it out")
    wanted: dict[Request, None] = {}
    for method in methods or DEFAULT:
        default = BUILT[method]
        for k in (2,) if default is None else ks or default:
            wanted[Request(method, k, bool(methods))] = None
    return list(wanted)


def _measure(
    file: Path, layer: str | None, requests: list[Request], level: float, *, or_fewer: bool
) -> tuple[Neighbors, list[Dimension], list[str]]:
    """The file's neighbours, enough for every request `or_fewer`, and `_estimate` of them."""
    from scalinglaws.dimension import neighbors
    from scalinglaws.files.points import read_points
    from scalinglaws.files.refusal import named

    points = read_points(file, layer)
    with named(file):
        nb = neighbors(points, max(r.k for r in requests), or_fewer=or_fewer)
        return nb, *_estimate(nb, requests, level)


def _estimate(
    nb: Neighbors, requests: list[Request], level: float
) -> tuple[list[Dimension], list[str]]:
    """The estimates that can be made, and why the others cannot."""
    estimates: list[Dimension] = []
    left_out: list[str] = []
    for request in requests:
        try:
            estimates.append(_estimate_one(nb, request, level))
        except BadInput as error:
            if request.by_name:
                raise
            left_out.append(f"{request} is left out: {error}")
    if not estimates:
        raise BadInput(f"no estimate can be made from these {nb.n} points; {left_out[0]}")
    return estimates, left_out


def _estimate_one(nb: Neighbors, request: Request, level: float) -> Dimension:
    from scalinglaws import dimension

    if request.k > nb.k:
        raise BadInput(f"{nb.n} distinct points have {nb.k} neighbours each")
    if request.method == "twonn":
        return dimension.twonn(nb, level=level)
    estimator = {"knn": dimension.knn, "mle": dimension.mle, "mle-harmonic": dimension.mle_harmonic}
    return estimator[request.method](nb, request.k, level=level)


def _remarks(nb: Neighbors, estimates: list[Dimension]) -> Iterator[str]:
    """What to know about these points."""
    yield f"neighbours found by {nb.engine}, distances exact"
    if nb.duplicates:
        yield f"{nb.duplicates} rows repeat an earlier row and were left out"
    if nb.tied > MANY_TIES:
        yield (
            f"the first two neighbours of {nb.tied:.0%} of the points are equally far, as in "
            "quantised data: estimates from few neighbours read high; trust larger k"
        )
    if max(e.d for e in estimates) > LARGE_D:
        yield f"d above about {LARGE_D:.0f} reads low at any usual number of points"


def _to_json(nb: Neighbors, estimates: list[Dimension], notes: list[str]) -> dict[str, object]:
    keys = ("method", "k", "d", "stderr", "lo", "hi")
    return {
        "n": nb.n,
        "ambient": nb.ambient,
        "duplicates": nb.duplicates,
        "estimates": [{key: asdict(e)[key] for key in keys} for e in estimates],
        "profile": [],
        "notes": notes,
    }


def _show(file: Path, nb: Neighbors, estimates: list[Dimension], notes: list[str]) -> None:
    """The estimates as a table for a reader."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from scalinglaws.report.numbers import interval
    from scalinglaws.report.text import printable

    console = Console()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("method")
    table.add_column("k", justify="right")
    table.add_column(f"d, {estimates[0].level:.4g} interval in brackets")
    for e in estimates:
        table.add_row(e.method, str(e.k), interval(e.estimate))
    console.print(Text(f"{printable(file.name)}: {nb.n} distinct points in {nb.ambient} columns"))
    console.print(table)
    for note in (COVERS, *(f"note: {note}" for note in notes)):
        console.print(Text(note), soft_wrap=True)
