"""Families of every architecture -> whether they share alpha and d, and how these rank.

Deviations are relative to the mean over the architectures, each weighing the same. Intervals are
simultaneous: all of m hold at once with 95 %, for each has level .95^(1/m) (Sidak 1967).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.experiments.students.families import Family
from scalinglaws.laws.quantile import gaussian

_PERMUTATIONS = 20_000
Quantity = Callable[[Family], Estimate | None]


def alpha(f: Family) -> Estimate | None:
    """None where the data leave its error open, or it may be zero."""
    a = f.exponent.alpha
    return a if math.isfinite(a.stderr) and a.lo > 0 else None


def dimension(f: Family) -> Estimate | None:
    """d of the last hidden layer at the largest width."""
    return f.d


def product(f: Family) -> Estimate | None:
    """alpha d: what is left of alpha once d is accounted for."""
    a, d = alpha(f), f.d
    if a is None or d is None:
        return None
    relative = math.hypot(a.stderr / a.value, d.stderr / d.value)
    return Estimate.normal(a.value * d.value, a.value * d.value * relative)


@dataclass(frozen=True)
class Joint:
    """Whether all share one value.

    chi2: sum (x - weighted mean)^2 / sigma^2, with p, the chance of as much or more if they do.
    between: standard deviation of the true values over their mean, by the moments of DerSimonian
        and Laird (1986), doi:10.1016/0197-2456(86)90046-2; 0 where errors explain the scatter.
    pair, difference: the two whose values differ most, over the mean, with an interval
        simultaneous over all pairs.
    """

    chi2: float
    dof: int
    p: float
    between: float
    pair: tuple[Family, Family]
    difference: Estimate


@dataclass(frozen=True)
class Rank:
    """Spearman's rank correlation, with Fieller's interval and a permutation's two-sided p.

    tanh(artanh r +- z sqrt(1.06 / (n - 3))): Fieller, Hartley & Pearson 1957,
    doi:10.1093/biomet/44.3-4.470.
    """

    r: Estimate
    p: float
    n: int


@dataclass(frozen=True)
class Architectures:
    """Families of full and of half training, of one or several teachers."""

    full: Sequence[Family]
    halves: Sequence[Family]

    @property
    def seeds(self) -> list[int]:
        return sorted({f.teacher_seed for f in self.full})

    def of(self, seed: int) -> Architectures:
        """Those of one teacher."""
        return Architectures(
            [f for f in self.full if f.teacher_seed == seed],
            [f for f in self.halves if f.teacher_seed == seed],
        )

    def deviations(self, of: Quantity) -> list[tuple[Family, Estimate]]:
        """x / mean - 1 of every family of every teacher, simultaneously.

        What training length moves in each deviation is a systematic error of its own.
        """
        found = [pair for seed in self.seeds for pair in self.of(seed)._own(of)]
        level = LEVEL ** (1 / max(len(found), 1))
        return [(f, _at(deviation, level)) for f, deviation in found]

    def _own(self, of: Quantity) -> list[tuple[Family, Estimate]]:
        after, before = _deviations(self.full, of), _deviations(self.halves, of)
        drift = {f.name: deviation.value for f, deviation in before}
        return [
            (f, d.with_systematic(d.value - drift[f.name] if f.name in drift else 0.0))
            for f, d in after
        ]

    def joint(self, of: Quantity) -> Joint | None:
        """Of one teacher's families; None with fewer than two."""
        found = self._own(of)
        if len(found) < 2:
            return None
        from scipy.special import chdtrc  # late: scipy is slow to import

        x = np.array([d.value for _, d in found])
        weight = np.array([d.stderr for _, d in found]) ** -2.0
        chi2 = float(weight @ (x - weight @ x / weight.sum()) ** 2)
        dof = len(x) - 1
        spread = weight.sum() - (weight**2).sum() / weight.sum()
        between = math.sqrt(max(chi2 - dof, 0.0) / spread)
        pairs = [
            (f, g, Estimate.normal(a.value - b.value, math.hypot(a.stderr, b.stderr)))
            for (f, a), (g, b) in combinations(found, 2)
        ]
        f, g, far = max(pairs, key=lambda pair: abs(pair[2].value))
        if far.value < 0:
            f, g, far = g, f, Estimate.normal(-far.value, far.stderr)
        level = LEVEL ** (1 / len(pairs))
        return Joint(chi2, dof, float(chdtrc(dof, chi2)), between, (f, g), _at(far, level))

    @property
    def N_common(self) -> float:
        """The largest N that every family reaches."""
        return min(float(f.sizes[-1].N_all) for f in self.full)

    def loss(self, f: Family) -> float:
        """At N_common, by the family's own fit."""
        return float(f.exponent.predict(self.N_common))

    def rank(self, x: Callable[[Family], float], y: Callable[[Family], float]) -> Rank | None:
        """Over one teacher's families whose alpha and d are known."""
        found = [f for f in self.full if alpha(f) is not None and f.d is not None]
        return rank_correlation([x(f) for f in found], [y(f) for f in found])


def rank_correlation(x: Sequence[float], y: Sequence[float]) -> Rank | None:
    """None with fewer than four pairs."""
    if len(x) < 4:
        return None
    from scipy.stats import rankdata

    a, b = rankdata(x), rankdata(y)
    r = float(np.corrcoef(a, b)[0, 1])
    rng = np.random.default_rng(0)
    shuffled = rng.permuted(np.tile(b, (_PERMUTATIONS, 1)), axis=1)
    by_chance = (shuffled - b.mean()) @ (a - a.mean()) / (len(a) * a.std() * b.std())
    # As much or more, the order found among them; ties up to rounding count.
    as_much = np.abs(by_chance) >= abs(r) * (1 - 1e-12)
    p = (1 + int(as_much.sum())) / (1 + _PERMUTATIONS)
    return Rank(_fieller(r, len(x)), p, len(x))


def _fieller(r: float, n: int) -> Estimate:
    stderr = math.sqrt(1.06 / (n - 3))
    if abs(r) >= 1:  # artanh is infinite: no scatter is left to estimate an error from
        return Estimate(r, stderr, -1.0, 1.0)
    z = Estimate.normal(math.atanh(r), stderr)
    return z.map_monotone(math.tanh, 1 - r**2)


def mean_rank(ranks: Sequence[Rank]) -> Estimate | None:
    """Of several teachers: the mean of artanh r, its error that of the mean of independent ones."""
    if len(ranks) == 1:
        return ranks[0].r
    z = [math.atanh(rank.r.value) for rank in ranks if abs(rank.r.value) < 1]
    if not z or len(z) < len(ranks):
        return None
    stderr = math.sqrt(sum(1.06 / (rank.n - 3) for rank in ranks)) / len(ranks)
    mean = float(np.mean(z))
    return Estimate.normal(mean, stderr).map_monotone(math.tanh, 1 - math.tanh(mean) ** 2)


def _deviations(found: Sequence[Family], of: Quantity) -> list[tuple[Family, Estimate]]:
    known = [(f, x) for f in found if (x := of(f)) is not None]
    if not known:
        return []
    m, mean = len(known), float(np.mean([x.value for _, x in known]))
    total = sum(x.stderr**2 for _, x in known)
    return [
        # x_i - mean = (1 - 1/m) x_i - sum of the others / m
        (
            f,
            Estimate.normal(
                x.value / mean - 1,
                math.sqrt((1 - 2 / m) * x.stderr**2 + total / m**2) / mean,
            ),
        )
        for f, x in known
    ]


def _at(e: Estimate, level: float) -> Estimate:
    """Its interval at another level; Estimate.level says 95 %, which all keep together."""
    arm = gaussian(level) * e.stderr
    return replace(e, lo=e.value - arm, hi=e.value + arm)
