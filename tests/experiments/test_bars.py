"""Bars of a figure's points are the intervals of what was measured."""

from __future__ import annotations

import math

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.bars import with_bars

KNOWN = Estimate(4.0, 1.0, 2.0, 7.0)
OPEN = Estimate(5.0, 2.0, 1.0, math.inf)
UNKNOWN = Estimate(6.0, math.inf, 0.0, math.inf)


def test_an_open_end_and_an_unknown_error_have_no_bar():
    series = with_bars("d", [(1, KNOWN), (2, OPEN), (3, UNKNOWN)], 0)
    assert series.y == (4.0, 5.0, 6.0)
    assert series.lo == (2.0, 1.0, 6.0)
    assert series.hi == (7.0, 5.0, 6.0)


def test_only_an_axis_with_errors_has_bars():
    series = with_bars("k", [(KNOWN, 2), (3.0, 3)], 1, "open")
    assert (series.x, series.x_lo, series.x_hi) == ((4.0, 3.0), (2.0, 3.0), (7.0, 3.0))
    assert (series.y, series.lo, series.hi) == ((2.0, 3.0), None, None)
    assert (series.color, series.marker) == (1, "open")
