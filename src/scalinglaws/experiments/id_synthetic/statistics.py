"""The rows, asked for means over data sets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import cast

from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.laws.quantile import student
from scalinglaws.result import Row


@dataclass(frozen=True)
class Readings:
    """The rows, asked for means."""

    rows: Sequence[Row]

    @property
    def dims(self) -> list[int]:
        return sorted({cast(int, row["d"]) for row in self.rows})

    @property
    def sizes(self) -> list[int]:
        return sorted({cast(int, row["n"]) for row in self.rows})

    def mean(self, manifold: str, d: int, n: int, quantity: str) -> Estimate | None:
        """Over data sets, with Student's interval; None where there is no data set."""
        of = {"manifold": manifold, "d": d, "n": n}
        mine = [row for row in self.rows if all(row[name] == v for name, v in of.items())]
        values = [float(cast(float, row[quantity])) for row in mine]
        if not values:
            return None
        mean, count = fmean(values), len(values)
        stderr = stdev(values) / math.sqrt(count) if count > 1 else math.inf
        arm = student(LEVEL, count - 1) * stderr
        return Estimate(mean, stderr, mean - arm, mean + arm)

    def ratio(self, manifold: str, d: int, n: int, quantity: str) -> Estimate | None:
        """The mean over the true d."""
        mean = self.mean(manifold, d, n, quantity)
        return mean and mean.map_monotone(lambda value: value / d, 1 / d)
