"""How the d of one set of activations depends on what it is measured with. Points in, rows out.

Sharma & Kaplan 2020 (arXiv 2004.10802), section 2.3, appendices B and C.2.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws import dimension
from scalinglaws.dimension import Dimension, Neighbors
from scalinglaws.dimension.errorbars import neighbor_stderr
from scalinglaws.dimension.methods.knn import knn_line
from scalinglaws.dimension.methods.line import Line, line_through_origin, slope_influence
from scalinglaws.dimension.methods.local import local_dimension
from scalinglaws.dimension.neighbors import log_mu
from scalinglaws.dimension.sharing import LINE
from scalinglaws.errors import BadInput
from scalinglaws.estimate import Estimate
from scalinglaws.result import Row

LINE_KS = (2, 3, 4)  # of eq. B.16, as in the paper's figures
MLE_K = 20
METHODS = ("twonn", *(f"knn{k}" for k in LINE_KS), f"mle{MLE_K}")
LOCAL_KS = (20, 100)  # figure 17 has 100
NEIGHBOURS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 100)
BLOCKS = 8  # disjoint subsets of the points: at most so many are averaged
DRAWN = 60  # points of a line in a figure
BINS = 40
COLLAPSED = "collapsed"  # what a row says of points without a d

Points = Float[ndarray, "n D"]


def measure(points: Points, rungs: int, *, drawn: bool) -> list[Row]:
    """All of the below; the rows that only a figure needs where `drawn`.

    points: in random order, for subsets are runs of them. A single row says so where a network
    has sent them to too few places to have so many neighbours.
    Raises BadInput where they are not finite: such a network has not learnt.
    """
    if not np.isfinite(points).all():
        raise BadInput("activations are not finite: the network has diverged")
    try:
        nb = dimension.neighbors(points, max(NEIGHBOURS))
        return [
            *against_points(points, rungs),
            *against_neighbours(nb),
            *relation(nb, drawn=drawn),
            *local(nb, drawn=drawn),
        ]
    except BadInput:
        return [{"kind": COLLAPSED, "n": len(points)}]


def against_points(points: Points, rungs: int) -> Iterator[Row]:
    """d of n, n/2, n/4, ... points (figure 19): the mean over disjoint subsets."""
    for rung in range(rungs):
        n = len(points) // 2**rung
        blocks = [points[i * n : (i + 1) * n] for i in range(min(2**rung, BLOCKS))]
        yield {"kind": "points", "n": n, **mean_by_method(blocks)}


def against_neighbours(nb: Neighbors) -> Iterator[Row]:
    """d by every number of neighbours k (figure 21)."""
    for method, estimate, least in (("knn", dimension.knn, 2), ("mle", dimension.mle, 4)):
        for k in NEIGHBOURS:
            if k >= least:
                d = estimate(nb, k)
                yield {
                    "kind": "neighbours",
                    "n": nb.n,
                    "method": method,
                    "k": k,
                    "d": d.d,
                    "d_stderr": d.stderr,
                }


def relation(nb: Neighbors, *, drawn: bool) -> Iterator[Row]:
    """How straight the relation of eq. B.16 is, and its points (figure 16)."""
    for k in LINE_KS:
        d, bent = dimension.knn(nb, k), bend(nb, k)
        yield {
            "kind": "relation",
            "n": nb.n,
            "k": k,
            "d": d.d,
            "d_stderr": d.stderr,
            "bend": bent.value,
            "bend_stderr": bent.stderr,
        }
        if drawn:
            yield from _relation_points(knn_line(log_mu(nb, k), k), k)


def bend(nb: Neighbors, k: int) -> Estimate:
    """How much steeper the relation is near the origin: zero where eq. B.16 holds.

    The slope through the origin of the half with the smaller mu_k, C <= 1/2, over that of the
    whole fit, less one. Least squares through the origin follow their largest x, so the two are
    slopes at small and at large mu_k. A mixture of several d bends the relation down: bend > 0.
    Its error takes shared neighbours to add what they add to a slope's: measured, it is 0.96 to
    1.2 times the spread (tori of d = 2 and 8 and pixels of Fashion-MNIST, 500 points, k = 2..4).
    """
    x = log_mu(nb, k)
    whole = knn_line(x, k)
    half = line_through_origin(whole.x, whole.y, len(x) // 2, f"half of knn k={k}")
    ratio = half.d / whole.d
    psi = (slope_influence(x, half) - ratio * slope_influence(x, whole)) / whole.d
    return Estimate.normal(ratio - 1, neighbor_stderr(psi, x, nb, k, whole.d, LINE))


def local(nb: Neighbors, *, drawn: bool) -> Iterator[Row]:
    """The local estimates of eq. B.13 over the points: mean, spread, histogram (figure 17)."""
    for k in LOCAL_KS:
        d = local_dimension(nb, k).d
        yield {
            "kind": "local",
            "n": nb.n,
            "k": k,
            "d": float(d.mean()),
            "d_stderr": dimension.mle(nb, k).stderr,
            "sd": float(d.std(ddof=1)),
        }
        if drawn:
            counts, edges = np.histogram(d, BINS)
            for lo, hi, count in zip(edges[:-1], edges[1:], counts, strict=True):
                bar: Row = {"kind": "bin", "k": k, "lo": float(lo), "hi": float(hi)}
                yield {**bar, "count": int(count)}


def mean_by_method(blocks: Sequence[Points]) -> Row:
    """d by every method of the paper's figures, and its error: means over disjoint samples; and
    how many distinct points the poorest of them has.

    Raises BadInput for a block that has no d, say because its points are all one.
    """
    found = [_by_method(block) for block in blocks]
    row: Row = {"distinct": min(d.n for of_block in found for d in of_block.values())}
    for method in METHODS:
        own = [of_block[method] for of_block in found]
        row[f"d_{method}"] = float(np.mean([d.d for d in own]))
        row[f"d_{method}_stderr"] = math.hypot(*(d.stderr for d in own)) / len(own)
    return row


def _by_method(points: Points) -> dict[str, Dimension]:
    nb = dimension.neighbors(points, MLE_K)
    lines = [dimension.knn(nb, k) for k in LINE_KS]
    return dict(zip(METHODS, (dimension.twonn(nb), *lines, dimension.mle(nb, MLE_K)), strict=True))


def _relation_points(line: Line, k: int) -> Iterator[Row]:
    """Points evenly spaced in y, so that the sparse end is seen as well as the dense one."""
    at = np.searchsorted(line.y, np.linspace(line.y[0], line.y[-1], DRAWN))
    for i in np.unique(at.clip(max=len(line.y) - 1)).tolist():
        used = i < line.fitted
        yield {
            "kind": "relation-point",
            "k": k,
            "x": float(line.x[i]),
            "y": float(line.y[i]),
            "used": used,
        }
