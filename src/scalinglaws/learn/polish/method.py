"""The methods of a second stage."""

from __future__ import annotations

from enum import StrEnum

POINTS = 20_000  # of the batch that some of them work on


class Method(StrEnum):
    """DECAY: more Adam at a falling rate on growing batches. REVIVAL: the same after dead units
    are given new weights. LBFGS, LM: in float64 on one large batch."""

    DECAY = "decay"
    REVIVAL = "revival"
    LBFGS = "lbfgs"
    LM = "lm"
