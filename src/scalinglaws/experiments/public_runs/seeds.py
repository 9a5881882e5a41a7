"""A quantity of a bootstrap, over bootstraps of several seeds: its Monte-Carlo error is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, stdev

from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.laws.quantile import student


def over_seeds(values: Sequence[float]) -> Estimate | None:
    """The mean over the seeds, with the interval of its Monte-Carlo error; None without a seed, or
    where a value is infinite."""
    if not values or not all(map(math.isfinite, values)):
        return None
    mean, count = fmean(values), len(values)
    stderr = stdev(values) / math.sqrt(count) if count > 1 else math.inf
    arm = student(LEVEL, count - 1) * stderr
    return Estimate(mean, stderr, mean - arm, mean + arm)
