"""Legends that never cover data: in an empty corner, or below the axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.legend_handler import HandlerTuple
from matplotlib.path import Path
from matplotlib.transforms import Bbox

Entries = Mapping[str, tuple[Artist, ...]]  # drawn text -> what stands before it

_CORNERS = ("upper right", "lower left", "upper left", "lower right")
_MOST_INSIDE = 6
_CLEARANCE = 0.04  # inches between a legend and the nearest datum


def place_legend(
    figure: Figure, axes: Sequence[Axes], entries: Sequence[Entries], paths: Sequence[Path]
) -> None:
    """Give each panel its legend, or all of them one where they share it.

    entries, paths: per panel, what to list and the data in data coordinates.
    """
    shared = {label: handles for panel in entries for label, handles in panel.items()}
    if not shared:
        return
    if len(axes) > 1 and all(panel.keys() == shared.keys() for panel in entries):
        _below(figure, shared)
        return
    figure.draw_without_rendering()  # settles the layout, so that corners can be measured
    inside = [_in_a_corner(*panel) for panel in zip(axes, entries, paths, strict=True)]
    if not all(inside):
        for ax in axes:
            if legend := ax.get_legend():
                legend.remove()
        _below(figure, shared)


def _in_a_corner(ax: Axes, entries: Entries, data: Path) -> bool:
    """Try the corners; leave no legend and return False where each holds data."""
    if not entries:
        return True
    if len(entries) > _MOST_INSIDE:
        return False
    renderer = _renderer(ax)
    outline = data.transformed(ax.transData)
    for corner in _CORNERS:
        legend = ax.legend(*_handles(entries), loc=corner, handler_map=_OVERLAID)
        legend.set_in_layout(False)
        box = legend.get_window_extent(renderer)
        if _within(box, ax.bbox) and not _touches(outline, box, ax):
            return True
        legend.remove()
    return False


def _below(figure: Figure, entries: Entries) -> None:
    """Below the axes, in as many columns as the width holds."""
    renderer = _renderer(figure)
    legend: Legend | None = None
    for most in range(min(len(entries), 6), 0, -1):
        rows = -(-len(entries) // most)
        columns = -(-len(entries) // rows)  # as even as the rows allow
        if legend is not None:
            legend.remove()
        legend = figure.legend(
            *_handles(entries), loc="outside lower center", ncols=columns, handler_map=_OVERLAID
        )
        if legend.get_window_extent(renderer).width <= 0.98 * figure.bbox.width:
            return


def _touches(path: Path, box: Bbox, ax: Axes) -> bool:
    dpi = ax.get_figure(root=True).dpi  # pyright: ignore[reportOptionalMemberAccess]
    return path.intersects_bbox(box.padded(_CLEARANCE * dpi), filled=False)


def _within(box: Bbox, frame: Bbox) -> bool:
    return box.width < 0.6 * frame.width and box.height < 0.6 * frame.height


def _handles(entries: Entries) -> tuple[list[Any], list[str]]:
    return list(entries.values()), list(entries)  # tuples of artists, which HandlerTuple takes


def _renderer(artist: Any) -> RendererBase:
    return artist.get_figure(root=True).canvas.get_renderer()


# The marker, its fit and its band are drawn over one another in front of their common label.
_OVERLAID = {tuple: HandlerTuple(ndivide=1, pad=0)}
