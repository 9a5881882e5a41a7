"""What every estimator of d returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scalinglaws.estimate import LEVEL, Estimate

if TYPE_CHECKING:
    from scalinglaws.dimension.neighbors import Neighbors


@dataclass(frozen=True)
class Dimension:
    """An intrinsic dimension with its interval.

    The interval covers the estimator's own mean over data sets of this size, E[d-hat], not its
    bias: boundaries put E[d-hat] below the true d, the further the larger d is; noise and
    curvature put it above.

    Below 100 points it is too narrow: an error is itself known to 1/sqrt(points) only. On flat
    tori of 10, 20, 50, 100 points as few as 78, 86, 90, 92 % of 95 % intervals cover.
    """

    d: float
    stderr: float
    lo: float
    hi: float
    n: int  # distinct points
    k: int  # neighbours used; n1 of gride, which uses 2 n1; 0 where none are (pr, pca)
    method: str
    scale: float  # the length at which d was measured, in the data's units
    level: float = LEVEL
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, estimate: Estimate, nb: Neighbors, k: int, method: str, notes: tuple[str, ...] = ()
    ) -> Dimension:
        """The estimate with what it was made from; its scale is the median distance r_k."""
        e = estimate
        scale = float(np.median(nb.r[:, k - 1]))
        return cls(e.value, e.stderr, e.lo, e.hi, nb.n, k, method, scale, e.level, notes)

    @property
    def estimate(self) -> Estimate:
        return Estimate(self.d, self.stderr, self.lo, self.hi, self.level)
