"""Where the data of a panel lie: what an axis must show and a legend must not cover."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.path import Path
from numpy import ndarray

from scalinglaws.result import Panel, Series


def array(values: Sequence[float | None]) -> Float[ndarray, " n"]:
    """As floats; a missing value is NaN, which matplotlib leaves out."""
    return np.array([np.nan if v is None else v for v in values], dtype=float)


def finite(s: Series) -> tuple[Float[ndarray, " n"], Float[ndarray, " n"]]:
    """x and y where both are finite."""
    x, y = array(s.x), array(s.y)
    both = np.isfinite(x) & np.isfinite(y)
    return x[both], y[both]


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


def outline(panel: Panel) -> Path:
    """Points, lines, error bars and bands as one path of separate segments."""
    segments = [part for s in panel.series for part in _segments(s)]
    ends = np.concatenate([np.empty((0, 2, 2)), *segments])
    ends = ends[np.isfinite(ends).all(axis=(1, 2))]
    codes = np.tile(np.array([Path.MOVETO, Path.LINETO], Path.code_type), len(ends))
    return Path(ends.reshape(-1, 2), codes)


def _segments(s: Series) -> Iterator[Float[ndarray, "n 2 2"]]:
    x, y = array(s.x), array(s.y)
    if s.kind == "band":
        if s.lo is not None and s.hi is not None:
            yield _between(x, array(s.lo), x, array(s.hi))
        return
    yield _between(x, y, x, y)
    if s.kind in ("line", "reference"):
        yield _between(x[:-1], y[:-1], x[1:], y[1:])
    for end in (s.lo, s.hi):
        if end is not None:
            yield _between(x, y, x, array(end))
    for end in (s.x_lo, s.x_hi):
        if end is not None:
            yield _between(x, y, array(end), y)


def _between(*coordinates: Float[ndarray, " n"]) -> Float[ndarray, "n 2 2"]:
    """Segments from (x0, y0) to (x1, y1)."""
    return np.stack(coordinates, axis=-1).reshape(-1, 2, 2)
