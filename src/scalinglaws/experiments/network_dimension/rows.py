"""Rows of trained networks -> a quantity of every network -> its mean with an interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import cast

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.laws.quantile import student
from scalinglaws.result import Row, Value


class Error(Enum):
    """What the error of a mean is made of."""

    SCATTER = "scatter of the networks"  # each measured on points of its own
    BOTH = "scatter, and the estimator's error"  # all on the same points, which it leaves out
    OWN = "the estimator's error"  # nothing was trained


@dataclass(frozen=True)
class Measured:
    """A quantity of several equal networks, and the estimator's own error in each."""

    value: Float[ndarray, " networks"]
    own: Float[ndarray, " networks"]
    error: Error

    def mean(self) -> Estimate | None:
        """The mean with its 95 % interval, Student's where networks scatter."""
        count = len(self.value)
        if not count:
            return None
        value, own = float(self.value.mean()), float(self.own.mean())
        if self.error is Error.OWN:
            return Estimate.normal(value, own)
        stderr = float(self.value.std(ddof=1)) / math.sqrt(count) if count > 1 else math.inf
        arm = student(LEVEL, count - 1) * stderr
        scatter = Estimate(value, stderr, value - arm, value + arm)
        return scatter.with_systematic(own) if self.error is Error.BOTH else scatter

    def change_from(self, other: Measured) -> Measured:
        """self / other - 1, network by network; own errors as if independent."""
        ratio = self.value / other.value
        own = ratio * np.hypot(self.own / self.value, other.own / other.value)
        return Measured(ratio - 1, own, self.error)

    def minus(self, other: Measured) -> Measured:
        """self - other, network by network; own errors as if independent."""
        return Measured(self.value - other.value, np.hypot(self.own, other.own), self.error)


def where(rows: Sequence[Row], **fields: Value) -> list[Row]:
    """The rows with these values, in the order of their networks."""
    kept = list(rows)
    for name, value in fields.items():
        kept = [row for row in kept if row.get(name) == value]
    return sorted(kept, key=lambda row: number(row, "trial") if has(row, "trial") else 0.0)


def measured(rows: Sequence[Row], name: str, **fields: Value) -> Measured:
    """The quantity `name` with its error `name_stderr`, one row per network."""
    own = [row for row in where(rows, **fields) if row.get(name) is not None]
    pairs = [(number(row, name), number(row, f"{name}_stderr")) for row in own]
    value, error = np.array(pairs, dtype=float).reshape(-1, 2).T
    return Measured(value, error, _error_of(own))


def _error_of(rows: Sequence[Row]) -> Error:
    if not any(has(row, "trial") for row in rows):
        return Error.OWN
    return Error.BOTH if any(has(row, "epochs") for row in rows) else Error.SCATTER


def networks(rows: Sequence[Row]) -> tuple[str, ...]:
    """Names of the trained networks there are rows of: students by their features, then CNNs."""
    trained = [row for row in rows if row["kind"] == "network" and row.get("epochs") != 0]
    order = {
        str(row["network"]): number(row, "features") if has(row, "features") else math.inf
        for row in trained
    }
    return tuple(sorted(order, key=lambda name: (order[name], name)))


def has(row: Row, name: str) -> bool:
    """Rows that were read back from a ledger have every column, empty where theirs have none."""
    return row.get(name) is not None


def number(row: Row, name: str) -> float:
    return float(cast(float, row[name]))
