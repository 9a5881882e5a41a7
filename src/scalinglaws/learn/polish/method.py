"""The methods of a second stage."""

from __future__ import annotations

from enum import StrEnum

POINTS = 20_000  # of the batch that some of them work on


class Method(StrEnum):
    """DECAY: more Adam at a falling rate on growing batches. REVIVAL: the same after dead units
    are given new weights. CYCLES: revival, then the annealed schedule from its first rate on, by
    turns. LBFGS, LM: in float64 on one large batch."""

    DECAY = "decay"
    REVIVAL = "revival"
    CYCLES = "cycles"
    LBFGS = "lbfgs"
    LM = "lm"


LENGTHS = {  # steps or iterations; those of Adam see the same points
    Method.DECAY: 4600,
    Method.REVIVAL: 4600,
    Method.CYCLES: 72_000,
    Method.LBFGS: 400,
    Method.LM: 30,
}
