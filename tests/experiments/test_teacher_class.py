"""teacher-class: its claims follow from the rows and can fail."""

from __future__ import annotations

import dataclasses
import math

import pytest
from student_rows import family, inputs

from scalinglaws.errors import BadInput
from scalinglaws.experiments import get
from scalinglaws.experiments.students.families import families
from scalinglaws.experiments.teacher_class.settings import BUDGETS, KINDS, cells
from scalinglaws.experiments.teacher_class.statistics import Classes, product
from scalinglaws.result import Budget, Row, Verdict

QUICK = BUDGETS[Budget.QUICK]
WIDTHS = tuple(int(8 * 1.5**i) for i in range(5))
THEORY = {"tanh": 4.0, "biased": 3.0, "relu": 3.0}


def rows_of(products, *, half=None, teachers=3, spread=0.05, ks=(3,)):
    """Students of teachers whose alpha d is that of the class, times 1 +- spread by seed."""
    rows: list[Row] = []
    for k in ks:
        for kind in KINDS:
            for teacher in range(teachers):
                about = {"kind": kind, "teacher": teacher}
                d, own = 0.98 * k, 1 + spread * (teacher - (teachers - 1) / 2)
                rows.append(inputs(k, d, **about))
                lengths = {QUICK.steps: products[kind]} | (
                    {QUICK.steps // 2: half[kind]} if half else {}
                )
                for steps, ad in lengths.items():
                    of = {"steps": steps, "seed": teacher + 10 * KINDS.index(kind)}
                    rows += family(k, own * ad / d, d, WIDTHS, **of, **about)
    return rows


def verdicts(rows, budget=Budget.QUICK):
    found = get("teacher-class").analyse(rows, QUICK, budget)
    return {j.claim.id: j for j in found.claims}


def test_the_world_of_the_theory_agrees():
    judged = verdicts(rows_of(THEORY))
    assert {j.verdict for j in judged.values()} == {Verdict.AGREES}


@pytest.mark.parametrize("ad", [2.0, 5.0])
def test_the_same_product_for_every_class_agrees_with_no_theory(ad):
    judged = verdicts(rows_of(dict.fromkeys(KINDS, ad), spread=0.01))
    assert {judged[c].verdict for c in ("tanh", "biased-relu", "bias-free-relu")} == {
        Verdict.DIFFERS
    }
    assert judged["smooth-over-kinked"].verdict is Verdict.INCONCLUSIVE


def test_kinked_over_smooth_differs():
    judged = verdicts(rows_of({"tanh": 3.0, "biased": 4.0, "relu": 4.0}, spread=0.01))
    assert {j.verdict for j in judged.values()} == {Verdict.DIFFERS}


def test_the_interval_is_student_s_over_the_teachers():
    found = Classes(families(rows_of(THEORY, spread=0.1)), [])
    values = [product(f) for f in found.full if f.kin.teacher_kind == "tanh"]
    mean = sum(values) / 3
    sd = math.sqrt(sum((v - mean) ** 2 for v in values) / 2)
    estimate = found.mean("tanh", 3)
    assert estimate.value == pytest.approx(mean)
    assert estimate.half_width == pytest.approx(4.303 * sd / math.sqrt(3), rel=1e-3)


def test_training_length_widens_the_interval_of_the_mean_and_not_of_what_it_leaves_alone():
    slower = {kind: 0.8 * ad for kind, ad in THEORY.items()}
    every = families(rows_of(THEORY, half=slower))
    full = [f for f in every if f.steps == QUICK.steps]
    halves = [f for f in every if f.steps < QUICK.steps]
    found, alone = Classes(full, halves), Classes(full, [])
    assert found.drift("tanh", 3) == pytest.approx(0.8, abs=0.1)
    assert found.mean("tanh", 3).half_width > alone.mean("tanh", 3).half_width + 1
    # tanh less biased ReLU moves by 20 % of their difference alone.
    assert found.excess("tanh", "biased", 3).half_width < 0.7


def test_the_worst_k_is_judged():
    good, bad = rows_of(THEORY, ks=(3,)), rows_of({**THEORY, "tanh": 2.5}, ks=(4,))
    judged = verdicts(good + bad)
    assert judged["tanh"].verdict is Verdict.DIFFERS
    assert judged["tanh"].measured.value == pytest.approx(2.5, abs=0.1)
    assert judged["biased-relu"].verdict is Verdict.AGREES


def test_no_measurement_can_agree_with_both_theories():
    for claim in get("teacher-class").claims[:3]:
        for budget in Budget:
            assert claim.tolerance_at(budget) <= 0.5


def test_an_empty_sweep_is_not_measured():
    for judgement in verdicts([]).values():
        assert judgement.verdict is Verdict.INCONCLUSIVE


def test_every_table_and_figure_is_made():
    found = get("teacher-class").analyse(rows_of(THEORY), QUICK, Budget.QUICK)
    assert [t.id for t in found.tables] == ["classes", "families"]
    assert [len(f.panels) for f in found.figures] == [1, 1]


def test_classes_of_a_seed_differ_in_the_kind_of_teacher_alone():
    made = [cell.config for cell in cells(QUICK)]
    assert len({cell.key for cell in cells(QUICK)}) == len(made) == 9
    relu, biased, tanh = made[:3]
    assert [c.target.kind for c in (relu, biased, tanh)] == list(KINDS)
    target = dataclasses.replace(tanh.target, kind="relu")
    assert dataclasses.replace(tanh, target=target) == relu


@pytest.mark.parametrize("bad", [{"ks": (0,)}, {"teachers": 1}, {"steps": 40}, {"width_count": 2}])
def test_settings_that_no_family_can_meet_are_refused(bad):
    with pytest.raises(BadInput, match="teacher-class needs"):
        cells(dataclasses.replace(QUICK, **bad))
