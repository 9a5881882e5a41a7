"""Sums of positive terms by their logarithms, so that no term over- or underflows."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

Logs = Float[ndarray, "..."]


def log_sum(*logs: Logs) -> Logs:
    """log(e^a + e^b + ...), a + log(1 + e^(b-a) + ...) with a the largest; a term may be -inf."""
    largest, scaled = _scaled(logs)
    return largest + np.log(sum(scaled[1:], scaled[0]))


def shares(*logs: Logs) -> tuple[Logs, ...]:
    """e^a / (e^a + e^b + ...): d log_sum / d of each term."""
    _, scaled = _scaled(logs)
    total = sum(scaled[1:], scaled[0])
    return tuple(term / total for term in scaled)


def softplus(z: Logs) -> Logs:
    """log(1 + e^z): a bend from 0 to z."""
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def logistic(z: Logs) -> Logs:
    """1 / (1 + e^-z), the slope of softplus."""
    return np.exp(-softplus(-z))


def _scaled(logs: tuple[Logs, ...]) -> tuple[Logs, list[Logs]]:
    """The largest of each point's terms, and all of them over it."""
    largest = logs[0]
    for term in logs[1:]:
        largest = np.maximum(largest, term)
    return largest, [np.exp(term - largest) for term in logs]
