"""L(N) of a family as series of a figure: its points, and the law whose alpha is used."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from scalinglaws.experiments.students.families import Family, Size
from scalinglaws.experiments.students.widths import holds
from scalinglaws.result import Series

Marker = Literal["filled", "open"]

CAPTION = (
    "Points: log-mean over the kept trials, with its standard error; open: widths n < 3k, and in "
    "no fit. Lines: the fit whose alpha is used, a power law that may end in a floor or a break; "
    "alpha with its standard error."
)


def curve(f: Family, name: str, color: int, unit: float = 1.0) -> Iterator[Series]:
    """Log-mean loss of each size over `unit` with its standard error, and the fit."""
    narrow = [size for size in f.sizes if not holds(size.n, f.k)]
    alpha = f.exponent.alpha
    known = f"$\\alpha = {alpha.as_math}$" if math.isfinite(alpha.stderr) else "$\\alpha$ open"
    yield _points(f"{name}: {known}", f.held, color, "filled", unit)
    if narrow:
        yield _points("", narrow, color, "open", unit)
    dense = np.geomspace(f.held[0].N_all, f.held[-1].N_all, 60)
    fit = f.exponent.predict(dense) / unit
    yield Series("", floats(dense), floats(fit), "line", color=color)


def _points(label: str, sizes: Sequence[Size], color: int, marker: Marker, unit: float) -> Series:
    L, error = np.array([(s.L_log_mean / unit, s.L_log_stderr) for s in sizes]).T
    return Series(
        label=label,
        x=floats([s.N_all for s in sizes]),
        y=floats(L),
        lo=floats(L * np.exp(-error)),
        hi=floats(L * np.exp(error)),
        color=color,
        marker=marker,
    )


def floats(values: object) -> tuple[float, ...]:
    """As a series has them."""
    return tuple(float(v) for v in np.asarray(values, dtype=float))
