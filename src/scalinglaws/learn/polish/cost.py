"""What a second stage costs."""

from __future__ import annotations

from collections.abc import Sequence

from scalinglaws.learn.polish.cycles import turns
from scalinglaws.learn.polish.decay import falling
from scalinglaws.learn.polish.method import POINTS, Method


def flop(method: Method, parameters: Sequence[int], steps: int, points: int = POINTS) -> float:
    """Roughly, of students of so many parameters; of those in float64 twice, as long as they take.

    LBFGS evaluates 1.3 times an iteration; LM's matrix J^T J costs 2 per point and pair.
    """
    match method:
        case Method.DECAY | Method.REVIVAL | Method.CYCLES:
            return 6 * sum(parameters) * points_of(method, steps, 0)
        case Method.LBFGS:
            return 2 * 1.3 * 6 * sum(parameters) * points * steps
        case Method.LM:
            return 2 * 2 * sum(P**2 for P in parameters) * points * steps


def points_of(method: Method, steps: int, points: int = POINTS) -> int:
    """Points that the teacher answers."""
    match method:
        case Method.DECAY:
            return sum(stage.steps * stage.batch for stage in falling(steps))
        case Method.REVIVAL:
            return points_of(Method.DECAY, steps) + points
        case Method.CYCLES:
            return sum(points + sum(s.steps * s.batch for s in turn) for turn in turns(steps))
        case Method.LBFGS | Method.LM:
            return points
