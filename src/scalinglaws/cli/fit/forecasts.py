"""Forecasts: within the table the law's band, beyond it what back-tests on the table vouch for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scalinglaws.estimate import Estimate
    from scalinglaws.laws import Fit, FitStatus
    from scalinglaws.laws.forecast import BackTest

Point = Mapping[str, float]


@dataclass(frozen=True)
class Forecast:
    """The loss of a new run at a point."""

    at: Point
    loss: Estimate
    status: FitStatus


def point_text(point: Point) -> str:
    return ",".join(f"{name}={value:g}" for name, value in point.items())


def forecast_all(fitted: Fit, points: Sequence[Point]) -> tuple[list[Forecast], list[str]]:
    """Every forecast, and what to know about those beyond the table."""
    from scalinglaws.laws.forecast import back_test_of, forecast

    test: BackTest | None = None
    found: list[Forecast] = []
    notes: list[str] = []
    for point in points:
        if fitted.beyond(point) <= 1:
            found.append(Forecast(point, fitted.predict(point), fitted.status_at(point)))
            continue
        test = test or back_test_of(fitted)
        one = forecast(fitted, point, test=test)
        found.append(Forecast(point, one.loss, one.status))
        notes.append(_beyond(fitted, point, one.reason))
    return found, notes + _stacked(fitted, [one for one in found if fitted.beyond(one.at) > 1])


def _beyond(fitted: Fit, point: Point, unsupported: str) -> str:
    where = f"{point_text(point)} lies a factor {fitted.beyond(point):.3g} outside the fitted range"
    if unsupported:
        return f"{where}, and back-tests on the table do not vouch for it: {unsupported}"
    return f"{where}; the interval is as wide as back-tests on the table needed there"


def _stacked(fitted: Fit, beyond: Sequence[Forecast]) -> list[str]:
    """What all laws say together, each weighted by how it did in back-tests."""
    from scalinglaws.errors import BadInput
    from scalinglaws.laws.forecast import back_test_of, stack

    if not beyond:
        return []
    try:
        test = back_test_of(fitted, every_law=True, reach=max(fitted.beyond(o.at) for o in beyond))
        stacked = stack(test, level=fitted.level)
    except BadInput:
        return []  # the table is too small for any other law
    said: list[str] = []
    for one in beyond:
        loss = stacked.predict(one.at).loss
        heavy = sorted(stacked.weight.items(), key=lambda w: -w[1])[:3]
        laws = ", ".join(f"{name} {weight:.0%}" for name, weight in heavy)
        said.append(
            f"at {point_text(one.at)} a stack of {len(stacked.weight)} laws by back-test ({laws}) "
            f"says {loss.value:.4g} [{loss.lo:.4g}, {loss.hi:.4g}]"
        )
    return said
