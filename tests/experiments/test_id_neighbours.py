"""id-neighbours: d that falls slowly with k is told from one that falls at once, or rises."""

from __future__ import annotations

import math

import pytest
from network_rows import STUDENTS, rows

from scalinglaws.experiments import get
from scalinglaws.experiments.network_dimension.measures import NEIGHBOURS
from scalinglaws.experiments.network_dimension.settings import STUDENT_BUDGETS
from scalinglaws.result import Budget, Findings, Row, Verdict


def found(given: list[Row]) -> Findings:
    return get("id-neighbours").analyse(given, STUDENT_BUDGETS[Budget.QUICK], Budget.QUICK)


@pytest.mark.parametrize(
    ("per_doubling", "few", "more"),
    [
        (0.97, Verdict.AGREES, Verdict.AGREES),
        (0.80, Verdict.DIFFERS, Verdict.AGREES),
        (1.03, Verdict.AGREES, Verdict.DIFFERS),
        (1.00, Verdict.AGREES, Verdict.INCONCLUSIVE),
    ],
)
def test_a_d_that_changes_by_a_factor_per_doubling_of_k(
    per_doubling: float, few: Verdict, more: Verdict
):
    given = rows(of_k=lambda k: per_doubling ** math.log2(k / 2), names=tuple(STUDENTS))
    assert [judged.verdict for judged in found(given).claims] == [few, more]


def test_the_figure_shows_every_k_of_both_students_and_of_their_inputs():
    (figure,) = found(rows(names=tuple(STUDENTS))).figures
    assert [panel.title for panel in figure.panels] == [
        f"student {name}, {features} features" for name, features in STUDENTS.items()
    ]
    for panel in figure.panels:
        line, inputs, mle, _ = panel.series
        assert line.x == inputs.x == NEIGHBOURS
        assert mle.x == NEIGHBOURS[2:]


def test_no_rows_at_all_are_no_error():
    assert {judged.verdict for judged in found([]).claims} == {Verdict.INCONCLUSIVE}


def test_inputs_that_were_not_measured_are_left_out():
    given = [row for row in rows(names=tuple(STUDENTS)) if "trial" in row]
    (figure,) = found(given).figures
    assert [len(panel.series) for panel in figure.panels] == [2, 2]
