"""What every estimator of d returns."""

from __future__ import annotations

from dataclasses import dataclass

from scalinglaws.estimate import LEVEL, Estimate


@dataclass(frozen=True)
class Dimension:
    """An intrinsic dimension with its interval.

    The interval covers the estimator's own mean over data sets of this size, E[d-hat], not its
    bias: boundaries put E[d-hat] below the true d, the further the larger d is; noise and
    curvature put it above.
    """

    d: float
    stderr: float
    lo: float
    hi: float
    n: int  # distinct points
    k: int  # neighbours used
    method: str
    level: float = LEVEL

    @classmethod
    def of(cls, estimate: Estimate, *, n: int, k: int, method: str) -> Dimension:
        """The estimate together with what it was made from."""
        e = estimate
        return cls(e.value, e.stderr, e.lo, e.hi, n, k, method, e.level)

    @property
    def estimate(self) -> Estimate:
        return Estimate(self.d, self.stderr, self.lo, self.hi, self.level)
