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
    """Those that fit at least 2 distinct x per parameter and leave a run to forecast."""
    _, group = np.unique(runs.group, return_inverse=True)
    last = np.full(group.max() + 1, -np.inf)  # largest budget of each group
    np.maximum.at(last, group, runs.log_budget)
    ends = np.unique(runs.log_budget)
    fitted = last[group] <= ends[:, None]
    tried = ~fitted & (runs.log_budget > ends[:, None])
    distinct = np.array([len(np.unique(runs.log_X[:, those], axis=1).T) for those in fitted])
    enough = np.flatnonzero((distinct >= _PER_PARAMETER * parameters) & tried.any(axis=1))
    if len(enough) > _MOST:
        enough = enough[np.linspace(0, len(enough) - 1, _MOST).round().astype(int)]
    rows = np.append(enough, len(ends) - 1)
    return Origins(fitted[rows], tried[rows], ends[rows])
