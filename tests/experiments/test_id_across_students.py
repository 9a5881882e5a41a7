"""id-across-students: its claims follow from the rows and can fail."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from student_rows import METHODS, family, inputs

from scalinglaws.errors import BadInput
from scalinglaws.experiments import get
from scalinglaws.experiments.cnn import settings as cnn
from scalinglaws.experiments.id_across_students.settings import BUDGETS, cells, spread_cells
from scalinglaws.experiments.id_across_students.spread import spreads
from scalinglaws.experiments.teacher_student import settings as teacher_student
from scalinglaws.experiments.teacher_student.settings import smallest_width
from scalinglaws.result import Budget, Row, Verdict

QUICK = BUDGETS[Budget.QUICK]


def students(*, growth: float = 0.08, alpha=lambda k: 4 / k) -> list[Row]:
    """Of figure 3: d grows by that share over all widths."""
    rows: list[Row] = []
    for k in (2, 6):
        widths = [int(smallest_width("mse", k) * 1.3**j) for j in range(QUICK.width_count)]
        rows.append(inputs(k, float(k)))
        rows += family(k, alpha(k), float(k), widths, d_growth=growth, steps=QUICK.steps)
    return rows


def crowd(sd: float) -> list[Row]:
    """Of figure 20: 8 students of each of two sizes, whose d scatters by sd in units of d."""
    rng = np.random.default_rng(2)
    rows = list(family(10, 0.4, 8.0, (25, 32), trials=8, loss="kl", steps=QUICK.spread_steps))
    for row in rows:
        row |= {f"d_{m}": 8.0 * (1 + sd * rng.standard_normal()) for m in METHODS}
    return [inputs(10, 8.8), *rows]


def cnns(*d: float) -> list[Row]:
    """Three networks of each of several widths."""
    rows: list[Row] = []
    for i, of in enumerate(d):
        for trial in range(3):
            own: Row = {"dataset": "fashion-mnist", "n": 2 ** (i + 1), "trial": trial}
            own["N"] = 1000 * 2**i
            L = {"L_test": 0.5 / (i + 1), "L_train": 0.4 / (i + 1)}
            errors = {"error_test": 0.2 / (i + 1), "error_train": 0.1 / (i + 1)}
            trained = {"kind": "network", "epoch": 3, **L, **errors, **own}
            rows += [{**trained, "stop": stop} for stop in ("held out", "test")]
            for relu in (False, True):
                found = {f"d_{m}": of * (1 + 0.001 * trial) for m in METHODS}
                errors_of_d = {f"d_{m}_stderr": 0.01 * of for m in METHODS}
                rows.append({"kind": "dimension", "relu": relu, **found, **errors_of_d, **own})
    return rows


def _verdicts(rows, budget=Budget.QUICK):
    found = get("id-across-students").analyse(rows, QUICK, budget)
    return {j.claim.id: j for j in found.claims}


def test_the_paper_s_world_agrees():
    judged = _verdicts(students() + crowd(0.02) + cnns(9.0, 9.1, 9.3))
    assert judged.pop("d-constant-cifar-10").verdict is Verdict.SKIPPED
    assert {j.verdict for j in judged.values()} == {Verdict.AGREES}


def test_a_dimension_that_follows_the_size_differs():
    """d doubles while the loss hardly falls, students scatter by half, CNNs double."""
    rows = students(growth=1.0, alpha=lambda k: 0.5) + crowd(0.5) + cnns(9.0, 13.0, 18.0)
    judged = _verdicts(rows)
    assert judged.pop("d-constant-cifar-10").verdict is Verdict.SKIPPED
    assert {j.verdict for j in judged.values()} == {Verdict.DIFFERS}


def test_the_spread_is_that_of_the_students_and_its_interval_chi_square_s():
    [first, *_] = spreads(crowd(0.02), QUICK)
    assert (first.k, first.n, first.method, len(first.d)) == (10, 25, "twonn", 8)
    sd = np.std(first.d, ddof=1)
    assert first.sd.value == pytest.approx(sd)
    # Of 8: sqrt(7 / 16.01) and sqrt(7 / 1.690).
    assert (first.sd.lo / sd, first.sd.hi / sd) == pytest.approx((0.661, 2.035), rel=1e-3)
    assert first.own == pytest.approx(0.08)
    assert first.over_own.value == pytest.approx(sd / 0.08)


def test_narrow_students_are_judged_in_no_claim():
    """n >= 3k: of k = 10, widths from 30 on."""
    rows = [row for row in crowd(0.5) if row.get("n") != 32]
    assert _verdicts(rows)["spread-is-small"].reason == "no width n >= 3k"


@pytest.mark.parametrize("budget", list(Budget))
def test_it_shares_the_cells_of_teacher_student_and_cnn(budget):
    theirs = {c.key for c in teacher_student.cells(teacher_student.BUDGETS[budget])}
    theirs |= {c.key for c in cnn.cells(cnn.BUDGETS[budget])}
    own = {c.key for c in spread_cells(BUDGETS[budget])}
    assert {c.key for c in cells(BUDGETS[budget])} == theirs | own
    assert not theirs & own


@pytest.mark.parametrize(
    "bad",
    [
        {"spread_ks": (0,)},
        {"spread_ks": (10, 10)},
        {"spread_trials": 1},
        {"spread_first": 1},
        {"spread_widths": 0},
        {"spread_share": 0},
    ],
)
def test_settings_without_a_spread_are_refused(bad):
    with pytest.raises(BadInput, match="id-across-students needs"):
        cells(dataclasses.replace(QUICK, **bad))


def test_an_empty_sweep_is_not_measured():
    verdicts = {j.verdict for j in _verdicts([]).values()}
    assert verdicts == {Verdict.INCONCLUSIVE, Verdict.SKIPPED}
