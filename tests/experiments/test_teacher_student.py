"""teacher-student: a cell is deterministic and online; claims follow from the rows and can fail."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from scalinglaws.errors import BadInput
from scalinglaws.estimate import Estimate
from scalinglaws.experiments import get
from scalinglaws.experiments.teacher_student.cell import TeacherStudent, run
from scalinglaws.experiments.teacher_student.families import families, four_over
from scalinglaws.experiments.teacher_student.settings import BUDGETS, cells, smallest_width
from scalinglaws.result import Budget, Row, Verdict

QUICK = BUDGETS[Budget.QUICK]
SMALL = TeacherStudent(
    loss="mse",
    k=2,
    steps=48,
    widths=(4, 6, 9),
    trials=2,
    d_trials=1,
    schedule="settled",
    init="authors",
    output_scale=6.0,
    activations="pre-relu",
    teacher_seed=0,
    init_seed=0,
    data_seed=0,
    test_seed=0,
    device="cpu",
)


@pytest.fixture(scope="module")
def small_rows() -> list[Row]:
    return list(run(SMALL))


def _rows(
    alpha_of_k,
    d_of_k,
    *,
    d_growth=0.0,
    noise=0.02,
    half_alpha=None,
    half_ks=QUICK.half_ks,
    trials=3,
    widths=8,
    teacher=0,
) -> list[Row]:
    """Rows of students whose loss falls as N^-alpha, d as given."""
    rng = np.random.default_rng(1)
    rows: list[Row] = []
    lengths = [(k, QUICK.steps, alpha_of_k(k)) for k in QUICK.ks]
    if half_alpha is not None:
        lengths += [(k, QUICK.steps // 2, half_alpha(k)) for k in half_ks]
    for k, steps, alpha in lengths:
        common: Row = {"loss": "mse", "k": k, "steps": steps, "zero_skill": 0.1}
        common["teacher_seed"] = teacher
        d = {f"d_{m}": d_of_k(k) for m in ("twonn", "knn2", "knn3", "knn4", "mle20")}
        errors = {f"{name}_stderr": 0.01 * value for name, value in d.items()}
        rows.append({"kind": "inputs", **common, **d, **errors})
        for i in range(widths):
            n = int(smallest_width("mse", k) * 1.3**i)
            N = n * n + 23 * n + 1
            grown = {name: value * (1 + d_growth * i / 7) for name, value in d.items()}
            for trial in range(trials):
                L = N**-alpha * math.exp(noise * rng.standard_normal())
                student: Row = {
                    "n": n,
                    "trial": trial,
                    "N_all": N,
                    "L": L,
                    "dead_1": 0.1,
                    "dead_2": 0.0,
                }
                student["N_used"] = n * n + (k + 3) * n + 1
                rows.append({"kind": "student", **common, **student, **grown, **errors})
    return rows


def _verdicts(rows, budget=Budget.QUICK):
    found = get("teacher-student").analyse(rows, QUICK, budget)
    return {j.claim.id: j for j in found.claims}


def test_the_same_cell_gives_the_same_bits(small_rows):
    assert list(run(SMALL)) == small_rows


def test_a_student_does_not_depend_on_which_others_are_trained(small_rows):
    alone = run(dataclasses.replace(SMALL, widths=(6,), trials=1))
    twin = next(r for r in small_rows if r.get("n") == 6 and r["trial"] == 0)
    # The same numbers up to the order of float32 sums, which 48 steps of Adam amplify.
    assert alone[1]["L"] == pytest.approx(twin["L"], rel=1e-3)


def test_training_lowers_the_held_out_loss_below_the_zero_skill_loss():
    rows = run(dataclasses.replace(SMALL, steps=480, widths=(9,), trials=3))
    assert all(r["L"] < 0.5 * r["zero_skill"] for r in rows if r["kind"] == "student")


def test_d_is_measured_for_all_trials_of_the_largest_width_and_d_trials_of_others(small_rows):
    measured = [(r["n"], r["trial"]) for r in small_rows if "d_twonn" in r and "n" in r]
    assert measured == [(4, 0), (6, 0), (9, 0), (9, 1)]


def test_a_world_where_4_over_alpha_is_d_agrees():
    judged = _verdicts(_rows(lambda k: 4 / k, float, half_alpha=lambda k: 4 / k))
    assert judged["slope-4-over-alpha-on-d"].verdict is Verdict.AGREES
    assert judged["d-constant"].verdict is Verdict.AGREES
    features = judged["features-on-inverse-alpha"]
    assert (features.verdict, features.reason) == (Verdict.INCONCLUSIVE, "judged from full on")


def test_a_world_where_alpha_is_2_over_d_differs():
    judged = _verdicts(_rows(lambda k: 2 / k, float, half_alpha=lambda k: 2 / k))
    assert judged["slope-4-over-alpha-on-d"].verdict is Verdict.DIFFERS


def test_a_dimension_that_grows_by_half_differs():
    judged = _verdicts(_rows(lambda k: 4 / k, float, d_growth=0.5))
    assert judged["d-constant"].verdict is Verdict.DIFFERS


def test_alpha_that_moves_with_training_length_makes_the_slope_training_limited():
    judged = _verdicts(_rows(lambda k: 4 / k, float, half_alpha=lambda k: 3 / k))
    slope = judged["slope-4-over-alpha-on-d"]
    assert slope.verdict is Verdict.INCONCLUSIVE
    # alpha 3/k at half the steps is 4/alpha = 4k/3: the slope fell by a third to 1.
    assert slope.reason.startswith("training-limited")
    assert "moves by -0.33" in slope.reason
    assert slope.measured.half_width == pytest.approx(1.96 / 3, rel=0.15)


def test_one_half_run_gives_the_drift_that_all_would():
    alone, all_k = (
        _verdicts(_rows(lambda k: 4 / k, float, half_alpha=lambda k: 3 / k, half_ks=ks))
        for ks in ((4,), QUICK.ks)
    )
    for claim in ("slope-4-over-alpha-on-d", "features-on-inverse-alpha"):
        widths = [judged[claim].measured.half_width for judged in (alone, all_k)]
        assert widths[0] == pytest.approx(widths[1], rel=0.1)


def test_the_drift_of_the_slope_itself_is_taken_where_every_k_has_a_half_run():
    """Two families that move by a quarter in opposite ways leave the mean alpha where it was."""
    ways = {2: 1.25, 4: 1.0, 6: 1.0, 8: 0.75}
    rows = _rows(lambda k: 4 / k, float, half_alpha=lambda k: 4 / k * ways[k], half_ks=QUICK.ks)
    slope = _verdicts(rows)["slope-4-over-alpha-on-d"]
    assert "measured on 4 families" in slope.reason
    # 4/alpha at half length is k/ways: the slope over all k is sum k^2/ways over sum k^2.
    half = sum(k * k / way for k, way in ways.items()) / sum(k * k for k in ways)
    assert slope.measured.half_width == pytest.approx(1.96 * abs(1 - half), rel=0.3)


def test_what_teachers_share_widens_the_slope_s_interval():
    one = _rows(lambda k: 4 / k, float)
    alike = one + _rows(lambda k: 4 / k, float, teacher=1)
    unlike = one + _rows(lambda k: 3 / k, float, teacher=1)
    widths = [
        _verdicts(rows)["slope-4-over-alpha-on-d"].measured.half_width for rows in (alike, unlike)
    ]
    # Slopes 1 and 4/3: the mean of two teachers is known to their sd / sqrt(2) = 1/6.
    assert widths[0] < 0.1
    assert widths[1] == pytest.approx(1.96 / 6, rel=0.3)


def test_families_with_an_open_interval_are_left_off_the_lines_and_named():
    noisy = _rows(lambda k: 4 / k, float, noise=1.0, widths=4, trials=2)
    steady = _rows(lambda k: 4 / k, float)
    few = [row for row in noisy if row["k"] == 2] + [row for row in steady if row["k"] != 2]
    found = get("teacher-student").analyse(few, QUICK, Budget.QUICK)
    assert any("k = 2: not on the lines" in note for note in found.notes)
    assert found.claims[0].measured.value == pytest.approx(1, abs=0.1)
    for judgement in get("teacher-student").analyse(noisy, QUICK, Budget.QUICK).claims[:2]:
        assert judgement.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    "bad",
    [
        {"ks": (0, 1)},
        {"ks": (30,)},
        {"ks": ()},
        {"half_ks": (5,)},
        {"steps": 30},
        {"trials": 0},
        {"teachers": 0},
        {"width_count": 2},
        {"output_scale": 0.0},
        {"output_scale": math.nan},
        {"seed": -1},
        {"device": "potato"},
    ],
)
def test_settings_that_no_family_can_meet_are_refused(bad):
    with pytest.raises(BadInput, match="teacher-student needs"):
        cells(dataclasses.replace(QUICK, **bad))


def test_ten_trials_keep_the_best_nine_and_fewer_keep_all():
    [ten, *_] = families(_rows(lambda k: 4 / k, float, trials=10))
    [three, *_] = families(_rows(lambda k: 4 / k, float, trials=3))
    assert {(len(s.L), s.dropped) for s in ten.sizes} == {(9, 1)}
    assert {(len(s.L), s.dropped) for s in three.sizes} == {(3, 0)}


def test_diverged_students_are_left_out_and_an_empty_sweep_is_not_measured():
    rows = _rows(lambda k: 4 / k, float)
    for row in rows:
        if row.get("n") == 8:
            row["L"] = math.nan
    assert families(rows)[0].sizes[0].n == 10
    for judgement in _verdicts([]).values():
        assert judgement.verdict is Verdict.INCONCLUSIVE


def test_4_over_alpha_is_open_where_alpha_may_vanish():
    open_end = four_over(Estimate(0.5, 0.5, -0.5, 1.5))
    assert open_end.hi == math.inf
    assert open_end.lo == pytest.approx(4 / 1.5)


def test_the_half_runs_are_the_only_cells_beside_one_per_k():
    assert len(cells(QUICK)) == len(QUICK.ks) + len(QUICK.half_ks)
    assert len({cell.key for cell in cells(BUDGETS[Budget.FULL])}) == 2 * 2 * 9 * 2
