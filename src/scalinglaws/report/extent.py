"""Where the data of a panel lie: what an axis must show and a legend must not cover."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.path import Path
from numpy import ndarray

from scalinglaws.result import Panel, Series

View = tuple[float, float]  # limits of an axis


def array(values: Sequence[float | None]) -> Float[ndarray, " n"]:
    """As floats; a missing value is NaN, which matplotlib leaves out."""
    return np.array([np.nan if v is None else v for v in values], dtype=float)


def finite(s: Series) -> tuple[Float[ndarray, " n"], Float[ndarray, " n"]]:
    """x and y where both are finite."""
    x, y = array(s.x), array(s.y)
    both = np.isfinite(x) & np.isfinite(y)
    return x[both], y[both]


def within(ends: Sequence[float], view: View) -> Float[ndarray, " n"]:
    """Ends of error bars or a band; one that is unbounded lies at the edge of the axes."""
    return np.clip(array(ends), *view)


def along(
    series: Sequence[Series], direction: str
) -> tuple[Float[ndarray, " n"], Float[ndarray, " m"]]:
    """All values, and all ends of error bars and bands, along x or y."""
    values, ends = [np.empty(0)], [np.empty(0)]
    for s in series:
        if s.kind == "band":
            ends += [array(v or ()) for v in ((s.x,) if direction == "x" else (s.lo, s.hi))]
            continue
        x, y = finite(s)
        values.append(x if direction == "x" else y)
        ends += [array(v or ()) for v in ((s.x_lo, s.x_hi) if direction == "x" else (s.lo, s.hi))]
    return np.concatenate(values), np.concatenate(ends)


def outline(panel: Panel, x_view: View, y_view: View) -> Path:
    """Points, lines, error bars and bands as one path of separate segments."""
    segments = [part for s in panel.series for part in _segments(s, x_view, y_view)]
    ends = np.concatenate([np.empty((0, 2, 2)), *segments])
    ends = ends[np.isfinite(ends).all(axis=(1, 2))]
    codes = np.tile(np.array([Path.MOVETO, Path.LINETO], Path.code_type), len(ends))
    return Path(ends.reshape(-1, 2), codes)


def holds(path: Path, x_view: View, y_view: View) -> bool:
    """Whether some vertex of a path lies within the axes."""
    lo, hi = zip(x_view, y_view, strict=True)
    at = np.asarray(path.vertices)
    return bool(((at >= lo) & (at <= hi)).all(axis=1).any())


def _segments(s: Series, x_view: View, y_view: View) -> Iterator[Float[ndarray, "n 2 2"]]:
    x, y = array(s.x), array(s.y)
    if s.kind == "band":
        if s.lo is not None and s.hi is not None:
            yield _between(x, within(s.lo, y_view), x, within(s.hi, y_view))
        return
    yield _between(x, y, x, y)
    if s.kind in ("line", "reference"):
        yield _between(x[:-1], y[:-1], x[1:], y[1:])
    for end in (s.lo, s.hi):
        if end is not None:
            yield _between(x, y, x, within(end, y_view))
    for end in (s.x_lo, s.x_hi):
        if end is not None:
            yield _between(x, y, within(end, x_view), y)


def _between(*coordinates: Float[ndarray, " n"]) -> Float[ndarray, "n 2 2"]:
    """Segments from (x0, y0) to (x1, y1)."""
    return np.stack(coordinates, axis=-1).reshape(-1, 2, 2)
