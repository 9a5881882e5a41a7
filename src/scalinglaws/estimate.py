"""A number never travels without its error."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import NormalDist

from scalinglaws.errors import BadInput

LEVEL = 0.95


def two_sided(level: float) -> float:
    """The Gaussian quantile between whose signs `level` lies. Raises BadInput unless 0..1."""
    if not 0 < level < 1:
        raise BadInput(f"the level of an interval lies between 0 and 1, got {level:g}")
    return NormalDist().inv_cdf(0.5 + level / 2)


@dataclass(frozen=True)
class Estimate:
    """A measured value with its standard error and a confidence interval.

    An end that the data leave open is infinite.
    """

    value: float
    stderr: float
    lo: float
    hi: float
    level: float = LEVEL

    @classmethod
    def normal(cls, value: float, stderr: float, level: float = LEVEL) -> Estimate:
        """value +- z stderr, z the two-sided Gaussian quantile at `level`.

        Raises BadInput unless 0 < level < 1.
        """
        z = two_sided(level)
        return cls(value, stderr, value - z * stderr, value + z * stderr, level)

    @classmethod
    def share(cls, count: int, of: int, level: float = LEVEL) -> Estimate:
        """A binomial share with Wilson's interval (1927, JASA 22, 209), which holds near 0 and 1.

        Raises BadInput unless 0 < level < 1.
        """
        z, p = two_sided(level), count / of
        centre = (p + z**2 / (2 * of)) / (1 + z**2 / of)
        half = z / (1 + z**2 / of) * math.sqrt(p * (1 - p) / of + z**2 / (4 * of**2))
        return cls(p, math.sqrt(p * (1 - p) / of), centre - half, centre + half, level)

    @property
    def half_width(self) -> float:
        """The longer arm of the interval: an asymmetric interval is not flattered.

        Not a number where an end is not: such an interval is not narrow.
        """
        arms = (self.hi - self.value, self.value - self.lo)
        return math.nan if any(map(math.isnan, arms)) else max(arms)

    @property
    def as_math(self) -> str:
        """value \\pm stderr to two digits of the error, as a label's mathematics."""
        known = 0 < self.stderr < math.inf
        decimals = max(0, 1 - math.floor(math.log10(self.stderr))) if known else 2
        return f"{self.value:.{decimals}f} \\pm {self.stderr:.{decimals}f}"

    def with_systematic(self, shift: float) -> Estimate:
        """The same value, its interval widened by a systematic error of standard size `shift`.

        Errors add in quadrature, each arm by itself: arm' = sqrt(arm^2 + (z shift)^2).
        """
        z = two_sided(self.level)
        return replace(
            self,
            stderr=math.hypot(self.stderr, shift),
            lo=self.value - math.hypot(self.value - self.lo, z * shift),
            hi=self.value + math.hypot(self.hi - self.value, z * shift),
        )

    def over(self, other: Estimate) -> Estimate:
        """The quotient of two independent positive quantities of one level.

        Arms of the logarithms add in quadrature, each side by itself; where `other` may be 0 or
        less the upper end is open, where `self` may be the lower end is 0.
        """
        value = self.value / other.value
        (below, above), (other_below, other_above) = self._log_arms, other._log_arms
        down, up = math.hypot(below, other_above), math.hypot(above, other_below)
        relative = math.hypot(self.stderr / self.value, other.stderr / other.value)
        hi = value * math.exp(up) if up < math.inf else math.inf
        return replace(
            self, value=value, stderr=value * relative, lo=value * math.exp(-down), hi=hi
        )

    @property
    def _log_arms(self) -> tuple[float, float]:
        """How far the interval of the logarithm reaches down and up; infinite at 0."""
        down = math.log(self.value / self.lo) if self.lo > 0 else math.inf
        return down, math.log(self.hi / self.value)

    def map_monotone(self, f: Callable[[float], float], derivative: float) -> Estimate:
        """The estimate of f(value) for a monotone f; `derivative` is f'(value)."""
        lo, hi = sorted((f(self.lo), f(self.hi)))
        return replace(
            self, value=f(self.value), stderr=abs(derivative) * self.stderr, lo=lo, hi=hi
        )
