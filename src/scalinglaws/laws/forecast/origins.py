"""Rolling origins: every prefix of a table, in the order of budget, and the runs beyond it.

An origin at budget b fits the groups that lie wholly at or below b and forecasts the runs beyond b
of all other groups: no group, and no budget, stands on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from scalinglaws.laws.forecast.runs import Runs

_MOST = 24  # origins; of more, as many, evenly in rank
_PER_PARAMETER = 2  # distinct x that a fit needs
_LEAST_SPAN = 0.25  # of the table's, in log x: a fit to less says nothing of slopes


@dataclass(frozen=True)
class Origins:
    """fitted, tried: which runs each origin fits and forecasts. log_end: its largest budget.

    The last row is the whole table, which has nothing left to forecast.
    """

    fitted: Bool[ndarray, "o n"]
    tried: Bool[ndarray, "o n"]
    log_end: Float[ndarray, " o"]

    @property
    def count(self) -> int:
        """Origins that forecast something."""
        return len(self.log_end) - 1

    @property
    def pairs(self) -> tuple[Int[ndarray, " r"], Int[ndarray, " r"]]:
        """Origin and run of every forecast."""
        origin, run = np.nonzero(self.tried)
        return origin, run


def origins(runs: Runs, parameters: int) -> Origins:
    """Those that fit at least 2 distinct x per parameter, over a quarter of the table's range of
    each, and leave a run to forecast; of many, some evenly in log budget."""
    _, group = np.unique(runs.group, return_inverse=True)
    last = np.full(group.max() + 1, -np.inf)  # largest budget of each group
    np.maximum.at(last, group, runs.log_budget)
    ends = np.unique(runs.log_budget)
    fitted = last[group] <= ends[:, None]
    tried = ~fitted & (runs.log_budget > ends[:, None])
    distinct = np.array([len(np.unique(runs.log_X[:, those], axis=1).T) for those in fitted])
    least = _LEAST_SPAN * np.ptp(runs.log_X, axis=1)
    wide = np.array(
        [those.any() and (np.ptp(runs.log_X[:, those], axis=1) >= least).all() for those in fitted]
    )
    enough = np.flatnonzero((distinct >= _PER_PARAMETER * parameters) & wide & tried.any(axis=1))
    if len(enough) > _MOST:
        evenly = np.linspace(ends[enough[0]], ends[enough[-1]], _MOST)
        nearest = np.abs(ends[enough] - evenly[:, None]).argmin(axis=1)
        enough = enough[np.unique(nearest)]
    rows = np.append(enough, len(ends) - 1)
    return Origins(fitted[rows], tried[rows], ends[rows])
