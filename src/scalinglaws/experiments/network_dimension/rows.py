"""Rows of trained networks -> a quantity of every network -> its mean with an interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import cast

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.experiments.network_dimension.measures import COLLAPSED
from scalinglaws.laws.quantile import student
from scalinglaws.result import Row, Value


class Network(Enum):
    """What was trained, in the order of tables and figures."""

    STUDENT = auto()
    CNN = auto()
    LANGUAGE = auto()


class Error(Enum):
    """What the error of a mean is made of."""

    SCATTER = "scatter of the networks"  # each measured on points of its own
    BOTH = "scatter, and the estimator's error"  # all on the same points, which it leaves out
    OWN = "the estimator's error"  # nothing was trained


@dataclass(frozen=True)
class Measured:
    """A quantity of several equal networks, and the estimator's own error in each.

    trial: tells the networks apart; nothing else that was measured of one has another's.
    """

    value: Float[ndarray, " networks"]
    own: Float[ndarray, " networks"]
    trial: Int[ndarray, " networks"]
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
        mine, its = self._paired(other)
        ratio = mine.value / its.value
        own = ratio * np.hypot(mine.own / mine.value, its.own / its.value)
        return Measured(ratio - 1, own, mine.trial, self.error)

    def minus(self, other: Measured) -> Measured:
        """self - other, network by network; own errors as if independent."""
        mine, its = self._paired(other)
        own = np.hypot(mine.own, its.own)
        return Measured(mine.value - its.value, own, mine.trial, self.error)

    def _paired(self, other: Measured) -> tuple[Measured, Measured]:
        """Both, of the networks that both were measured of."""
        trial, mine, its = np.intersect1d(self.trial, other.trial, return_indices=True)
        return (
            Measured(self.value[mine], self.own[mine], trial, self.error),
            Measured(other.value[its], other.own[its], trial, other.error),
        )


def where(rows: Sequence[Row], **fields: Value) -> list[Row]:
    """The rows with these values, in the order of their networks."""
    kept = list(rows)
    for name, value in fields.items():
        kept = [row for row in kept if row.get(name) == value]
    return sorted(kept, key=lambda row: number(row, "trial") if has(row, "trial") else 0.0)


def measured(rows: Sequence[Row], name: str, **fields: Value) -> Measured:
    """The quantity `name` with its error `name_stderr`, one row per network."""
    own = [row for row in where(rows, **fields) if row.get(name) is not None]
    return Measured(
        np.array([number(row, name) for row in own]),
        np.array([number(row, f"{name}_stderr") for row in own]),
        np.array([number(row, "trial") if has(row, "trial") else 0 for row in own], dtype=int),
        _error_of(own),
    )


def _error_of(rows: Sequence[Row]) -> Error:
    if not any(has(row, "trial") for row in rows):
        return Error.OWN
    return Error.BOTH if any(has(row, "epochs") for row in rows) else Error.SCATTER


def networks(rows: Sequence[Row], *kinds: Network) -> tuple[str, ...]:
    """Names of the trained networks there are rows of, of these kinds or of all: students by
    their features, then CNNs, then a language model's layers."""
    trained = [row for row in rows if row["kind"] == "network" and row.get("epochs") != 0]
    order = {
        str(row["network"]): (kind.value, number(row, "features") if has(row, "features") else 0.0)
        for row in trained
        if (kind := kind_of(row)) in (kinds or Network)
    }
    return tuple(sorted(order, key=lambda name: (order[name], name)))


def kind_of(row: Row) -> Network:
    """Of which kind the network is that the row is about."""
    if has(row, "features"):
        return Network.STUDENT
    return Network.LANGUAGE if has(row, "sequences") else Network.CNN


def collapsed(rows: Sequence[Row], network: str) -> str:
    """How many sets of activations have no d; empty if all have one."""
    count = len(where(rows, kind=COLLAPSED, network=network))
    return f"{network}: {count} sets of activations at too few places to have a d." if count else ""


def has(row: Row, name: str) -> bool:
    """Rows that were read back from a ledger have every column, empty where theirs have none."""
    return row.get(name) is not None


def number(row: Row, name: str) -> float:
    return float(cast(float, row[name]))
