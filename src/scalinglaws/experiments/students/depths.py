"""One family of the students of all depths: that of the best depth; and the paper's hull.

Sharma & Kaplan 2020 (arXiv 2004.10802, A.1, A.2.1) take for KL the lower convex hull of L(N) over
depths. Its corners are always convex, so that a law which may end finds an end, and beyond the
largest student of one depth others stand alone. Of exact power laws (k = 6, five widths, three
trials of 10 %) its alpha is more than a tenth too large in the mean, and that of the best depth
right within its error: tests/experiments/students/test_depths.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.experiments.students.families import AUTHORS, Family, Kin, Trim, family_of
from scalinglaws.laws.ranges.hull import lower_hull

OF_HULL = 0  # `hidden` of a family that is the hull over depths
_BETWEEN = 50  # points of log N that a mean is taken over


@dataclass(frozen=True)
class Lengths:
    """Families of the best depth, and the same students trained for half as long."""

    full: list[Family]
    halves: list[Family]

    @classmethod
    def of(cls, found: Sequence[Family], steps: int) -> Lengths:
        """The depth is chosen at full length."""
        full = best_depths([f for f in found if f.steps == steps])
        names = {f.name for f in full}
        return cls(full, [f for f in found if f.steps == steps // 2 and f.name in names])

    @property
    def both(self) -> list[Family]:
        return [*self.full, *self.halves]


def over_depths(kin: Kin) -> Kin:
    """What the families of all depths have in common."""
    return replace(kin, hidden=OF_HULL)


def best_depths(found: Sequence[Family]) -> list[Family]:
    """Of families that differ in depth alone, the one of least mean log L.

    The mean is over log N, between the sizes that all of them reach.
    """
    return [min(own, key=_level(own)) for own in _alike(found)]


def hulls(found: Sequence[Family], trim: Trim = AUTHORS) -> list[Family]:
    """The sizes on the lower convex hull over depths (A.1, A.2.1), where it has three corners."""
    hulls = [_hull(own, trim) for own in _alike(found) if len(own) > 1]
    return [hull for hull in hulls if hull is not None]


def _alike(found: Sequence[Family]) -> list[list[Family]]:
    of: dict[Kin, list[Family]] = {}
    for family in found:
        of.setdefault(over_depths(family.kin), []).append(family)
    return list(of.values())


def _level(own: Sequence[Family]) -> Callable[[Family], float]:
    """Mean log L of a family, where all of them have sizes or, if nowhere, over its own."""
    curves = {family.kin: _log_law(family) for family in own}
    lo = max(x[0] for x, _ in curves.values())
    hi = min(x[-1] for x, _ in curves.values())

    def mean(family: Family) -> float:
        x, y = curves[family.kin]
        between = np.linspace(lo, hi, _BETWEEN) if lo < hi else x
        return float(np.interp(between, x, y).mean())

    return mean


def _log_law(family: Family) -> tuple[Float[ndarray, " w"], Float[ndarray, " w"]]:
    x, y = np.log([(size.N_all, size.L_log_mean) for size in family.held]).T
    return x, y


def _hull(own: Sequence[Family], trim: Trim) -> Family | None:
    sizes = [size for family in own for size in family.held]
    corners = lower_hull([s.N_all for s in sizes], [s.L_log_mean for s in sizes])
    kin = over_depths(own[0].kin)
    return family_of(kin, [sizes[i] for i in corners], own[0].zero_skill, own[0].d_inputs, trim)
