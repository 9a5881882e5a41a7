"""N_max: where the power law ends, with an interval. Sharma & Kaplan 2020 (arXiv:2004.10802).

A.1 takes N_max from the circle rule, without an error. Here it is a parameter of the law that
ends (the forms of `exponent`), profiled over the others. With x = log N:
    floor    log L = a + log(e^(-alpha x) + e^(-alpha x_end))     A N_max^-alpha = E
    broken   log L = a - alpha x + delta max(x - x_end, 0), delta >= 0
A power law that does not end is the limit x_end -> infinity of either. Each form's interval is
its profile within t^2 s^2 of its least sum of squares. A form with p parameters pays 2 p s^2
(Mallows' C_p), and the interval of N_max holds those of all forms whose C_p is within t^2 s^2 of
the least one, as in `exponent`. It has no upper end where the power law without end is
among them, and no lower end (0) where one that ends at the third size is.

By simulation (floors and breaks at 40 to 80 % of a factor 300 in N, or none; 8, 12 and 30 sizes;
noise .5, 2 and 5 %; alpha .3 and 1; 100 tables in each of 90 cells, with 64 trial ends of each
form where there are 48 now) the 95 % interval held the end in 96 % of tables, in single cells in
87 to 100 %; with 8 sizes it is too wide (98 %). With 48 and 30 sizes over a floor it held 93.5 %
of 200. Beside it A.1's circle rule stops at 3 to 5 of 8 sizes where a floor crosses at 60 % of the
range, with alpha 24 to 30 % too low at any noise, where the all-points fit of `exponent` is off
by 0 to 9 % (noise .5 to 5 %): benchmarks/range_rules.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput
from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.laws.law import exp
from scalinglaws.laws.quantile import gaussian
from scalinglaws.laws.ranges.form import BEFORE_BREAK, PARAMETERS, PENALTY, Form
from scalinglaws.laws.ranges.sizes import Sizes, sizes_of

_ENDS = 48  # trial ends of each form
_BEYOND = 2.0  # how far the ends of a floor are tried outside the table, in its log ranges
_ALPHAS = 9  # trial alpha at each end
_WIDTHS = 200  # beyond this many distinct N, neighbours share their mean
_ZOOMS = 4  # times the trial values close in


@dataclass(frozen=True)
class RangeEnd:
    """Where a power law ends.

    N_max: infinite where no end is seen; its interval is (lo, inf) where the data allow none.
    form: of the best law: power (no end), power+floor or broken.
    """

    N_max: Estimate
    form: Form
    widths: int
    notes: tuple[str, ...]


def find_n_max(N: ArrayLike, L: ArrayLike, *, level: float = LEVEL) -> RangeEnd:
    """The end of the power law that L(N) follows from its smallest N on.

    Raises BadInput on fewer than 5 distinct N, or on values that have no logarithm.
    """
    every = sizes_of(N, L)
    if len(every.x) < 5:
        raise BadInput(f"the end of a power law needs 5 or more distinct N, got {len(every.x)}")
    sizes = every.thinned(_WIDTHS)
    first = {Form.FLOOR: _floor_ends(sizes), Form.BROKEN: _break_ends(sizes)}
    scan = _Scan.of(sizes, first, level)
    for _ in range(_ZOOMS):
        scan = _Scan.of(sizes, scan.closer(), level)
    edge = first[Form.BROKEN][0]
    lo = -math.inf if scan.lo <= edge else scan.lo
    x_end = math.inf if scan.form is Form.POWER else scan.best
    N_max = exp(x_end)
    width = (scan.hi - lo) / (2 * gaussian(level))
    stderr = N_max * width if math.isfinite(x_end) else math.inf
    estimate = Estimate(N_max, stderr, exp(lo), exp(scan.hi), level)
    return RangeEnd(estimate, scan.form, len(every.x), tuple(_notes(scan, lo)))


@dataclass(frozen=True)
class _Scan:
    """Each form's profile over its trial ends: which are near its best, and what all allow."""

    ends: Mapping[Form, Float[ndarray, " e"]]
    near: Mapping[Form, Bool[ndarray, " e"]]
    form: Form
    best: float
    lo: float
    hi: float

    @classmethod
    def of(cls, sizes: Sizes, ends: Mapping[Form, Float[ndarray, " e"]], level: float) -> _Scan:
        w = len(sizes.x)
        SS = {form: _SS[form](sizes, ends[form]) for form in ends}
        power = _power_SS(sizes)
        dof = {form: w - PARAMETERS[form] for form in ends}
        lack = [sizes.lack_of_fit(float(SS[form].min()), dof[form]) for form in ends]
        s2 = max(sizes.variance, min(sizes.lack_of_fit(power, w - 2), *lack))
        cost = {form: SS[form] + PENALTY * PARAMETERS[form] * s2 for form in ends}
        # Without end: the limit of the floor, which has fewer parameters than the break.
        endless = power + PENALTY * PARAMETERS[Form.FLOOR] * s2
        form = min(cost, key=lambda form: float(cost[form].min()))
        best = float(ends[form][cost[form].argmin()])
        least = float(cost[form].min())
        reach = {form: sizes.reach(float(SS[form].min()), dof[form], level) for form in ends}
        limit = min(least, endless) + max(reach.values())
        near = {f: SS[f] <= SS[f].min() + reach[f] for f in ends}
        inside = np.concatenate([ends[f][near[f]] for f in ends if cost[f].min() <= limit])
        lo, hi = (float(inside.min()), float(inside.max())) if len(inside) else (best, best)
        hi = math.inf if endless <= limit else hi
        form = Form.POWER if power + PENALTY * PARAMETERS[Form.POWER] * s2 <= least else form
        return cls(ends, near, form, best, lo, hi)

    def closer(self) -> dict[Form, Float[ndarray, " e"]]:
        """Trial ends that close in on each form's own interval."""
        closer: dict[Form, Float[ndarray, " e"]] = {}
        for form, ends in self.ends.items():
            i, j = np.flatnonzero(self.near[form])[[0, -1]]
            lo, hi = ends[max(i - 1, 0)], ends[min(j + 1, len(ends) - 1)]
            closer[form] = np.linspace(lo, hi, _ENDS)
        return closer


def _notes(scan: _Scan, lo: float) -> list[str]:
    notes: list[str] = []
    if math.isinf(scan.hi):
        notes.append("a power law without end is not excluded")
    if math.isinf(lo):
        notes.append("nor is one that ends before the third size")
    return notes


def _floor_ends(sizes: Sizes) -> Float[ndarray, " e"]:
    """Ends of a floor need not lie among the sizes."""
    first, last = sizes.x[[0, -1]]
    far = _BEYOND * (last - first)
    return np.linspace(first - far / 4, last + far, _ENDS)


def _break_ends(sizes: Sizes) -> Float[ndarray, " e"]:
    """From the third size to the last but one, evenly in rank."""
    ranks = np.linspace(BEFORE_BREAK - 1, len(sizes.x) - 2, _ENDS)
    return np.interp(ranks, np.arange(len(sizes.x)), sizes.x)


def _power_SS(sizes: Sizes) -> float:
    known = sizes.orthonormal(sizes.x)
    y = np.sqrt(sizes.weights) * sizes.y
    residual = y - known @ (known.T @ y)
    return float(residual @ residual)


def _broken_SS(sizes: Sizes, ends: Float[ndarray, " e"]) -> Float[ndarray, " e"]:
    """Least squares in a, alpha and delta >= 0 at each break."""
    root = np.sqrt(sizes.weights)[:, None]
    known = sizes.orthonormal(sizes.x)
    hinges = np.maximum(sizes.x[:, None] - ends, 0) * root  # (w, e)
    off = hinges - known @ (known.T @ hinges)
    y = root[:, 0] * sizes.y
    residual = y - known @ (known.T @ y)
    along = np.maximum(residual @ off, 0)
    return float(residual @ residual) - along**2 / np.sum(off**2, axis=0)


def _floor_SS(sizes: Sizes, ends: Float[ndarray, " e"]) -> Float[ndarray, " e"]:
    """Least squares in a and alpha >= 0 at each end: a grid of alpha that closes in."""
    steepest = float(np.max(np.abs(np.diff(sizes.y) / np.diff(sizes.x))))
    if steepest == 0:
        return np.full(len(ends), 0.0)
    alpha = np.geomspace(steepest * 1e-4, steepest * 4, 3 * _ALPHAS)
    alpha = np.broadcast_to(alpha, (len(ends), len(alpha)))
    for _ in range(_ZOOMS):
        SS = _floor(sizes, alpha, ends[:, None])
        best = SS.argmin(axis=1)[:, None]
        below = np.take_along_axis(alpha, np.maximum(best - 1, 0), axis=1)
        above = np.take_along_axis(alpha, np.minimum(best + 1, alpha.shape[1] - 1), axis=1)
        alpha = below + (above - below) * np.linspace(0, 1, _ALPHAS)
    return _floor(sizes, alpha, ends[:, None]).min(axis=1)


def _floor(
    sizes: Sizes, alpha: Float[ndarray, "e a"], end: Float[ndarray, "e 1"]
) -> Float[ndarray, "e a"]:
    law = np.logaddexp(-alpha[..., None] * sizes.x, -(alpha * end)[..., None])  # (e, a, w)
    return sizes.SS(sizes.y - law)


_SS = {Form.FLOOR: _floor_SS, Form.BROKEN: _broken_SS}
