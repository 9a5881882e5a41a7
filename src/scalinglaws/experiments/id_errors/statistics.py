"""Replicates -> claimed error over true spread, and how often the interval holds the mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from scalinglaws.estimate import LEVEL, Estimate, two_sided
from scalinglaws.experiments.id_errors.study import METHODS
from scalinglaws.result import Row

_Z = two_sided(LEVEL)
_PARTS = 20  # of the replicates, each left out in turn


@dataclass(frozen=True)
class Sample:
    """The replicates of one manifold at one n, a column per estimator."""

    manifold: str
    n: int
    seed: Int[ndarray, " replicates"]
    d: Float[ndarray, "replicates methods"]
    claimed: Float[ndarray, "replicates methods"]

    def part(self, which: ndarray) -> Sample:
        return Sample(self.manifold, self.n, self.seed[which], self.d[which], self.claimed[which])


@dataclass(frozen=True)
class Case:
    """One estimator on one manifold at one n, over its replicates."""

    manifold: str
    n: int
    method: str
    ratio: Estimate  # mean claimed error / standard deviation of d-hat
    coverage: Estimate  # share of intervals d-hat +- 1.96 claimed errors that hold the mean

    @property
    def k(self) -> int:
        return METHODS[self.method]


def samples(rows: Sequence[Row]) -> list[Sample]:
    """By manifold and n, those of which two replicates or more are there."""
    groups: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        groups.setdefault((str(row["manifold"]), int(str(row["n"]))), []).append(row)

    def column(group: Sequence[Row], what: str) -> ndarray:
        return np.array([[row[f"{m}: {what}"] for m in METHODS] for row in group], dtype=float)

    return [
        Sample(
            manifold,
            n,
            np.array([row["seed"] for row in group], dtype=int),
            column(group, "d"),
            column(group, "stderr"),
        )
        for (manifold, n), group in sorted(groups.items())
        if len(group) > 1
    ]


def cases(found: Sequence[Sample]) -> list[Case]:
    """Every estimator on every sample."""
    return [
        Case(
            sample.manifold,
            sample.n,
            method,
            ratio=_ratio(sample.d[:, i], sample.claimed[:, i]),
            coverage=_share(sample.d[:, i], sample.claimed[:, i]),
        )
        for sample in found
        for i, method in enumerate(METHODS)
    ]


def _share(d: ndarray, claimed: ndarray) -> Estimate:
    held = np.abs(d - d.mean()) <= _Z * claimed
    return Estimate.share(int(held.sum()), len(held))


def _ratio(d: ndarray, claimed: ndarray) -> Estimate:
    """mean claimed / sd(d); log sd has variance (kurtosis - 1) / 4R, the mean its own."""
    R = len(d)
    u = d - d.mean()
    kurtosis = float((u**4).mean() / (u**2).mean() ** 2)
    ratio = float(claimed.mean() / d.std(ddof=1))
    relative = sqrt((kurtosis - 1) / (4 * R) + claimed.var(ddof=1) / claimed.mean() ** 2 / R)
    return Estimate.normal(ratio, ratio * relative)


def mean(found: Sequence[Sample], k: int, what: Callable[[Case], Estimate]) -> Estimate | None:
    """The mean over manifolds, n and the estimators of k neighbours, and its error.

    All samples draw replicate i from seed i, so that points at a smaller n may be the first of
    those at a larger: samples are not independent, replicates are. The error is a jackknife over
    the replicates of all samples at once, a twentieth left out at a time.
    """
    value = _mean(found, k, what)
    if value is None:
        return None
    parts = min(_PARTS, *(len(sample.seed) for sample in found))
    left = [
        _mean([s.part(s.seed % parts != part) for s in found], k, what) for part in range(parts)
    ]
    spread = np.array([one for one in left if one is not None])
    return Estimate.normal(value, sqrt((parts - 1) * float(spread.var())))


def _mean(found: Sequence[Sample], k: int, what: Callable[[Case], Estimate]) -> float | None:
    values = [what(case).value for case in cases(found) if case.k == k]
    return fmean(values) if values else None
