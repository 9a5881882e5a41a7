"""Legends that never cover data: in an empty corner, or below the axes."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.legend import Legend
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.transforms import Bbox

Entries = Mapping[str, tuple[Artist, ...]]  # drawn text -> what stands before it

_CORNERS = ("upper right", "lower left", "upper left", "lower right")
_MOST_INSIDE = 6
_MOST_LISTED = 40
_LETTERS, _LINES = 40, 6  # of one label
_CLEARANCE = 0.04  # inches between a legend and the nearest datum
_MATHEMATICS = re.compile(r"(?<!\\)\$.*?(?<!\\)\$")


def lay_out(figure: Figure) -> None:
    """Give axes and what is around them their places; a figure with an engine does so per draw."""
    ConstrainedLayoutEngine().execute(figure)


def place_legend(figure: Figure, panels: Sequence[tuple[Axes, Entries, Path]]) -> None:
    """Give each panel its legend, or all of them one where they share it.

    panels: of each its axes, what to list, and the data in data coordinates.
    """
    shared = {label: handles for _, entries, _ in panels for label, handles in entries.items()}
    if not shared:
        return
    if len(panels) > 1 and all(entries.keys() == shared.keys() for _, entries, _ in panels):
        _below(figure, shared)
        return
    lay_out(figure)  # so that corners can be measured
    inside = [_in_a_corner(*panel) for panel in panels]
    if not all(inside):
        for ax, _, _ in panels:
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
    unlisted = len(entries) - _MOST_LISTED
    if unlisted > 0:
        nothing = Line2D([], [], linestyle="none")
        entries = dict(islice(entries.items(), _MOST_LISTED))
        entries[f"and {unlisted} more"] = (nothing,)
    legend: Legend | None = None
    for most in range(min(len(entries), 6), 0, -1):
        rows = -(-len(entries) // most)
        columns = -(-len(entries) // rows)  # as even as the rows allow
        if legend is not None:
            legend.remove()
        legend = figure.legend(
            *_handles(entries), loc="outside lower center", ncols=columns, handler_map=_OVERLAID
        )
        box = legend.get_window_extent(renderer)
        if most == 1 or box.width <= 0.98 * figure.bbox.width:
            # The figure grows by the legend, so that the axes do not shrink.
            figure.set_figheight(figure.get_figheight() + box.height / figure.dpi)
            return


def _touches(path: Path, box: Bbox, ax: Axes) -> bool:
    dpi = ax.get_figure(root=True).dpi  # pyright: ignore[reportOptionalMemberAccess]
    return path.intersects_bbox(box.padded(_CLEARANCE * dpi), filled=False)


def _within(box: Bbox, frame: Bbox) -> bool:
    return box.width < 0.6 * frame.width and box.height < 0.6 * frame.height


def _handles(entries: Entries) -> tuple[list[Any], list[str]]:
    # Tuples of artists, which HandlerTuple takes.
    return list(entries.values()), [_wrapped(label) for label in entries]


def _wrapped(label: str) -> str:
    """A label in lines; within mathematics and its backslashes no line ends."""
    kept = _MATHEMATICS.sub(lambda m: m[0].replace(" ", "\0"), label)
    lines = textwrap.wrap(
        kept,
        _LETTERS,
        max_lines=_LINES,
        placeholder=" …",
        break_long_words="$" not in label,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace("\0", " ")


def _renderer(artist: Any) -> RendererBase:
    return artist.get_figure(root=True).canvas.get_renderer()


# The marker, its fit and its band are drawn over one another in front of their common label.
_OVERLAID = {tuple: HandlerTuple(ndivide=1, pad=0)}
