"""Forecasts: within the table the law's band, beyond it what back-tests on the table vouch for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scalinglaws.estimate import Estimate
    from scalinglaws.laws import Fit, FitStatus
    from scalinglaws.laws.forecast import BackTest

Point = Mapping[str, float]


@dataclass(frozen=True)
class Forecast:
    """The loss of a new run at a point. outside: the factor by which it lies outside the table.

    horizon: 1 unless it lies above the table. unsupported: why back-tests do not vouch for it.
    """

    at: Point
    loss: Estimate
    status: FitStatus
    outside: float = 1.0
    horizon: float = 1.0
    unsupported: str = ""

    @property
    def notes(self) -> Iterator[str]:
        """What to know about one beyond the table."""
        if self.outside <= 1:
            return
        where = f"{point_text(self.at)} lies a factor {self.outside:.3g} outside the fitted range"
        if self.unsupported:
            yield f"{where}, and back-tests on the table do not vouch for it: {self.unsupported}"
        elif self.horizon > 1:
            yield f"{where}; the interval is as wide as back-tests on the table needed there"
        else:
            yield f"{where}; back-tests only look upwards: the interval is the law's own claim"


def point_text(point: Point) -> str:
    return ",".join(f"{name}={value:g}" for name, value in point.items())


@dataclass(frozen=True)
class Ahead:
    """Forecasts of a fitted law, with one back-test for all that lie beyond its table."""

    fitted: Fit

    @cached_property
    def test(self) -> BackTest:
        from scalinglaws.laws.forecast import back_test_of

        return back_test_of(self.fitted)

    def at(self, points: Sequence[Point]) -> list[Forecast]:
        from scalinglaws.laws.forecast import forecast

        outside = [self.outside(point) for point in points]
        inside = [point for point, factor in zip(points, outside, strict=True) if factor <= 1]
        claims = iter(self.fitted.predictions(inside))
        found: list[Forecast] = []
        for point, factor in zip(points, outside, strict=True):
            if factor <= 1:
                found.append(Forecast(point, next(claims), self.fitted.status_at(point)))
                continue
            one = forecast(self.fitted, point, test=self.test)
            found.append(Forecast(point, one.loss, one.status, factor, one.horizon, one.reason))
        return found

    def outside(self, point: Point) -> float:
        """The factor by which a point lies outside the table: in an x, or above it in the product
        of all, which is what a run costs."""
        beyond = self.fitted.beyond(point)
        spent = sum(math.log(point[name]) for name in self.fitted.x)
        most = float(np.log(self.fitted.X).sum(axis=0).max())
        return beyond if spent <= most else max(beyond, math.exp(min(spent - most, 700.0)))


def stacked(fitted: Fit, beyond: Sequence[Forecast]) -> Iterator[str]:
    """What all laws say together, each weighted by how it did in back-tests; nothing where these
    are too few to weigh by, or leave the fitted law out."""
    from scalinglaws.errors import BadInput
    from scalinglaws.laws.forecast import back_test_of, stack
    from scalinglaws.laws.forecast.conformal import least

    if not beyond:
        return
    try:
        test = back_test_of(fitted, every_law=True, reach=max(one.outside for one in beyond))
    except BadInput:
        return  # the table is too small for any other law
    if len(test.horizon) < least(fitted.level) or fitted.law.name not in test.laws:
        return
    found = stack(test, level=fitted.level)
    heavy = sorted(found.weight.items(), key=lambda w: -w[1])[:3]
    laws = ", ".join(f"{name} {weight:.0%}" for name, weight in heavy)
    for one in beyond:
        there = found.predict(one.at)
        doubt = ", for which back-tests do not vouch" if there.reason else ""
        yield (
            f"at {point_text(one.at)} a stack of {len(found.weight)} laws by back-test ({laws}) "
            f"says {there.loss.value:.4g} [{there.loss.lo:.4g}, {there.loss.hi:.4g}]{doubt}"
        )
