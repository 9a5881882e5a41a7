"""How often intervals hold the later rows: a share per curve, and its mean over curves.

The rows of one curve miss together, for they share its forecast: most curves lie wholly within
their intervals, and a few outside for hundreds of rows on end. Counted row by row the long curves,
which are the best known, decide, and the error of the share is told far too small. So the unit is
the curve, and the error the spread between curves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, stdev

from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.experiments.network_dimension.rows import has, number, where
from scalinglaws.experiments.nsl_benchmark.study import EDGES
from scalinglaws.laws.quantile import student
from scalinglaws.result import Row


@dataclass(frozen=True)
class Part:
    """Curves of one domain, or of all, at horizons above one and up to another."""

    above: float
    banded: tuple[Row, ...]  # of curves that have intervals there
    refused: int  # curves that have none
    rows_refused: int

    @property
    def to(self) -> float:
        return EDGES[EDGES.index(self.above) + 1]

    @property
    def shares(self) -> list[float]:
        """Of each curve's rows with an interval, those that it holds."""
        return [number(row, "inside") / number(row, "rows") for row in self.banded]

    @property
    def coverage(self) -> Estimate | None:
        """The mean over curves; None for fewer than two."""
        return mean_share(self.shares)

    @property
    def pooled(self) -> float | None:
        """All rows as one: what long curves say."""
        rows = self.total("rows")
        return self.total("inside") / rows if rows else None

    @property
    def width(self) -> float | None:
        """Median over curves, of log L; None where it is open."""
        widths = [number(row, "width") if has(row, "width") else math.inf for row in self.banded]
        found = median(widths) if widths else math.inf
        return found if math.isfinite(found) else None

    @property
    def horizon(self) -> float:
        """The median over curves of their rows' median."""
        return median(number(row, "at") for row in self.banded)

    def total(self, name: str) -> float:
        return sum(number(row, name) for row in self.banded)


def mean_share(shares: Sequence[float]) -> Estimate | None:
    """With Student's interval from the spread between curves; None for fewer than two.

    Curves that all hold everything, or nothing, have no spread and yet an error: Wilson's, of so
    many curves.
    """
    n, count = len(shares), sum(shares)
    if n < 2:
        return None
    if count in (0, n):
        return Estimate.share(int(count), n)
    value, stderr = count / n, stdev(shares) / math.sqrt(n)
    arm = student(LEVEL, n - 1) * stderr
    return Estimate(value, stderr, max(value - arm, 0.0), min(value + arm, 1.0))


def part(rows: Sequence[Row], above: float, domain: str | None = None) -> Part:
    """Of the rows of kind `horizon`."""
    of = where(rows, kind="horizon", above=above, **({"domain": domain} if domain else {}))
    banded = tuple(row for row in of if number(row, "rows"))
    refused = int(sum(number(row, "refused") for row in of))
    return Part(above, banded, len(of) - len(banded), refused)
