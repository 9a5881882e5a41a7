"""Where profiles cross their limit, many searches in step.

A search walks from a value inside the interval outwards and asks for the excess of F over its
limit at the values that it tries. What all searches of one round ask for is found at one time: a
batch of descents costs little more than one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

# Steps outward before an end counts as open; most ends lie within the first two.
_DOUBLINGS = (np.arange(1, 3), np.arange(3, 9), np.arange(9, 41))
_TOGETHER = 8  # values of a profile that are tried at once
_ROUNDS = 2  # of closing in on an end, each to a ninth; the rest is interpolated

Values = Float[ndarray, " m"]


class Ask(NamedTuple):
    """Values at which a search wants the excess; `thorough`: from many starts."""

    values: Values
    thorough: bool = False


Search = Generator[Ask, Values, float]
Excess = Callable[[Sequence[tuple[int, Ask]]], Sequence[Values]]  # each with its search's number


def ends(searches: Sequence[Search], excess: Excess) -> list[float]:
    """What each search comes to."""
    found = [math.nan] * len(searches)
    asked = [(number, next(search)) for number, search in enumerate(searches)]
    while asked:
        answers, going = excess(asked), list[tuple[int, Ask]]()
        for (number, _), values in zip(asked, answers, strict=True):
            try:
                going.append((number, searches[number].send(values)))
            except StopIteration as end:
                found[number] = end.value
        asked = going
    return found


def lower_end(inside: float, step: float, *, valleys: bool) -> Search:
    """Of an interval that holds `inside` and none below 0: 0 where the limit allows it."""
    (at_zero,) = yield Ask(np.zeros(1), True)
    if at_zero <= 0:
        return 0.0
    return (yield from crossing(inside, -step, 0.0, valleys=valleys))


def crossing(inside: float, step: float, limit: float | None = None, *, valleys: bool) -> Search:
    """Where the excess turns positive on the way from `inside` by growing steps, for good.

    valleys: a law of several terms may have valleys apart, one term doing in one what another does
    elsewhere; the interval reaches over all that a look beyond the first end finds. Infinite when
    there is no end, be it up to `limit`.
    """
    values, found, within, sure = np.array([inside]), np.array([-math.inf]), 0, 0
    for doublings in _DOUBLINGS:
        with np.errstate(over="ignore"):
            ahead = inside + step * (2.0**doublings - 1)
        if limit is not None:
            beyond = (ahead - limit) * np.sign(step) >= 0
            ahead = np.append(ahead[~beyond], [limit] if beyond.any() else [])
        was_beyond = not found[-1] <= 0
        values, found = np.append(values, ahead), np.append(found, (yield Ask(ahead)))
        within, sure = yield from _last_within(values, found, sure)
        ended = within < len(values) - 1 and (was_beyond or not valleys)
        if ended or (limit is not None and values[-1] == limit):
            break
    if within == len(values) - 1:
        return math.copysign(math.inf, step)
    (near, far), (F_near, F_far) = (v[within : within + 2].tolist() for v in (values, found))
    return (yield from _close_in(near, F_near, far, F_far, valleys=valleys))


def _last_within(
    values: Values, found: Values, sure: int
) -> Generator[Ask, Values, tuple[int, int]]:
    """The last value within the limit, and the one after it, which lies beyond in earnest: where
    descents got stuck many starts free them, and `found` is put right. sure: known to be beyond."""
    last = int(np.flatnonzero(found <= 0)[-1])
    for i in range(last + 1, len(values)):
        if i != sure:
            (found[i],) = yield Ask(values[i : i + 1], True)
        if not found[i] <= 0:  # what overflows is far beyond
            return i - 1, i
    return len(values) - 1, 0


def _close_in(near: float, F_near: float, far: float, F_far: float, *, valleys: bool) -> Search:
    """The end between a value within the limit and one beyond it."""
    for _ in range(_ROUNDS):
        values = np.linspace(near, far, _TOGETHER + 2)[1:-1]
        found = yield Ask(values)
        first = yield from _first_beyond(values, found, earnest=valleys)
        if first:
            near, F_near = float(values[first - 1]), float(found[first - 1])
        if first < len(values):
            far, F_far = float(values[first]), float(found[first])
    share = -F_near / (F_far - F_near) if math.isfinite(F_far) and math.isfinite(F_near) else 0.5
    return near + min(max(share, 0.0), 1.0) * (far - near)


def _first_beyond(values: Values, found: Values, *, earnest: bool) -> Generator[Ask, Values, int]:
    """The first value beyond the limit, as `_last_within` has it where in earnest."""
    for i in np.flatnonzero(~(found <= 0)):
        if earnest:
            (found[i],) = yield Ask(values[i : i + 1], True)
        if not found[i] <= 0:
            return int(i)
    return len(values)
