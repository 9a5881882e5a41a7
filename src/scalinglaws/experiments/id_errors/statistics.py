"""Replicates -> claimed error over true spread, and how often the interval holds the mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import hypot, sqrt
from statistics import NormalDist, fmean

import numpy as np

from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.experiments.id_errors.study import METHODS
from scalinglaws.result import Row

_Z = NormalDist().inv_cdf(0.5 + LEVEL / 2)


@dataclass(frozen=True)
class Case:
    """One estimator on one manifold at one n, over its replicates."""

    manifold: str
    n: int
    method: str
    d: Estimate  # the mean of the replicates: E[d-hat]
    ratio: Estimate  # mean claimed error / standard deviation of d-hat
    coverage: Estimate  # share of intervals d-hat +- 1.96 claimed errors that hold the mean

    @property
    def k(self) -> int:
        return METHODS[self.method]


def cases(rows: Sequence[Row]) -> list[Case]:
    """Every case of which two replicates or more are there, by manifold and n."""
    groups: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        groups.setdefault((str(row["manifold"]), int(str(row["n"]))), []).append(row)
    return [
        _case(manifold, n, method, group)
        for (manifold, n), group in sorted(groups.items())
        if len(group) > 1
        for method in METHODS
    ]


def _case(manifold: str, n: int, method: str, rows: Sequence[Row]) -> Case:
    d = np.array([row[f"{method}: d"] for row in rows], dtype=float)
    claimed = np.array([row[f"{method}: stderr"] for row in rows], dtype=float)
    held = np.abs(d - d.mean()) <= _Z * claimed
    return Case(
        manifold,
        n,
        method,
        d=Estimate.normal(float(d.mean()), float(d.std(ddof=1) / sqrt(len(d)))),
        ratio=_ratio(d, claimed),
        coverage=_share(int(held.sum()), len(held)),
    )


def _ratio(d: np.ndarray, claimed: np.ndarray) -> Estimate:
    """mean claimed / sd(d); log sd has variance (kurtosis - 1) / 4R, the mean its own."""
    R = len(d)
    u = d - d.mean()
    kurtosis = float((u**4).mean() / (u**2).mean() ** 2)
    ratio = float(claimed.mean() / d.std(ddof=1))
    relative = sqrt((kurtosis - 1) / (4 * R) + claimed.var(ddof=1) / claimed.mean() ** 2 / R)
    return Estimate.normal(ratio, ratio * relative)


def _share(hits: int, of: int) -> Estimate:
    """A binomial share with Wilson's interval (1927, JASA 22, 209), which holds near 1."""
    p = hits / of
    centre = (p + _Z**2 / (2 * of)) / (1 + _Z**2 / of)
    half = _Z / (1 + _Z**2 / of) * sqrt(p * (1 - p) / of + _Z**2 / (4 * of**2))
    return Estimate(p, sqrt(p * (1 - p) / of), centre - half, centre + half)


def mean(cases: Sequence[Case], what: Callable[[Case], Estimate]) -> Estimate | None:
    """The mean over cases and its error.

    Manifolds and n are independent; estimators on the same replicates are not, and are taken to
    err as one: the error of a sample is the mean of its estimators' errors.
    """
    if not cases:
        return None
    samples: dict[tuple[str, int], list[Estimate]] = {}
    for case in cases:
        samples.setdefault((case.manifold, case.n), []).append(what(case))
    values = [fmean(e.value for e in sample) for sample in samples.values()]
    errors = [fmean(e.stderr for e in sample) for sample in samples.values()]
    return Estimate.normal(fmean(values), hypot(*errors) / len(errors))
