"""Stepped schedules of batch size and learning rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

_ANNEALING = 40  # stages of a falling rate


@dataclass(frozen=True)
class Stage:
    steps: int
    batch: int
    rate: float


class Schedule(StrEnum):
    """TABLE1: Sharma & Kaplan's Table 1, first row, scaled from its 240 000 steps.

    SETTLED, the default here, ends it with a stage at 1e-5, taken from the second half of the
    stage at 1e-3: the noise of Adam's last steps is part of the loss otherwise. A deviation.
    ANNEALED: batches of 200 throughout, half the steps at 1e-2, then a rate that falls
    exponentially to 1e-5. Another deviation: of as many points it makes better use.
    VETTED: Table 1's last row, scaled from its 170 000 steps: batches of 200 throughout.
    """

    TABLE1 = "table1"
    SETTLED = "settled"
    ANNEALED = "annealed"
    VETTED = "vetted"


def stages(schedule: Schedule, steps: int) -> tuple[Stage, ...]:
    """The schedule of a run of `steps` steps. Raises ValueError below 24 steps."""
    if steps < 24:
        raise ValueError(f"a schedule of several stages needs at least 24 steps, not {steps}")
    if schedule is Schedule.ANNEALED:
        return tuple(_annealed(steps))
    if schedule is Schedule.VETTED:
        second, third = steps * 5 // 17, steps * 2 // 17
        first = steps - second - third
        return Stage(first, 200, 1e-2), Stage(second, 200, 1e-3), Stage(third, 200, 1e-4)
    large, last = steps // 12, steps // 24
    first = steps - 2 * large
    if schedule is Schedule.TABLE1:
        return Stage(first, 200, 1e-2), Stage(large, 1000, 1e-2), Stage(large, 4000, 1e-3)
    return (
        Stage(first, 200, 1e-2),
        Stage(large, 1000, 1e-2),
        Stage(large - last, 4000, 1e-3),
        Stage(last, 4000, 1e-5),
    )


def points_of(schedule: Iterable[Stage]) -> int:
    """Points that such a run sees."""
    return sum(stage.steps * stage.batch for stage in schedule)


def _annealed(steps: int) -> Iterator[Stage]:
    """Half at the first rate, the rest in equal stages (or nearly), each rate below the last."""
    first, count = steps // 2, min(_ANNEALING, steps - steps // 2)
    yield Stage(first, 200, 1e-2)
    ends = [first + (steps - first) * i // count for i in range(count + 1)]
    for i, (start, end) in enumerate(pairwise(ends)):
        yield Stage(end - start, 200, 1e-2 * 1e-3 ** ((i + 0.5) / count))
