"""The figure of `dimension --plot`: the k-neighbour relation and its lines, as fig. 16."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from scalinglaws.result import Axis, Figure, Panel, Series

if TYPE_CHECKING:
    from scalinglaws.dimension import Neighbors

_SHOWN = 100  # points of each k, evenly spaced in rank


def figure(nb: Neighbors, ks: Iterable[int]) -> Figure:
    """One panel: -log(1 - F^(1/(k-1))) against log mu_k; points left out of a fit are open."""
    series = [one for color, k in enumerate(ks) for one in _relation(nb, k, color)]
    return Figure(
        id="dimension",
        title="The k-neighbour relation",
        source="Sharma & Kaplan 2020, eq. B.16 and fig. 16",
        caption="Straight through the origin where the relation holds; the slope is d.",
        panels=(
            Panel(
                f"{nb.n} points in {nb.ambient} columns",
                Axis("log μ_k, μ_k = r_k / r_1"),
                Axis("−log(1 − F(μ_k)^(1/(k−1)))"),
                tuple(series),
            ),
        ),
    )


def _relation(nb: Neighbors, k: int, color: int) -> Iterable[Series]:
    from scalinglaws.dimension.knn import knn_line
    from scalinglaws.dimension.neighbors import log_mu

    line = knn_line(log_mu(nb, k), k)
    rank = np.unique(np.linspace(0, len(line.x) - 1, _SHOWN).astype(int))
    used, left = rank[rank < line.fitted], rank[rank >= line.fitted]
    end = float(line.x[-1])
    yield Series(f"k = {k}", *_at(line.x, line.y, used), color=color)
    yield Series(f"k = {k}, not fitted", *_at(line.x, line.y, left), color=color, marker="open")
    yield Series(f"d = {line.d:.3g}", (0.0, end), (0.0, line.d * end), "line", color=color)


def _at(
    x: np.ndarray, y: np.ndarray, places: np.ndarray
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(x[places].tolist()), tuple(y[places].tolist())
