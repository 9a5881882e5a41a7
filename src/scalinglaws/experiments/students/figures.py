"""A family as series of figures: L(N) with the law whose alpha is used, and d."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from scalinglaws.experiments.bars import Marker, with_bars
from scalinglaws.experiments.students.families import Family, Size
from scalinglaws.experiments.students.widths import holds
from scalinglaws.result import Series

LOSS = {"mse": "mean-squared error", "kl": "KL divergence"}
LOSS_WITH_UNIT = {**LOSS, "kl": "KL divergence (nats)"}
CAPTION = (
    "Points: log-mean over the kept trials, with its standard error; open: widths n < 3k, and in "
    "no fit. Lines: the fit whose alpha is used, a power law that may end in a floor or a break; "
    "alpha with its standard error."
)


def colors_by_k(found: Sequence[Family]) -> dict[int, int]:
    """A colour for each number of features."""
    return {k: number for number, k in enumerate(sorted({f.k for f in found}))}


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


def dimensions(f: Family, color: int, x: Callable[[Size], int]) -> Iterator[Series]:
    """TwoNN's d of each size against its x, open where n < 3k, and that of the raw inputs."""
    for is_held in (True, False):
        own = [s for s in f.sizes if "twonn" in s.d and holds(s.n, f.k) is is_held]
        if own:
            label, marker = (f"$k = {f.k}$", "filled") if is_held else ("", "open")
            yield with_bars(label, ((x(s), s.d["twonn"]) for s in own), color, marker)
    if "twonn" in f.d_inputs:
        d, ends = f.d_inputs["twonn"].value, (f.sizes[0], f.sizes[-1])
        yield Series("", floats([x(s) for s in ends]), (d, d), "reference", color=color)


def floats(values: object) -> tuple[float, ...]:
    """As a series has them."""
    return tuple(float(v) for v in np.asarray(values, dtype=float))
