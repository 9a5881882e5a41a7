"""The best runs of a table of many architectures: Pareto front and lower convex hull of L(C).

Both keep a few runs, cheapest first, with falling losses, and leave out the architectures and
sizes that something beat:
    front  no run of at most this C has so low a loss
    hull   on the lower convex hull in the plane (log C, log L); a part of the front
The hull is the envelope of the Gemstones (McLeish et al. 2025, arXiv:2502.06857, section 4.1:
log C, log L, losses enforced to fall). Hoffmann et al. 2022 (arXiv:2203.15556, approach 1) take
the run of least loss in each of 250 bins of log C per decade, `bins` here: it need not fall.

On the Gemstones to 100 B tokens (220 runs, C = 6ND) the hull keeps 10 runs of 6 shapes, the front
52 of 16, the bins 189 of all 22, and N ~ C^a through them gives a = .60, .64, .76.

All are choices of the luckiest runs. Of 400 random runs on Hoffmann et al.'s surface (a = .457)
with 2 % noise the hull keeps 8, whose losses lie 2.7 % below the envelope on average (front 1.8 %,
10 bins per decade 1.8 %), and a through them scatters by .07 (.04, .03): benchmarks/range_rules.py.
A floor bends log L upward (convex, kept), but a law that bends down leaves only its ends on the
hull.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Int
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput
from scalinglaws.laws.ranges.sizes import positive_pair


def pareto_front(x: ArrayLike, L: ArrayLike) -> Int[ndarray, " k"]:
    """The runs that no run of equal or less x equals or beats, in the order of x."""
    every_x, losses = positive_pair(x, L)
    order = np.lexsort((losses, every_x))
    ordered = losses[order]
    best_before = np.minimum.accumulate(ordered)[:-1]
    return order[np.append(True, ordered[1:] < best_before)]


def lower_hull(x: ArrayLike, L: ArrayLike) -> Int[ndarray, " k"]:
    """The runs at the corners of the lower convex hull in (log x, log L), in the order of x.

    Runs within a straight edge are no corners. The hull starts at the least x and ends at the
    least loss: from there on it rises.
    """
    front = pareto_front(x, L)
    log_x, log_L = (np.log(np.asarray(a, dtype=float)[front]) for a in (x, L))
    corners: list[int] = []
    for i in range(len(front)):  # Andrew's monotone chain
        while len(corners) > 1:
            a, b = corners[-2:]
            left = (log_L[b] - log_L[a]) * (log_x[i] - log_x[a])
            if left < (log_L[i] - log_L[a]) * (log_x[b] - log_x[a]):
                break  # b lies below the line from a to i
            corners.pop()
        corners.append(i)
    return front[corners]


def bins(x: ArrayLike, L: ArrayLike, *, per_decade: int = 250) -> Int[ndarray, " k"]:
    """The run of least loss in each bin of log10 x, in the order of x (empty bins give none)."""
    every_x, losses = positive_pair(x, L)
    if per_decade < 1:
        raise BadInput(f"bins per decade: at least 1, got {per_decade}")
    width = math.log(10) / per_decade
    at = np.floor(np.log(every_x / every_x.min()) / width).astype(int)
    order = np.lexsort((losses, at))
    return order[np.append(True, np.diff(at[order]) > 0)]
