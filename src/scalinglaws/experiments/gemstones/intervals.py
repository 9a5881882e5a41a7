"""Intervals of bootstraps by model, over their seeds."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.experiments.network_dimension.rows import where
from scalinglaws.experiments.public_runs.fits import estimate_of
from scalinglaws.laws.quantile import gaussian
from scalinglaws.result import Row


def bootstrapped(rows: Sequence[Row], fit: Row, name: str) -> Estimate | None:
    """A parameter of a fit; its ends are means over the seeds."""
    mine = where(rows, kind="bootstrap", subset=fit["subset"], delta=fit["delta"])
    if not mine:
        return None
    found = [estimate_of(row, name) for row in mine]
    lo, hi = fmean(e.lo for e in found), fmean(e.hi for e in found)
    return Estimate(found[0].value, (hi - lo) / 2 / gaussian(LEVEL), lo, hi)


def gap(rows: Sequence[Row], delta: float) -> list[float]:
    """By seed, the largest lower end of alpha less the smallest upper: above 0 no alpha lies in
    all intervals. One subset alone leaves no gap."""
    mine = where(rows, kind="bootstrap", delta=delta)
    found: list[float] = []
    for seed in sorted({row["seed"] for row in mine}, key=str):
        intervals = [estimate_of(row, "alpha") for row in where(mine, seed=seed)]
        if len(intervals) > 1:
            found.append(max(i.lo for i in intervals) - min(i.hi for i in intervals))
    return found
