"""Replicates -> how often an interval holds what it should, and how often it does so for being
open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean
from typing import cast

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.law_coverage.study import HORIZONS, REFUSED, few
from scalinglaws.experiments.law_coverage.truths import TRUTHS, parameters
from scalinglaws.laws.law import Kind
from scalinglaws.result import Row

MEANS = tuple(f"mean {h}x" for h in HORIZONS)
RUNS = tuple(f"run {h}x" for h in HORIZONS)
PARAMETERS = {"alpha": Kind.EXPONENT, "E": Kind.CONSTANT}
WHAT = (*PARAMETERS, *MEANS, *RUNS)  # of what intervals are studied


@dataclass(frozen=True)
class Case:
    """The intervals of one quantity, of one law at one noise and n, over its replicates."""

    law: str
    noise: float
    n: int
    what: str  # of WHAT
    name: str  # the law's own name of it: alpha_N, L_inf
    lo: Float[ndarray, " replicates"]  # less what should be held
    hi: Float[ndarray, " replicates"]
    bootstrap: bool = False

    @property
    def small(self) -> bool:
        """Whether the tables are as small as they get."""
        return self.n == few(self.law)

    @property
    def held(self) -> Bool[ndarray, " replicates"]:
        return (self.lo <= 0) & (self.hi >= 0)

    @property
    def coverage(self) -> Estimate:
        return Estimate.share(int(self.held.sum()), len(self.held))

    @property
    def open(self) -> float:
        """Share of intervals with an end that the data leave open."""
        return float(np.mean(np.isinf(self.lo) | np.isinf(self.hi)))

    @property
    def too_low(self) -> float:
        """Share of intervals that lie below what they should hold."""
        return float(np.mean(self.hi < 0))

    @property
    def too_high(self) -> float:
        return float(np.mean(self.lo > 0))

    @property
    def width(self) -> float:
        """The median one."""
        return float(np.median(self.hi - self.lo))


@dataclass(frozen=True)
class Sample:
    """All cases of one law at one noise and n, and how its fits ended."""

    law: str
    noise: float
    n: int
    statuses: tuple[str, ...]
    cases: tuple[Case, ...]

    def share(self, status: str) -> float:
        return self.statuses.count(status) / len(self.statuses)

    @property
    def refused(self) -> float:
        return self.share(REFUSED)


def samples(rows: Sequence[Row]) -> list[Sample]:
    """By law, in the order of TRUTHS, noise and n, the large tables first."""
    groups: dict[tuple[str, float, int], list[Row]] = {}
    for row in rows:
        key = str(row["law"]), float(str(row["noise"])), int(str(row["n"]))
        groups.setdefault(key, []).append(row)
    order = list(TRUTHS)
    return [
        Sample(*key, tuple(str(row["status"]) for row in group), tuple(_cases(*key, group)))
        for key in sorted(groups, key=lambda key: (order.index(key[0]), key[1], -key[2]))
        for group in [groups[key]]
    ]


def _cases(law: str, noise: float, n: int, group: Sequence[Row]) -> Iterable[Case]:
    named = [(what, name) for what in PARAMETERS for name in parameters(law, PARAMETERS[what])]
    named += [(what, what) for what in (*MEANS, *RUNS)]
    for what, name in named:
        for title in (name, f"{name} bootstrap"):
            ends = [(row.get(f"{title}: lo"), row.get(f"{title}: hi")) for row in group]
            found = [cast(tuple[float, float], pair) for pair in ends if None not in pair]
            if len(found) > 1:
                lo, hi = np.array(found, dtype=float).T
                yield Case(law, noise, n, what, name, lo, hi, title != name)


def cases(found: Iterable[Sample], *, bootstrap: bool = False) -> list[Case]:
    """Of all samples, by profile or by bootstrap."""
    return [case for one in found for case in one.cases if case.bootstrap is bootstrap]


def mean(found: Sequence[Case]) -> Estimate | None:
    """The mean coverage over laws, noises and n, each counting once; samples are independent.

    Two exponents of one law are of the same tables: they are averaged table by table first.
    """
    groups: dict[tuple[str, float, int], list[Case]] = {}
    for case in found:
        groups.setdefault((case.law, case.noise, case.n), []).append(case)
    if not groups:
        return None
    scores = [np.mean([case.held for case in group], axis=0) for group in groups.values()]
    variances = [float(score.var(ddof=1)) / len(score) for score in scores]
    value = fmean(float(score.mean()) for score in scores)
    return Estimate.normal(value, sqrt(sum(variances)) / len(scores))
