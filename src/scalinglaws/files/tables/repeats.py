"""Rows that equal an earlier one, seen by a hash of every whole row."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Int
from numpy import ndarray


def repeated(hashes: Int[ndarray, " n"]) -> Bool[ndarray, " n"]:
    """Which rows repeat an earlier one."""
    again = np.ones(len(hashes), dtype=bool)
    again[np.unique(hashes, return_index=True)[1]] = False
    return again
