"""The figure of `dimension --plot`: fit, profile, local d.

Sharma & Kaplan 2020: figure 16 (eq. B.16), appendix C, figures 17 and 22 (eq. B.13).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from math import isqrt

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.cli.dimension.measure import Measured
from scalinglaws.dimension import Neighbors, Plateau, ScaleProfile, knn, local_dimension
from scalinglaws.dimension.engines import TIE
from scalinglaws.dimension.methods.knn import knn_line
from scalinglaws.dimension.methods.local import density_at_one_d
from scalinglaws.dimension.neighbors import log_mu
from scalinglaws.errors import BadInput
from scalinglaws.result import Axis, Figure, Panel, Series

_RELATION_KS = (2,)  # drawn where no knn was asked for
_SHOWN = 60  # points of each k at most, evenly spaced along the line
_LOCAL_K = 20  # where no mle was asked for
_LEAST_LOCAL_K = 4  # below, a local d has no variance
_BARS = 40  # at most, and no more than sqrt(n)
_TAIL = 0.005  # share of the points, those of largest local d, that the histogram ends before
_CURVE = 200
_ASIDE = 3.0  # the factor to either side of a d that all points share, to which the curve is drawn


def figure(name: str, found: Measured) -> Figure:
    """Three panels; one without anything to show says so."""
    assert found.nb is not None  # a plot has neighbours searched
    nb = found.nb
    ks = [e.k for e in found.estimates if e.method == "knn"] or _RELATION_KS
    k = next((e.k for e in found.estimates if e.method.startswith("mle")), min(_LOCAL_K, nb.k))
    return Figure(
        id="dimension",
        title=f"{name}: {found.n} points in {found.ambient} columns",
        source="Sharma & Kaplan 2020, eqs. B.16 and B.13, figs. 16 and 17",
        caption="First: the k-neighbour relation, straight through the origin where it holds; the "
        "slope is d, open points are not fitted. Second: d against distance, by Gride, with "
        "the plateau where there is one. Third: d at every point; dashed, what one d and an even "
        "density would show.",
        panels=(
            Panel(
                "$k$-neighbour relation; open: not fitted",
                Axis(r"$\log\,\mu_k$,  $\mu_k = r_k/r_1$"),
                Axis(r"$-\log(1 - F(\mu_k)^{1/(k-1)})$"),
                tuple(one for color, k in enumerate(ks) for one in _relation(nb, k, color)),
            ),
            Panel(
                "against scale" if _flat(found.profile) else "against scale: no plateau",
                Axis("distance of neighbour $2n_1$, median", "log"),
                Axis("$d$ by Gride"),
                tuple(_scales(found.profile, found.level)),
            ),
            Panel(
                "from place to place",
                Axis("local $d$"),
                Axis("density of points"),
                tuple(_histogram(nb, k)) if k >= _LEAST_LOCAL_K else (),
            ),
        ),
    )


def _relation(nb: Neighbors, k: int, color: int) -> Iterator[Series]:
    x = log_mu(nb, k)
    try:
        line, d = knn_line(x, k), knn(nb, k)
    except BadInput:  # too tied for a line
        return
    rank = np.unique(np.searchsorted(line.x, np.linspace(0, line.x[-1], _SHOWN)))
    used, left = rank[rank < line.fitted], rank[rank >= line.fitted]
    label = f"$k = {k}$: $d = {d.estimate.as_math}$"
    yield Series(label, _floats(line.x[used]), _floats(line.y[used]), color=color)
    yield Series("", _floats(line.x[left]), _floats(line.y[left]), color=color, marker="open")
    end = float(line.x[-1])
    yield Series("", (0.0, end), (0.0, line.d * end), "line", color=color)


def _scales(profile: ScaleProfile | None, level: float) -> Iterator[Series]:
    if profile is None:
        return
    _, radius, _, d, _, lo, hi = zip(*map(astuple, profile.points), strict=True)
    yield Series("", radius, d, "band", lo=lo, hi=hi, color=0)
    yield Series(f"$d$, {level:.4g} band", radius, d, color=0)
    if flat := _flat(profile):
        ends = (flat.d.value, flat.d.value)
        yield Series(f"plateau: $d = {flat.d.as_math}$", flat.radius, ends, "line", color=1)


def _flat(profile: ScaleProfile | None) -> Plateau | None:
    return None if profile is None else profile.plateau


def _histogram(nb: Neighbors, k: int) -> Iterator[Series]:
    """The outline of the bars, and the law of local estimates of one d (the mean of these)."""
    local = local_dimension(nb, k)
    d = local.d[np.isfinite(local.d)]
    if not len(d):
        return
    mean, first, last = local.mean, d.min(), np.quantile(d, 1 - _TAIL)
    if last - first > TIE * last:
        bars = min(_BARS, isqrt(len(d)))
        counts, edges = np.histogram(d, bars, (first, last))
        density = counts / (len(d) * np.diff(edges))
        outline = np.concatenate([[0.0], np.repeat(density, 2), [0.0]])
        x, at = np.repeat(edges, 2), np.linspace(first, last, _CURVE)
        expected = density_at_one_d(at, mean, k)
    else:  # one d at all points, but for rounding: a stroke as high as the curve
        at = mean * np.geomspace(1 / _ASIDE, _ASIDE, _CURVE)
        expected = density_at_one_d(at, mean, k)
        x, outline = np.full(2, mean), np.array([0.0, expected.max()])
    left = f", {local.infinite} infinite left out" if local.infinite else ""
    yield Series(f"{k} neighbours, mean {mean:.3g}{left}", _floats(x), _floats(outline), "line")
    yield Series(f"if $d = {mean:.3g}$ everywhere", _floats(at), _floats(expected), "reference")


def _floats(values: Float[ndarray, " n"]) -> tuple[float, ...]:
    return tuple(values.tolist())
