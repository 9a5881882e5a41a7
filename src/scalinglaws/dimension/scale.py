"""d against scale: against the number of points, by decimation, and against radius, by Gride.

Sharma & Kaplan 2020, appendix C ("more points samples shorter distance scales on the manifold").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import hypot, inf, isfinite, isinf, log, sqrt
from statistics import fmean
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.dimension.arguments import whole, whole_seed
from scalinglaws.dimension.correction import corrected
from scalinglaws.dimension.methods.gride import FARTHEST, gride_scan
from scalinglaws.dimension.methods.table import CORRECTABLE
from scalinglaws.dimension.methods.twonn import twonn
from scalinglaws.dimension.plateau import longest_constant
from scalinglaws.dimension.points import as_points, distinct
from scalinglaws.dimension.result import Dimension
from scalinglaws.errors import BadInput
from scalinglaws.estimate import LEVEL, Estimate

SMALLEST = 100  # points of a part
PARTS = 64  # measured of each size: enough for the error, and the cost stays that of the whole
SPAN = 4.0  # a plateau holds over this factor in n: three halvings agree
CLEAR = 3.0  # standard errors between two scales that are said to differ


@dataclass(frozen=True)
class ScalePoint:
    """d at one scale. `n` points lie so thin that first neighbours are as far as seen here."""

    n: int
    radius: float  # median distance to the farthest neighbour looked at, in the data's units
    k: int  # neighbours; Gride's n1
    d: float
    stderr: float  # infinite where all points say the same, as on a lattice
    lo: float
    hi: float

    @property
    def measured(self) -> bool:
        """Whether d has an error, without which it is compared with no other."""
        return isfinite(self.d) and isfinite(self.stderr)


@dataclass(frozen=True)
class Plateau:
    """Consecutive scales over which d is constant."""

    d: Estimate
    n: tuple[int, int]
    radius: tuple[float, float]


@dataclass(frozen=True)
class ScaleProfile:
    """d from the smallest scale to the largest, and what is to be seen in it."""

    points: tuple[ScalePoint, ...]
    plateau: Plateau | None
    sentence: str


def against_points(
    X: Any,
    estimator: Callable[[Any], Dimension] = twonn,
    *,
    smallest: int = SMALLEST,
    seed: int = 0,
) -> ScaleProfile:
    """d of n, n/2, n/4, ... points: the mean over disjoint random parts of the data.

    Repeated rows are removed before the points are parted. The parts of one size are independent;
    between sizes, a point keeps its nearest neighbour in a part of n_b out of n_a points with
    probability n_b/n_a, and the correlation of d comes out the same (measured: .5, .2, .2 at
    TwoNN for halves, quarters, eighths), times sqrt(m_b/m_a) where only m points are measured.

    smallest: points of the smallest part; of each size 64 parts at most are measured.
    Raises what the estimator raises for as few points.
    """
    smallest, seed, points = whole("smallest", smallest), whole_seed(seed), as_points(X)
    points = points[distinct(points)]
    n = len(points)
    if smallest < 1 or n < smallest:
        raise BadInput(f"parts of {smallest} points or more need as many, got {n} distinct ones")
    order = np.random.default_rng(seed).permutation(n)
    found: list[Dimension] = []
    measured: list[int] = []
    for halvings in range((n // smallest).bit_length()):
        parts = np.array_split(order, 2**halvings)[:PARTS]
        found.append(_mean([estimator(points[part]) for part in parts]))
        measured.append(sum(map(len, parts)))
    size, m = np.array([one.n for one in found]), np.array(measured)
    correlation = (np.minimum.outer(size, size) / np.maximum.outer(size, size)) * np.sqrt(
        np.minimum.outer(m, m) / np.maximum.outer(m, m)
    )
    return _profile(found, [one.n for one in found], correlation)


def against_radius(X: Any, k: int = FARTHEST, *, level: float = LEVEL) -> ScaleProfile:
    """d by Gride from neighbours n1 to 2 n1 at n1 = 1, 2, 4, ...: against the distance of 2 n1.

    n is n/n1: as many points have their first neighbours there. No two scales look at the same
    ratios, and their errors are independent (exactly so in a Poisson process; correlations
    measured on manifolds: .1 between one scale and the next, none beyond).

    X: points, of which k neighbours are searched, or Neighbors, of which all are used.
    Raises BadInput as `gride_scan`.
    """
    found = gride_scan(X, k, level=level)
    return _profile(found, [one.n // one.k for one in found], np.eye(len(found)))


def _mean(parts: Sequence[Dimension]) -> Dimension:
    """The estimate of several data sets of one size."""
    stderr = sqrt(sum(part.stderr**2 for part in parts)) / len(parts)
    e = Estimate.normal(fmean(part.d for part in parts), stderr, parts[0].level)
    n = round(fmean(part.n for part in parts))
    scale = fmean(part.scale for part in parts)
    return replace(
        parts[0], d=e.value, stderr=e.stderr, lo=e.lo, hi=e.hi, n=n, scale=scale, notes=()
    )


def _profile(
    found: Sequence[Dimension], n: Sequence[int], correlation: Float[ndarray, "j j"]
) -> ScaleProfile:
    points = tuple(
        ScalePoint(n_j, one.scale, one.k, one.d, one.stderr, one.lo, one.hi)
        for one, n_j in zip(found, n, strict=True)
    )
    d, covariance = np.array([p.d for p in points]), _covariance(points, correlation)
    flat = longest_constant(d, covariance, np.array(n, dtype=float), SPAN, found[0].level)
    said = _without_error(points)
    if flat is None:
        return ScaleProfile(points, None, _without_plateau(found, points, covariance) + said)
    run, common = flat
    on = points[run]
    plateau = Plateau(common, (on[-1].n, on[0].n), (on[0].radius, on[-1].radius))
    return ScaleProfile(points, plateau, _with_plateau(found, points, run, plateau) + said)


def _covariance(
    points: Sequence[ScalePoint], correlation: Float[ndarray, "j j"]
) -> Float[ndarray, "j j"]:
    """Of the scales' d; infinite where one has no error."""
    measured = np.ix_(*2 * [np.flatnonzero([p.measured for p in points])])
    stderr = np.array([p.stderr for p in points if p.measured])
    covariance = np.full_like(correlation, inf)
    covariance[measured] = correlation[measured] * np.outer(stderr, stderr)
    return covariance


# What a change of d with scale can mean.
_FALLS = (
    "noise or quantised coordinates at small scales, boundaries at large ones, or too few points "
    "for so large a d"
)
_RISES = (
    "curvature or folds at large scales, or points in pairs, clusters or sequences at small ones"
)


def _with_plateau(
    found: Sequence[Dimension], points: Sequence[ScalePoint], run: slice, plateau: Plateau
) -> str:
    d, (n_lo, n_hi), (r_lo, r_hi) = plateau.d, plateau.n, plateau.radius
    value = d.as_math.replace("\\pm", "±")
    said = f"d = {value} over radii {r_lo:.3g} to {r_hi:.3g} (n = {n_lo} to {n_hi})"
    smaller = [p for p in points[: run.start] if p.measured]
    if smaller and (away := _clearly(smaller[0], d)):
        why = _why_it_falls(found) if away > 0 else _RISES
        said += f"; at smaller scales {smaller[0].d:.3g}: {why}"
    larger = [p for p in points[run.stop :] if p.measured]
    if larger and (away := _clearly(larger[-1], d)):
        why = _RISES if away > 0 else _why_it_falls(found)
        said += f"; at larger scales {larger[-1].d:.3g}: {why}"
    return said + "."


def _without_error(points: Sequence[ScalePoint]) -> str:
    """A sentence on the scales at which d has no error, if there are any."""
    at = [f"{p.radius:.3g}" for p in points if not p.measured]
    if not at:
        return ""
    these = f"radi{'us' if len(at) == 1 else 'i'} {', '.join(at)}"
    return f" At {these} d carries no error: all points say the same there, as on a lattice."


def _clearly(point: ScalePoint, d: Estimate) -> float:
    """How far the point lies from d, 0 where that is not clear."""
    away = point.d - d.value
    return away if abs(away) > CLEAR * hypot(point.stderr, d.stderr) else 0.0


def _without_plateau(
    found: Sequence[Dimension], points: Sequence[ScalePoint], covariance: Float[ndarray, "j j"]
) -> str:
    measured = [p for p in points if p.measured]
    if not measured:
        return "No plateau: d has no error at any scale."
    small, large = measured[0], measured[-1]
    if small.n < SPAN * large.n:
        known = "" if len(measured) == len(points) else " that have an error"
        return (
            f"{found[0].n} points give too few scales{known} for a plateau, which takes a factor "
            f"{SPAN:g} in n."
        )
    rises, falls = _clear_changes(points, covariance)
    ends = f"from {small.d:.3g} at small scales to {large.d:.3g} at large ones"
    if rises and falls:
        lowest, highest = (pick(p.d for p in measured) for pick in (min, max))
        return f"No plateau: d goes both ways with scale, between {lowest:.3g} and {highest:.3g}."
    if rises:
        return f"No plateau: d rises {ends}: {_RISES}."
    if falls:
        return f"No plateau: d falls {ends}: {_why_it_falls(found)}."
    if len(measured) < len(points):
        return f"No plateau: d goes {ends} in no clear direction, and some scales have no error."
    return f"No plateau: d wavers {ends}, by more than its errors, in no clear direction."


def _clear_changes(
    points: Sequence[ScalePoint], covariance: Float[ndarray, "j j"]
) -> tuple[bool, bool]:
    """Whether d rises, and whether it falls, between any scale and any larger one."""
    i, j = np.nonzero(np.triu(np.isfinite(covariance), k=1))
    d, variance = np.array([p.d for p in points]), np.diag(covariance)
    change = (d[j] - d[i]) / np.sqrt(variance[i] + variance[j] - 2 * covariance[i, j])
    return bool((change > CLEAR).any()), bool((change < -CLEAR).any())


def _why_it_falls(found: Sequence[Dimension]) -> str:
    """Few points, if the spheres that read as both ends do are nearly one sphere; else a list.

    Nearly: the few points of a sphere account for half of the fall, in logarithms, or more.
    """
    measured = [one for one in found if isfinite(one.stderr)]
    small, large = measured[0], measured[-1]
    if small.method in CORRECTABLE:
        spheres = [corrected(end).d for end in (small, large)]
        if any(map(isinf, spheres)):
            return "too few points for so large a d, which no sphere tried reads"
        if abs(log(spheres[0] / spheres[1])) <= abs(log(small.d / large.d)) / 2:
            d = " to ".join(f"{sphere:.3g}" for sphere in sorted(spheres))
            return f"as on a sphere of d = {d}, too few points for so large a d: see `corrected`"
    return _FALLS
