"""id-linearity: a straight relation is told from a bent one."""

from __future__ import annotations

import pytest
from network_rows import CNN, LANGUAGE, STUDENTS, rows

from scalinglaws.experiments import get
from scalinglaws.experiments.network_dimension.settings import BUDGETS
from scalinglaws.result import Budget, Findings, Row, Verdict


def found(given: list[Row]) -> Findings:
    return get("id-linearity").analyse(given, BUDGETS[Budget.QUICK], Budget.QUICK)


@pytest.mark.parametrize(
    ("bend", "verdict"),
    [
        (0.0, Verdict.AGREES),
        (0.05, Verdict.AGREES),
        (0.2, Verdict.DIFFERS),
        (-0.2, Verdict.DIFFERS),
    ],
)
def test_a_bend_beyond_a_tenth_differs(bend: float, verdict: Verdict):
    assert [judged.verdict for judged in found(rows(bend=bend)).claims] == [verdict] * 3


def test_one_bent_network_is_enough():
    given = rows(names=(*STUDENTS, LANGUAGE)) + rows(names=(CNN,), bend=0.3)
    verdicts = [judged.verdict for judged in found(given).claims]
    assert verdicts == [Verdict.AGREES, Verdict.DIFFERS, Verdict.AGREES]


def test_the_lines_of_the_figure_pass_through_the_points_of_a_straight_relation():
    (figure,) = found(rows()).figures
    assert len(figure.panels) == 4
    for panel in figure.panels:
        used, rest, line = panel.series[:3]
        slope = line.y[1] / line.x[1]
        for points in (used, rest):
            assert points.y == pytest.approx([slope * x for x in points.x])
        assert (used.marker, rest.marker) == ("filled", "open")


def test_no_rows_at_all_are_no_error():
    assert [j.verdict for j in found([]).claims] == [Verdict.INCONCLUSIVE, *2 * [Verdict.SKIPPED]]
