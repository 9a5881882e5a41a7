"""Systematic errors of the lines through families."""

from __future__ import annotations

import math
from itertools import chain

import pytest
from student_rows import family

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.students.families import families
from scalinglaws.experiments.students.lines import (
    Systematics,
    systematics,
    with_systematics,
    with_teachers,
)
from scalinglaws.experiments.students.widths import geometric


def test_the_shift_of_the_start_is_that_of_the_slope_without_the_smallest_sizes():
    """Losses of the smallest width are doubled: their alpha, and no other, is too large."""
    rows = list(
        chain(*(family(k, 4 / k, float(k), geometric(3 * k, 6), noise=1e-3) for k in (4, 6, 8)))
    )
    straight = systematics(families(rows), [], lambda lines: lines.through_origin)
    for row in rows:
        row["L"] *= 2 if row["n"] == 3 * row["k"] else 1
    bent = systematics(families(rows), [], lambda lines: lines.through_origin)
    assert abs(straight.start) < 0.01
    assert bent.start > 0.1  # towards the true slope, from one too small
    _, why = with_systematics(Estimate.normal(1.0, 0.05), bent)
    assert why.startswith("without the smallest sizes")


def test_few_teachers_lengthen_the_interval_by_student_s_quantile_for_their_share():
    slope = Estimate.normal(1.0, 0.1)
    alone, _ = with_systematics(slope, Systematics(None, teachers=1e6 * 0.1, teacher_dof=1))
    assert alone.half_width == pytest.approx(12.706 * 1e6 * 0.1, rel=1e-3)
    assert with_teachers(slope, Systematics(9.0, teachers=1e5, teacher_dof=1)) == alone
    little, _ = with_systematics(slope, Systematics(None, teachers=0.01, teacher_dof=1))
    assert little.half_width == pytest.approx(1.96 * math.hypot(0.1, 0.01), rel=1e-3)
