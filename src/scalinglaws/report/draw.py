"""A figure as data, drawn: result.Figure -> matplotlib -> SVG, PNG or PDF.

No pyplot: figures are objects of their own, and no global state outlives a call.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas
from matplotlib.path import Path as Outline
from matplotlib.transforms import Bbox
from numpy import ndarray

from scalinglaws.errors import BadInput, StoreError
from scalinglaws.report.extent import View, along, array, finite, holds, outline, within
from scalinglaws.report.ledger import write_atomically
from scalinglaws.report.legend import Entries, lay_out, place_legend
from scalinglaws.report.plot_path import plot_format
from scalinglaws.report.style import color, drawable, marker, print_style
from scalinglaws.report.ticks import counts, label_counts, label_log, limits
from scalinglaws.result import Figure, Panel, Series

# Nothing in a file may tell when it was made: the same figure is the same bytes.
_METADATA = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
}
_PANEL_INCHES = (5.0, 3.9)
_MARGIN = 0.04  # inches
_MANY_POINTS = 2000  # of a panel; beyond, they are an image inside the SVG


def draw_plot(figure: Figure, path: Path | str) -> None:
    """Draw a figure to a file, in the format its suffix names.

    Raises BadInput when the suffix is none of .svg, .png, .pdf or the file cannot be written.
    """
    path = Path(path)
    suffix = plot_format(path)
    try:
        write_atomically(path, render(figure, suffix))
    except StoreError as error:
        raise BadInput(f"cannot draw to {path}: {error.__cause__}; choose another folder") from None


def render(figure: Figure, suffix: str, *, titled: bool = True) -> bytes:
    """The bytes of a figure as svg, png or pdf; `titled` puts its title above the panels."""
    return render_as((suffix,), figure, titled=titled)[suffix]


def render_as(suffixes: Sequence[str], figure: Figure, *, titled: bool = True) -> dict[str, bytes]:
    """The same in several formats, laid out once."""
    with print_style(salt=figure.id):
        canvas = draw(figure, titled=titled)
        box = canvas.get_tightbbox().padded(_MARGIN)
        return {suffix: _saved(canvas, box, suffix) for suffix in suffixes}


def _saved(canvas: Canvas, box: Bbox, suffix: str) -> bytes:
    buffer = io.BytesIO()
    canvas.savefig(buffer, format=suffix, metadata=_METADATA[suffix], bbox_inches=box)
    return buffer.getvalue()


def draw(figure: Figure, *, titled: bool = True) -> Canvas:
    """A figure as a matplotlib figure. Call it inside `print_style`."""
    # Two abreast, but three in one row: no corner stays empty.
    columns = 3 if len(figure.panels) == 3 else min(len(figure.panels), 2) or 1
    columns = 1 if figure.stacked else columns
    rows = -(-len(figure.panels) // columns) or 1
    width, height = _PANEL_INCHES
    canvas = Canvas(figsize=(columns * width, rows * height))
    FigureCanvasAgg(canvas)
    if titled:
        canvas.suptitle(drawable(figure.title), wrap=True)
    colors = 1 + max((s.color or 0 for p in figure.panels for s in p.series), default=0)
    grid = canvas.subplots(rows, columns, squeeze=False).ravel()
    axes = [grid[i] for i in range(len(figure.panels))]
    for empty in grid[len(axes) :]:
        empty.set_axis_off()
    panels = zip(axes, figure.panels, strict=True)
    place_legend(canvas, [(ax, *_draw_panel(ax, panel, colors)) for ax, panel in panels])
    lay_out(canvas)
    return canvas


def _draw_panel(ax: Axes, panel: Panel, colors: int) -> tuple[Entries, Outline]:
    """Draw one panel; returns its legend's entries and what they must not cover."""
    ax.set_title(drawable(panel.title), wrap=True)
    ax.set_xlabel(drawable(panel.x.label))
    ax.set_ylabel(drawable(panel.y.label))
    ax.set_xscale(panel.x.scale)
    ax.set_yscale(panel.y.scale)
    ax.set_xlim(limits(*along(panel.series, "x"), panel.x.scale))
    ax.set_ylim(limits(*along(panel.series, "y"), panel.y.scale))
    places, _ = along(panel.series, "x")
    for axis, of, ends in (
        (ax.xaxis, panel.x, ax.get_xlim()),
        (ax.yaxis, panel.y, ax.get_ylim()),
    ):
        if of.names:
            axis.set_ticks(range(len(of.names)), [drawable(name) for name in of.names])
            axis.minorticks_off()
        elif of.scale == "log":
            label_log(axis, *ends)
        elif axis is ax.xaxis and counts(places):
            label_counts(axis)
        else:
            axis.minorticks_on()
    entries: dict[str, tuple[Artist, ...]] = {}
    many = sum(len(s.x) for s in panel.series if s.kind == "points") > _MANY_POINTS
    for series in panel.series:
        drawn = _draw_series(ax, series, colors, many)
        if label := _legend_label(series, panel.series):
            entries[label] = (*entries.get(label, ()), *drawn)
    views = ax.get_xlim(), ax.get_ylim()
    data = outline(panel, *views)
    if not holds(data, *views):
        ax.text(0.5, 0.5, "no data", transform=ax.transAxes, ha="center", va="center")
    return entries, data


def _legend_label(series: Series, panel: Sequence[Series]) -> str:
    """Its own label, or, for an unlabelled line or band, that of the points of its colour."""
    if series.label or series.kind in ("points", "reference"):
        return drawable(series.label)
    points = (s.label for s in panel if s.kind == "points" and s.color == series.color)
    return drawable(next(points, ""))


def _draw_series(ax: Axes, s: Series, colors: int, many: bool) -> tuple[Artist, ...]:
    c, x, y = color(s.color, colors), array(s.x), array(s.y)
    if s.kind == "band":
        if s.lo is None or s.hi is None:
            return ()
        lo, hi = (within(end, ax.get_ylim()) for end in (s.lo, s.hi))
        return (ax.fill_between(x, lo, hi, color=c, alpha=0.2, linewidth=0, zorder=1),)
    if s.kind == "line":
        return tuple(ax.plot(x, y, color=c, zorder=2))
    if s.kind == "reference":
        alone = len(finite(s)[0]) < 2
        shape = "*" if alone else ""
        return tuple(ax.plot(x, y, "--", color=c, linewidth=1.0, marker=shape, ms=9, zorder=1.5))
    bars = ax.errorbar(
        x,
        y,
        xerr=_arms(x, s.x_lo, s.x_hi, ax.get_xlim()),
        yerr=_arms(y, s.lo, s.hi, ax.get_ylim()),
        linestyle="none",
        marker="." if many else marker(s.color),
        markersize=2 if many else None,
        color=c,
        markerfacecolor="white" if s.marker == "open" else c,
        markeredgewidth=0.9,
        elinewidth=0.8,
        zorder=3,
        rasterized=many,
    )
    return (bars,)  # pyright: ignore[reportReturnType]  # legends take containers too


def _arms(
    at: Float[ndarray, " n"],
    lo: Sequence[float] | None,
    hi: Sequence[float] | None,
    view: View,
) -> Float[ndarray, "2 n"] | None:
    """Lengths of error bars."""
    if lo is None and hi is None:
        return None
    below = at if lo is None else within(lo, view)
    above = at if hi is None else within(hi, view)
    arms = np.stack([at - below, above - at])
    return np.where(np.isnan(arms), 0.0, np.maximum(arms, 0.0))
