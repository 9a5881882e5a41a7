"""Stepped schedules of batch size and learning rate."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Stage:
    steps: int
    batch: int
    rate: float


class Schedule(StrEnum):
    """TABLE1: Sharma & Kaplan's Table 1, first row, scaled from its 240 000 steps.

    SETTLED, the default here, ends it with a stage at 1e-5, taken from the second half of the
    stage at 1e-3: the noise of Adam's last steps is part of the loss otherwise. A deviation.
    """

    TABLE1 = "table1"
    SETTLED = "settled"


def stages(schedule: Schedule, steps: int) -> tuple[Stage, ...]:
    """The schedule of a run of `steps` steps. Raises ValueError below 24 steps."""
    if steps < 24:
        raise ValueError(f"a schedule of three stages needs at least 24 steps, not {steps}")
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
