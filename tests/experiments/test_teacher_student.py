"""teacher-student: its claims follow from the rows and can fail."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest
from student_rows import family, inputs

from scalinglaws import runner
from scalinglaws.errors import BadInput
from scalinglaws.experiments import get
from scalinglaws.experiments.students.families import families
from scalinglaws.experiments.students.lines import slopes
from scalinglaws.experiments.students.widths import geometric
from scalinglaws.experiments.teacher_student.settings import BUDGETS, cells, first_width
from scalinglaws.learn.polish import LENGTHS, Method
from scalinglaws.result import Budget, Row, Verdict

QUICK = BUDGETS[Budget.QUICK]


def _rows(alpha_of_k, d_of_k, *, half_alpha=None, half_ks=QUICK.half_ks, width_count=8, **about):
    """Rows of students whose loss falls as N^-alpha, d as given."""
    rows: list[Row] = []
    lengths = [(k, QUICK.steps, alpha_of_k(k)) for k in QUICK.ks]
    if half_alpha is not None:
        lengths += [(k, QUICK.steps // 2, half_alpha(k)) for k in half_ks]
    for i, (k, steps, alpha) in enumerate(lengths):
        widths = geometric(first_width(QUICK, "mse", k), width_count)
        rows.append(inputs(k, d_of_k(k), **about))
        rows += family(k, alpha, d_of_k(k), widths, steps=steps, seed=i, **about)
    return rows


def _verdicts(rows, budget=Budget.QUICK):
    found = get("teacher-student").analyse(rows, QUICK, budget)
    return {j.claim.id: j for j in found.claims}


def test_a_world_where_4_over_alpha_is_d_agrees():
    judged = _verdicts(_rows(lambda k: 4 / k, float, half_alpha=lambda k: 4 / k))
    assert judged["slope-4-over-alpha-on-d-mse"].verdict is Verdict.AGREES
    assert judged["d-constant"].verdict is Verdict.AGREES
    features = judged["features-on-inverse-alpha"]
    assert (features.verdict, features.reason) == (Verdict.INCONCLUSIVE, "judged from full on")


def test_a_world_where_alpha_is_2_over_d_differs():
    judged = _verdicts(_rows(lambda k: 2 / k, float, half_alpha=lambda k: 2 / k))
    assert judged["slope-4-over-alpha-on-d-mse"].verdict is Verdict.DIFFERS


def test_a_dimension_that_grows_by_half_differs():
    judged = _verdicts(_rows(lambda k: 4 / k, float, d_growth=0.5))
    assert judged["d-constant"].verdict is Verdict.DIFFERS


def test_alpha_that_moves_with_training_length_makes_the_slope_training_limited():
    judged = _verdicts(_rows(lambda k: 4 / k, float, half_alpha=lambda k: 3 / k))
    slope = judged["slope-4-over-alpha-on-d-mse"]
    assert slope.verdict is Verdict.INCONCLUSIVE
    # alpha 3/k at half the steps is 4/alpha = 4k/3: the slope fell by a third to 1.
    assert slope.reason.startswith("training-limited")
    moved = float(slope.reason.split("moves by ")[1].split()[0])
    assert moved == pytest.approx(-1 / 3, abs=0.03)
    assert slope.measured.half_width == pytest.approx(1.96 / 3, rel=0.15)


def test_one_half_run_gives_the_drift_that_all_would():
    alone, all_k = (
        _verdicts(_rows(lambda k: 4 / k, float, half_alpha=lambda k: 3 / k, half_ks=ks))
        for ks in ((4,), QUICK.ks)
    )
    for claim in ("slope-4-over-alpha-on-d-mse", "features-on-inverse-alpha"):
        widths = [judged[claim].measured.half_width for judged in (alone, all_k)]
        assert widths[0] == pytest.approx(widths[1], rel=0.1)


def test_the_drift_of_the_slope_itself_is_taken_where_every_k_has_a_half_run():
    """Two families that move by a quarter in opposite ways leave the mean alpha where it was."""
    ways = {2: 1.25, 4: 1.0, 6: 1.0, 8: 0.75}
    rows = _rows(lambda k: 4 / k, float, half_alpha=lambda k: 4 / k * ways[k], half_ks=QUICK.ks)
    slope = _verdicts(rows)["slope-4-over-alpha-on-d-mse"]
    assert "measured on 4 families" in slope.reason
    found = families(rows)
    full, half = (
        slopes([f for f in found if f.steps == steps]).through_origin
        for steps in (QUICK.steps, QUICK.steps // 2)
    )
    assert abs(half.value - full.value) > 2 * full.half_width  # alpha's mean would show nothing
    drift = 1.96 * (half.value - full.value)
    assert slope.measured.half_width == pytest.approx(math.hypot(drift, full.half_width), rel=0.02)


def test_what_teachers_share_widens_the_slope_s_interval():
    one = _rows(lambda k: 4 / k, float)
    alike = one + _rows(lambda k: 4 / k, float, teacher=1)
    unlike = one + _rows(lambda k: 3 / k, float, teacher=1)
    slopes_of = [
        _verdicts(rows)["slope-4-over-alpha-on-d-mse"].measured for rows in (alike, unlike)
    ]
    alone, apart = (slope.half_width for slope in slopes_of)
    # Slopes 1 and 4/3: the mean of two teachers is known to their sd / sqrt(2) = 1/6, and that
    # with one degree of freedom of its own; other errors, known better, add some.
    assert alone < 0.1
    assert 3 * 1.96 / 6 < apart < 12.7 / 6


def test_families_with_an_open_interval_are_left_off_the_lines_and_named():
    noisy = _rows(lambda k: 4 / k, float, noise=1.0, width_count=4, trials=2)
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


def test_a_second_stage_is_as_long_as_its_method_was_tried_unless_set():
    """Half as long for students of half the training: the drift is that of the whole training."""

    def steps(**settings) -> dict[int, int]:
        families = cells(dataclasses.replace(QUICK, **settings))[0].config.families
        return {f.steps: f.polish_steps for f in families}

    whole, half = QUICK.steps, QUICK.steps // 2
    tried = LENGTHS[Method.CYCLES]
    assert steps(polish="cycles") == {whole: tried, half: tried // 2}
    assert steps(polish="cycles", polish_steps=150) == {whole: 150, half: 75}
    assert steps(polish_steps=150) == steps()  # without a second stage no cell is another
    with pytest.raises(BadInput, match="of cycles 0, or >= 144"):
        steps(polish="cycles", polish_steps=143)


def test_a_device_may_be_elsewhere_but_not_for_a_run_here(tmp_path: Path):
    """Ledgers are read, and clusters driven, on machines without it."""
    assert cells(dataclasses.replace(QUICK, device="xpu:99"))
    with pytest.raises(BadInput, match="device xpu:99: PyTorch has none on this machine"):
        runner.run("teacher-student", "smoke", device="xpu:99", store=tmp_path / "store")
    assert not any(tmp_path.iterdir())


def test_an_empty_sweep_is_not_measured():
    for judgement in _verdicts([]).values():
        assert judgement.verdict is Verdict.INCONCLUSIVE


def test_a_cell_trains_every_loss_depth_and_length_of_a_teacher_and_k():
    quick, full = cells(QUICK), cells(BUDGETS[Budget.FULL])
    assert [len(cell.config.families) for cell in quick] == [2] * len(QUICK.ks)
    assert len({cell.key for cell in full}) == 10
    assert {(f.loss, f.hidden) for f in full[0].config.families} == {
        ("mse", 2),
        ("kl", 2),
        ("kl", 3),
        ("kl", 4),
    }


def test_deeper_students_define_the_loss_where_they_are_better():
    """KL over depths: alpha is the best depth's; every depth and the hull stand in a table."""
    rows: list[Row] = []
    for k in QUICK.ks:
        rows.append(inputs(k, k))
        for hidden, A in ((2, 1.0), (3, 0.5)):
            of = {"A": A, "hidden": hidden, "loss": "kl", "steps": QUICK.steps, "noise": 0.003}
            rows += family(k, (4 if hidden == 3 else 2) / k, k, geometric(3 * k, 8), **of)
    found = get("teacher-student").analyse(rows, QUICK, Budget.QUICK)
    [depths] = [table for table in found.tables if table.id == "depths"]
    assert [row[3:5] for row in depths.rows[:3]] == [("hull", "no"), (2, "no"), (3, "yes")]
    slope = {j.claim.id: j for j in found.claims}["slope-4-over-alpha-on-d-kl"]
    assert slope.measured.value == pytest.approx(1, abs=0.1)
