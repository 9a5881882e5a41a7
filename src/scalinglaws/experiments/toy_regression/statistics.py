"""The rows, asked for exponents, with errors from independent functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, cast

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.public_runs.seeds import over_seeds
from scalinglaws.laws.line import fit_line
from scalinglaws.result import Row


class Case(NamedTuple):
    """One way to fit one kind of function of d variables."""

    target: str
    fit: str
    loss: str
    d: int


@dataclass(frozen=True)
class Losses:
    """The rows by case, function and n.

    window: n of the coarsest and the finest grid that an exponent is fitted to.
    """

    rows: Sequence[Row]
    window: tuple[int, int]

    @cached_property
    def _found(self) -> dict[Case, dict[int, dict[int, Row]]]:
        found: dict[Case, dict[int, dict[int, Row]]] = {}
        for row in self.rows:
            case = Case(str(row["target"]), str(row["fit"]), str(row["loss"]), cast(int, row["d"]))
            by_n = found.setdefault(case, {}).setdefault(cast(int, row["seed"]), {})
            by_n[cast(int, row["n"])] = row
        return found

    @property
    def dims(self) -> list[int]:
        return sorted({case.d for case in self._found})

    def sizes(self, case: Case) -> list[int]:
        """The n that every function of the case was fitted at."""
        own = self._found.get(case, {}).values()
        return sorted(set[int].intersection(*(set(by_n) for by_n in own))) if own else []

    def exponent(self, case: Case) -> Estimate | None:
        """alpha d over the window, and its error.

        The error is that of the mean over functions and, added to it, how far the mean moves when
        the coarser half of the window is left out: there a power law is not yet exact.
        """
        first, last = self.window
        mean = self.exponent_between(case, first, last)
        finer = self.exponent_between(case, math.isqrt(first * last), last)
        return mean and finer and mean.with_systematic(abs(mean.value - finer.value))

    def exponent_between(self, case: Case, first: int, last: int) -> Estimate | None:
        """alpha d of a straight line through log L against log N, mean over functions."""
        n = [n for n in self.sizes(case) if first <= n <= last]
        if len(n) < 2:
            return None
        slopes: list[float] = []
        for by_n in self._found[case].values():
            L = [_number(by_n[at]["L"]) for at in n]
            if min(L) > 0:  # a network that bends in no cube drawn has no exponent
                log_N = [case.d * math.log(at) for at in n]
                slopes.append(-case.d * fit_line(log_N, np.log(L)).slope.value)
        return over_seeds(slopes)

    def without(self, case: Case) -> int:
        """Functions without a loss at some n of the window, and so without an exponent."""
        first, last = self.window
        return sum(
            any(first <= n <= last and not _number(row["L"]) > 0 for n, row in by_n.items())
            for by_n in self._found.get(case, {}).values()
        )

    def ratio(self, case: Case) -> Estimate | None:
        """L over its closed form on the finest grid, mean over functions."""
        finest = self.sizes(case)[-1:]
        return over_seeds(
            [
                _number(by_n[n]["L"]) / _number(by_n[n]["closed"])
                for n in finest
                for by_n in self._found[case].values()
            ]
        )

    def mean(self, case: Case, n: int, what: str = "L") -> Estimate | None:
        """L, or its closed form: geometric mean over functions."""
        own = self._found.get(case, {}).values()
        logs = over_seeds([math.log(_number(by_n[n][what])) for by_n in own if n in by_n])
        return logs and logs.map_monotone(math.exp, math.exp(logs.value))


def _number(value: object) -> float:
    return float(cast(float, value))
