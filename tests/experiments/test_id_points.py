"""id-points: d that settles is told from d that goes on growing."""

from __future__ import annotations

import pytest
from network_rows import CNN, LANGUAGE, NETWORKS, STUDENTS, rows

from scalinglaws.experiments import get
from scalinglaws.experiments.network_dimension.settings import BUDGETS
from scalinglaws.result import Budget, Findings, Row, Verdict

STUDENT = "[15, 28, 28, 2]"


def found(given: list[Row], budget: Budget = Budget.QUICK) -> Findings:
    return get("id-points").analyse(given, BUDGETS[budget], budget)


def verdicts(findings: Findings) -> list[Verdict]:
    return [judged.verdict for judged in findings.claims]


def test_d_that_grows_by_a_twentieth_per_factor_of_four_agrees():
    findings = found(rows(of_n=lambda n: 1.05 ** (n / 12000)))
    assert verdicts(findings) == [Verdict.AGREES] * 3


@pytest.mark.parametrize("growth", [1.2, 1 / 1.2])
def test_d_that_moves_by_a_fifth_per_factor_of_four_differs(growth: float):
    findings = found(rows(of_n=lambda n: growth if n > 3000 else 1.0))
    assert verdicts(findings) == [Verdict.DIFFERS] * 3
    for judged in findings.claims:
        assert judged.measured is not None
        assert judged.measured.value == pytest.approx(growth - 1, abs=0.03)


def test_growth_before_the_last_factor_of_four_is_no_matter():
    findings = found(rows(of_n=lambda n: 1.0 if n >= 3000 else 0.5))
    assert verdicts(findings) == [Verdict.AGREES] * 3


def test_without_images_or_a_model_their_claims_are_skipped_and_smoke_judges_nothing():
    students = rows(names=(STUDENT,))
    assert verdicts(found(students)) == [Verdict.AGREES, *2 * [Verdict.SKIPPED]]
    assert verdicts(found(students, Budget.SMOKE))[0] is Verdict.INCONCLUSIVE


def test_no_rows_at_all_are_no_error():
    assert verdicts(found([])) == [Verdict.INCONCLUSIVE, *2 * [Verdict.SKIPPED]]


def test_the_figure_has_a_panel_per_network_with_the_inputs_beside_a_student():
    (figure,) = found(rows(names=(STUDENT, CNN, LANGUAGE))).figures
    student, cnn, language = figure.panels
    assert language.title == f"SmolLM2-135M, 4-bit, instruction-tuned: {LANGUAGE}"
    assert student.title == f"student {STUDENT}, {STUDENTS[STUDENT]} features"
    assert [s.label for s in student.series] == [
        "$k = 2$",
        "$k = 3$",
        "$k = 4$",
        "MLE, 20",
        "inputs, $k = 2$",
    ]
    assert len(cnn.series) == 4
    assert cnn.series[0].x == (750, 1500, 3000, 6000, 12000)


def test_the_notes_say_how_many_networks_there_were():
    notes = found(rows(names=(STUDENT, CNN, LANGUAGE))).notes
    assert notes[0].startswith(f"{NETWORKS} students {STUDENT}, 1000 parameters")
    assert notes[1].startswith(f"{NETWORKS} CNNs on {CNN}, 1000 parameters, 4 epochs")
    assert "SmolLM2-135M, 4-bit, instruction-tuned; the paper's is GPT-2" in notes[-1]


def test_networks_without_a_d_are_named_and_the_others_judged():
    given = rows(names=(STUDENT,))
    (first, *_) = (row for row in given if row["kind"] == "network")
    given.append({**first, "kind": "collapsed", "trial": NETWORKS})
    student, *_ = found(given).claims
    assert student.verdict is Verdict.AGREES
    assert student.reason == f"{STUDENT}: 1 sets of activations at too few places to have a d."
    assert student.reason in found(given).notes
