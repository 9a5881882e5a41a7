"""Figures of percolation-quanta as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from scalinglaws.experiments.percolation_quanta.design import C_OVER_DF
from scalinglaws.experiments.percolation_quanta.draw import WINDOW_FROM, WINDOW_OF_SIZE
from scalinglaws.experiments.percolation_quanta.statistics import (
    Curves,
    SizeClasses,
    band,
    carried_to,
    column,
    paper_law,
    undivided_law,
)
from scalinglaws.result import Axis, Figure, Panel, Row, Series
from scalinglaws.theory.quanta import Closure

_SOURCE = "Brill 2024, one of figures 6-10 (their order is not known to us)"


def sizes(classes: SizeClasses) -> Figure:
    """P(S >= s) of the kept clusters, and their counts over the exact law's."""
    total = classes.observed.sum()
    s = classes.edges[:-1].astype(float)
    at_least = np.cumsum(classes.observed[::-1])[::-1]
    exact = np.cumsum(classes.expected[::-1])[::-1]
    # Binomial errors; neighbouring points share their clusters.
    error = np.sqrt(at_least * (1 - at_least / total))
    centre = np.sqrt(s * classes.edges[1:])
    ratio, spread = classes.observed / classes.expected, classes.expected**-0.5
    return Figure(
        id="cluster-sizes",
        title="Sizes of critical clusters",
        source=_SOURCE,
        caption=f"{total:.0f} clusters grown by branching on the Bethe lattice, kept within "
        f"{classes.edges[0]:.0f}..{classes.edges[-1] - 1:.0f} sites, against the exact law under "
        "the same condition. The paper shows sizes on s^-1/2 over about seven decades.",
        panels=(
            Panel(
                title="Distribution",
                x=Axis("cluster size s (sites)", "log"),
                y=Axis("P(S ≥ s)", "log"),
                series=(
                    Series("exact law", _t(s), _t(exact / total), kind="line", color=None),
                    Series(
                        "grown clusters",
                        _t(s),
                        _t(at_least / total),
                        lo=_t(np.maximum(at_least - error, at_least / 10) / total),
                        hi=_t((at_least + error) / total),
                    ),
                    Series(
                        "slope −1/2 (paper)",
                        _t(s),
                        _t((s / s[0]) ** -0.5),
                        kind="reference",
                        color=None,
                    ),
                ),
            ),
            Panel(
                title="Each class over the exact law",
                x=Axis("cluster size s (sites)", "log"),
                y=Axis("observed / expected"),
                series=(
                    Series(
                        "grown clusters",
                        _t(centre),
                        _t(ratio),
                        lo=_t(ratio - spread),
                        hi=_t(ratio + spread),
                    ),
                    Series(
                        "exact law",
                        (float(s[0]), float(classes.edges[-1])),
                        (1.0, 1.0),
                        kind="line",
                        color=None,
                    ),
                ),
            ),
        ),
    )


def single_clusters(rows: Sequence[Row]) -> Figure:
    """Log-mean loss of single clusters against their training sites, by decade of size."""
    series: list[Series] = []
    sizes_from, sizes_to = column(rows, "size_lo"), column(rows, "size_hi")
    classes = sorted(set(zip(sizes_from, sizes_to, strict=True)))
    for color, (lo, hi) in enumerate(classes):
        n, mean, error = _class_curve([r for r in rows if r["size_lo"] == lo])
        inside = (n >= WINDOW_FROM) & (n <= WINDOW_OF_SIZE * lo)
        for i, (chosen, marker) in enumerate(_filled_and_open(inside)):
            y, e = mean[chosen], error[chosen]
            series.append(
                Series(
                    "" if i else f"{lo:.0f} to {hi - 1:.0f} sites",
                    *(_t(n[chosen]), _t(np.exp(y))),
                    lo=_t(np.exp(y - e)),
                    hi=_t(np.exp(y + e)),
                    color=color,
                    marker=marker,
                )
            )
    if series:
        # Through the point of the largest clusters that has the most training sites.
        x, y = max((s.x[-1], s.y[-1]) for s in series)
        n = np.geomspace(WINDOW_FROM, x, 2)
        slope = y * (n / x) ** -C_OVER_DF
        series.append(Series("slope −1/2 (paper)", _t(n), _t(slope), kind="reference", color=None))
    return Figure(
        id="single-clusters",
        title="Nearest-neighbour regression on single clusters",
        source=_SOURCE,
        caption="Log-mean over the clusters of a size class; bars are standard errors over draws. "
        "Filled points lie within 16 ≤ n ≤ s/10 for all clusters of the class. The paper's single "
        "clusters stay flat up to g training sites (2 to 21 in its examples), then fall as n^-1/2.",
        panels=(
            Panel(
                title="",
                x=Axis("training sites n in the cluster", "log"),
                y=Axis("mean squared error / variance of the target", "log"),
                series=tuple(series),
            ),
        ),
    )


def _class_curve(rows: Sequence[Row]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """n, the mean of log loss over clusters, its standard error over draws."""
    n, at = np.unique(column(rows, "n_train"), return_inverse=True)
    weight, x = column(rows, "clusters"), column(rows, "log_loss")
    draws, total = np.bincount(at), np.bincount(at, weights=weight)
    mean = np.bincount(at, weights=weight * x) / total
    spread = np.bincount(at, weights=(weight * (x - mean[at])) ** 2)
    return n, mean, np.sqrt(spread * draws / np.maximum(draws - 1, 1)) / total


def law(c: Curves, K: int) -> Figure:
    """Total loss of the draws against the paper's law and the allocation law."""
    symbol = {"model": "N", "data": "D"}[c.law]
    label = {
        "model": "degrees of freedom N",
        "data": "training sites D, in degrees of freedom",
    }[c.law]
    ratio = c.loss / c.allocation
    found = {
        "model": "medians of 50 seeds within their 16-84 % bars of the theory over N = 1 to 3e4, "
        "slightly below it at small N (about .88 at N = 1), about .025 at 3e4",
        "data": "medians of 50 seeds within their 16-84 % bars of the theory over D = 1 to 3e4, "
        "slightly above it, about .035 at 3e4",
    }[c.law]
    closed = paper_law(c.law, c.x)
    theory = [Series("theory (paper)", _t(c.x), _t(closed), kind="reference", color=None)]
    if c.law == "model":
        theory[0] = replace(theory[0], label="theory (paper): L(N)/L(1)")
        optimum = undivided_law(c.law, c.x, Closure.OPTIMUM)
        theory.append(_line("theory, exact optimum, undivided", c.x, optimum, color=2))
    allocation = np.median(c.allocation, axis=0)
    return Figure(
        id=f"{c.law}-scaling",
        title={"model": "Model scaling", "data": "Data scaling"}[c.law],
        source=_SOURCE,
        caption=f"{len(c.loss)} draws of {K} clusters: median and 16-84 % band of the total loss. "
        f"Open points lie beyond {symbol} = {carried_to(c.law, K):.0f}, where the clusters run out."
        f" The paper found {found}, with 316 clusters.",
        panels=(
            Panel(
                title="Total loss",
                x=Axis(label, "log"),
                y=Axis(f"L({symbol}) / L(nothing learnt)", "log"),
                series=(
                    _band(c, c.loss),
                    *_points(c, K, np.median(c.loss, axis=0)),
                    *theory,
                    _line("allocation law, realised sizes (median)", c.x, allocation, color=1),
                ),
            ),
            Panel(
                title="Over the allocation law, draw by draw",
                x=Axis(label, "log"),
                y=Axis("loss / allocation law"),
                series=(
                    _band(c, ratio),
                    *_points(c, K, np.median(ratio, axis=0)),
                    _line("allocation law, realised sizes (median)", c.x, np.ones(len(c.x)), 1),
                ),
            ),
        ),
    )


def _filled_and_open(
    inside: np.ndarray,
) -> list[tuple[np.ndarray, Literal["filled", "open"]]]:
    """Which points to fill (those judged) and which to leave open, as far as there are any."""
    parts: list[tuple[np.ndarray, Literal["filled", "open"]]]
    parts = [(inside, "filled"), (~inside, "open")]
    return [(chosen, marker) for chosen, marker in parts if chosen.any()]


def _points(c: Curves, K: int, y: np.ndarray) -> list[Series]:
    return [
        Series("" if i else "median of draws", _t(c.x[chosen]), _t(y[chosen]), marker=marker)
        for i, (chosen, marker) in enumerate(_filled_and_open(c.x <= carried_to(c.law, K)))
    ]


def _band(c: Curves, y: np.ndarray) -> Series:
    lo, hi = band(y)
    return Series("16-84 % of draws", _t(c.x), _t(c.x), kind="band", lo=_t(lo), hi=_t(hi))


def _line(label: str, x: np.ndarray, y: np.ndarray, color: int) -> Series:
    return Series(label, _t(x), _t(y), kind="line", color=color)


def _t(x: np.ndarray) -> tuple[float, ...]:
    return tuple(float(v) for v in x)
