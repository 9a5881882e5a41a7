"""What a second stage costs."""

from __future__ import annotations

from collections.abc import Sequence

from scalinglaws.learn.polish.cycles import turns
from scalinglaws.learn.polish.decay import falling
from scalinglaws.learn.polish.method import POINTS, Method
from scalinglaws.learn.schedule import points_of


def flop_of(method: Method, parameters: Sequence[int], steps: int, points: int = POINTS) -> float:
    """Roughly, of students of so many parameters; of those in float64 twice, as long as they take.

    LBFGS evaluates 1.3 times an iteration; LM's matrix J^T J costs 2 per point and pair.
    """
    match method:
        case Method.DECAY | Method.REVIVAL | Method.CYCLES:
            return 6 * sum(parameters) * points_drawn(method, steps, 0)
        case Method.LBFGS:
            return 2 * 1.3 * 6 * sum(parameters) * points * steps
        case Method.LM:
            return 2 * 2 * sum(P**2 for P in parameters) * points * steps


def points_drawn(method: Method, steps: int, points: int = POINTS) -> int:
    """Points that the teacher answers."""
    match method:
        case Method.DECAY:
            return points_of(falling(steps))
        case Method.REVIVAL:
            return points_of(falling(steps)) + points
        case Method.CYCLES:
            return sum(points + points_of(turn) for turn in turns(steps))
        case Method.LBFGS | Method.LM:
            return points
