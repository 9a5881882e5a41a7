"""The spread of d over students of one size. Sharma & Kaplan 2020 (arXiv 2004.10802), C.2."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.experiments.id_across_students.settings import Settings
from scalinglaws.experiments.students.families import METHODS
from scalinglaws.experiments.students.widths import geometric
from scalinglaws.result import Row


@dataclass(frozen=True)
class Spread:
    """d of several students of one size and teacher, by one method.

    own: the error that the estimator claims of one student's d, mean over them.
    """

    k: int
    n: int
    N: int
    method: str
    d: tuple[float, ...]
    own: float

    @property
    def mean(self) -> float:
        return float(np.mean(self.d))

    @property
    def sd(self) -> Estimate:
        """With the interval of a Gaussian's: (m - 1) sd^2 / sigma^2 is chi^2 of m - 1."""
        from scipy.stats import chi2

        dof = len(self.d) - 1
        sd = float(np.std(self.d, ddof=1))
        below, above = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
        lo, hi = (sd * math.sqrt(dof / float(chi2.ppf(p, dof))) for p in (above, below))
        return Estimate(sd, sd / math.sqrt(2 * dof), lo, hi)

    @property
    def relative(self) -> Estimate:
        """sd / mean."""
        return self.sd.map_monotone(lambda sd: sd / self.mean, 1 / self.mean)

    @property
    def over_own(self) -> Estimate:
        """sd over the estimator's own error."""
        return self.sd.map_monotone(lambda sd: sd / self.own, 1 / self.own)


def spreads(rows: Sequence[Row], settings: Settings) -> list[Spread]:
    """Of every teacher of figure 20, size and method; sizes with fewer than two d are left out."""
    own = [row for row in rows if is_of_spread(row, settings)]
    sizes = sorted({(_int(row, "k"), _int(row, "n")) for row in own})
    found = [
        _spread([row for row in own if (_int(row, "k"), _int(row, "n")) == size], method)
        for size in sizes
        for method in METHODS
    ]
    return [spread for spread in found if len(spread.d) > 1]


def is_of_spread(row: Row, settings: Settings) -> bool:
    """Whether it is a student of figure 20."""
    s = settings
    return (
        row.get("kind") == "student"
        and (row["loss"], row["steps"], row["hidden"]) == ("kl", s.spread_steps, 2)
        and (row["teacher_seed"], row["output_scale"]) == (s.seed, s.output_scale)
        and row["k"] in s.spread_ks
        and row["n"] in geometric(s.spread_first, s.spread_widths)
    )


def _spread(rows: Sequence[Row], method: str) -> Spread:
    measured = [row for row in rows if row.get(f"d_{method}") is not None]
    return Spread(
        k=_int(rows[0], "k"),
        n=_int(rows[0], "n"),
        N=_int(rows[0], "N_all"),
        method=method,
        d=tuple(float(cast(float, row[f"d_{method}"])) for row in measured),
        own=float(np.mean([cast(float, row[f"d_{method}_stderr"]) for row in measured] or [0.0])),
    )


def _int(row: Row, name: str) -> int:
    return int(cast(float, row[name]))
