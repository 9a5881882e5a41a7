"""Limits and ticks of an axis. A log axis always shows at least two labelled ticks."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float
from matplotlib.axis import Axis
from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator
from numpy import ndarray

_PADDING = 0.05  # of the axis, on either side of the data
_MOST_LABELS = 7
_FEW = 30  # beyond, whole numbers are as good as any others
# Beyond it, and on a log axis below its inverse, matplotlib's own arithmetic leaves the floats.
_LARGEST = 1e260
_NARROWEST = 1e-9  # decades that labels of twelve digits tell apart


def limits(
    values: Float[ndarray, " n"], ends: Float[ndarray, " m"], scale: str
) -> tuple[float, float]:
    """Limits that show every value an axis can, and error bars as far as they stay readable.

    values: points and lines; ends: ends of error bars and bands, which may be infinite.
    An end is followed for one more span of the values (at least a decade on a log axis), so
    that one unbounded interval cannot flatten the data.
    """
    log = scale == "log"
    v, e = (_on_scale(a, log) for a in (values, ends))
    if not len(v):
        v = e
    if not len(v):
        return (1.0, 10.0) if log else (0.0, 1.0)
    lo, hi = float(v.min()), float(v.max())
    reach = max(hi - lo, 1.0 if log else abs(hi) * 0.5)
    near = e[(e >= lo - reach) & (e <= hi + reach)]
    lo, hi = min([lo, *near]), max([hi, *near])
    if log:
        margin = _PADDING * (hi - lo) if hi - lo > _NARROWEST else 0.2
        return 10.0 ** (lo - margin), 10.0 ** (hi + margin)
    margin = _PADDING * (hi - lo) or abs(hi) * 0.1 or 1.0
    return lo - margin, hi + margin


def _on_scale(a: Float[ndarray, " n"], log: bool) -> Float[ndarray, " k"]:
    """The values that the axis can show, in its own coordinate."""
    a = a[(np.abs(a) <= _LARGEST) & ((a >= 1 / _LARGEST) | (not log))]
    return np.log10(a) if log else a


def counts(values: Float[ndarray, " n"]) -> bool:
    """Whether an axis counts: epochs or layers, between whose numbers there is nothing."""
    few = len(values) > 0 and np.abs(values).max() <= _FEW
    return bool(few and (values == np.round(values)).all())


def label_counts(axis: Axis) -> None:
    """Ticks at whole numbers alone."""
    axis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    axis.minorticks_off()


def label_log(axis: Axis, lo: float, hi: float) -> None:
    """Ticks of a log axis from lo to hi.

    Three powers of ten or more inside: only they are labelled, every n-th of them if many.
    Fewer: 1-2-5 or, where those are too few as well, round numbers as on a linear axis.
    """
    first, last = math.ceil(math.log10(lo) - 1e-9), math.floor(math.log10(hi) + 1e-9)
    powers = range(first, last + 1)
    if len(powers) >= 3:
        stride = -(-len(powers) // _MOST_LABELS)
        major = [p for p in powers if p % stride == 0]
        axis.set_major_locator(FixedLocator([10.0**p for p in major]))
        axis.set_major_formatter(FixedFormatter([f"$10^{{{p}}}$" for p in major]))
        minor = [10.0**p for p in powers] if stride > 1 else _multiples(range(2, 10), lo, hi)
    else:
        ticks = _few_decades(lo, hi)
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_major_formatter(FixedFormatter(_labels(ticks)))
        minor = _multiples(range(1, 10), lo, hi)
        minor = [m for m in minor if not np.isclose(m, ticks, rtol=1e-9).any()]
    axis.set_minor_locator(FixedLocator(minor))
    axis.set_minor_formatter(FixedFormatter([""] * len(minor)))


def _few_decades(lo: float, hi: float) -> list[float]:
    for leading in ((1, 2, 5), (1, 3), (1, 2, 3, 5, 7)):
        ticks = _multiples(leading, lo, hi)
        if 3 <= len(ticks) <= 6:
            return ticks
    ticks = MaxNLocator(4, steps=[1, 2, 2.5, 5, 10], min_n_ticks=3).tick_values(lo, hi)
    return [float(t) for t in ticks if lo <= t <= hi]


def _multiples(leading: tuple[int, ...] | range, lo: float, hi: float) -> list[float]:
    """m * 10^p within lo..hi, ascending."""
    powers = range(math.floor(math.log10(lo)), math.floor(math.log10(hi)) + 1)
    ticks = [float(f"{m}e{p}") for p in powers for m in leading]
    return [t for t in ticks if lo <= t <= hi]


def _labels(ticks: list[float]) -> list[str]:
    """Labels of one style for the whole axis: all plain, or all with a power of ten."""
    if ticks[0] >= 1e-3 and ticks[-1] < 1e5:
        powers, mantissas = [0] * len(ticks), ticks
    else:
        powers = [math.floor(math.log10(t) + 1e-12) for t in ticks]
        mantissas = [float(f"{t:.12e}".split("e")[0]) for t in ticks]
    written = [f"{m:.12g}" for m in mantissas]
    if ticks[-1] < 10 * ticks[0]:  # within a decade: as many decimals everywhere
        decimals = max(len(w.partition(".")[2]) for w in written)
        written = [f"{m:.{decimals}f}" for m in mantissas]
    return [_with_power(w, p) for w, p in zip(written, powers, strict=True)]


def _with_power(mantissa: str, power: int) -> str:
    if power == 0:
        return f"${mantissa}$"
    return f"$10^{{{power}}}$" if mantissa == "1" else rf"${mantissa}\times10^{{{power}}}$"
