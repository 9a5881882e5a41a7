"""A table of runs in the order in which its budget grows, for forecasts to be tried on.

budget: x itself for a law of one variable; for a joint law the product of its x, as 6ND is, or a
column of the caller's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput
from scalinglaws.laws.fitting.columns import group_numbers, points, positive_column, weight_column
from scalinglaws.laws.fitting.fitted import Fit
from scalinglaws.laws.law import Law, LogX, exp

_MOST = 400  # runs; of a longer table as many are tried, evenly in the order of budget


@dataclass(frozen=True)
class Runs:
    """Runs by ascending budget. group: runs of equal number are not independent."""

    x: tuple[str, ...]
    log_X: LogX
    log_L: Float[ndarray, " n"]
    log_budget: Float[ndarray, " n"]
    weight: Float[ndarray, " n"]
    group: Int[ndarray, " n"]
    own_budget: bool = True  # x itself, not a column of the caller's
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        columns: Mapping[str, ArrayLike],
        *,
        y: str = "loss",
        x: Sequence[str] | str = ("N",),
        budget: str | None = None,
        weights: str | None = None,
        groups: str | None = None,
    ) -> Runs:
        """The columns, checked as `laws.fit` checks them. budget: column of the order."""
        names = (x,) if isinstance(x, str) else tuple(x)
        X, L = points(columns, names, y)
        weight, group = (
            weight_column(columns, weights, len(L)),
            group_numbers(columns, groups, X, L),
        )
        log_budget = None if budget is None else np.log(positive_column(columns, budget))
        return cls._ordered(names, np.log(X), np.log(L), log_budget, weight, group)

    @classmethod
    def of_fit(cls, fit: Fit, budget: ArrayLike | None = None) -> Runs:
        """The table that was fitted. budget: of each run, in the fit's order."""
        log_budget = None if budget is None else np.log(np.asarray(budget, dtype=float))
        X, L, weight = np.log(fit.X), np.log(fit.L), fit.problem.weight
        return cls._ordered(fit.x, X, L, log_budget, weight, fit.groups)

    @classmethod
    def _ordered(
        cls,
        x: tuple[str, ...],
        log_X: LogX,
        log_L: Float[ndarray, " n"],
        log_budget: Float[ndarray, " n"] | None,
        weight: Float[ndarray, " n"],
        group: Int[ndarray, " n"],
    ) -> Runs:
        """Sorted; of rows that repeat another's budget, x and loss one stays."""
        n = len(log_L)
        order = log_X.sum(axis=0) if log_budget is None else log_budget
        if order.shape != (n,):
            raise BadInput(f"columns must be equally long: the budget has {len(order)} of {n}")
        rows = np.concatenate([order[None], log_X, log_L[None]])
        _, first = np.unique(rows, axis=1, return_index=True)  # sorts by budget first
        notes: list[str] = []
        if len(first) < n:
            notes.append(f"{n - len(first)} rows that repeat another's x and loss are left out")
        if len(first) > _MOST:
            notes.append(f"{_MOST} of {len(first)} runs are tried, evenly in the order of budget")
            first = first[np.linspace(0, len(first) - 1, _MOST).round().astype(int)]
        weight = np.broadcast_to(weight, (n,))
        own = log_budget is None
        runs = cls(x, log_X, log_L, order, weight, group, own, tuple(notes))
        return runs.only(first)

    def defines(self, law: type[Law]) -> bool:
        """Whether the law is defined at every run."""
        return not law.least_x or float(self.log_X.min()) > math.log(law.least_x)

    def __len__(self) -> int:
        return len(self.log_L)

    def log_x(self, at: Mapping[str, float] | float) -> Float[ndarray, "v 1"]:
        """The logs of a run's x, in the order of the table's."""
        point = at if isinstance(at, Mapping) else {self.x[0]: at}
        if set(point) != set(self.x):
            raise BadInput(f"a forecast needs {', '.join(self.x)}; got {', '.join(point)}")
        values = np.array([[float(point[name])] for name in self.x])
        if not (np.isfinite(values) & (values > 0)).all():
            raise BadInput(f"a forecast needs positive, finite {', '.join(self.x)}")
        return np.log(values)

    def beyond(
        self, log_x: Float[ndarray, "v 1"], budget: float | None = None
    ) -> tuple[float, float]:
        """By what factor a run lies above the table, in budget or in some x, and below it; 1 for
        neither. budget: of that run, where it is a column of the caller's."""
        if self.own_budget != (budget is None):
            needs = "none but" if self.own_budget else "the budget of the run beside"
            raise BadInput(f"a forecast of this table needs {needs} {', '.join(self.x)}")
        log_budget = float(log_x.sum()) if budget is None else math.log(budget)
        above = np.max(log_x[:, 0] - self.log_X.max(axis=1))
        below = np.max(self.log_X.min(axis=1) - log_x[:, 0])
        above = max(float(above), log_budget - float(self.log_budget.max()), 0.0)
        return exp(above), exp(max(float(below), 0.0))

    def only(self, index: Int[ndarray, " m"]) -> Runs:
        """Some of the runs."""
        return replace(
            self,
            log_X=self.log_X[:, index],
            log_L=self.log_L[index],
            log_budget=self.log_budget[index],
            weight=self.weight[index],
            group=self.group[index],
        )
