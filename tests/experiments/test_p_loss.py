"""p-loss: its claims follow from the rows and can fail."""

from __future__ import annotations

import dataclasses
import math

import pytest
from student_rows import family, inputs

from scalinglaws.errors import BadInput
from scalinglaws.experiments import get
from scalinglaws.experiments.p_loss.claims import judge
from scalinglaws.experiments.p_loss.settings import BUDGETS, cells, loss_name
from scalinglaws.experiments.p_loss.statistics import powers
from scalinglaws.result import Budget, Row, Verdict

QUICK = dataclasses.replace(BUDGETS[Budget.QUICK], ps=(1.0, 2.0, 4.0), widths=(24, 31, 47, 68))
D = 7.0


def _rows(alpha_of_p, *, half=None, teachers=(0,), drift_of_shape=0.0) -> list[Row]:
    """Students whose E |y - y*|^p falls as N^-alpha(p).

    The p-th moment of those of p = 2 is their loss to the power p/2, times
    N^-(drift_of_shape p) where residuals have no scale in common.
    """
    rows: list[Row] = []
    lengths = [(QUICK.steps, alpha_of_p)] + ([(QUICK.steps // 2, half)] if half else [])
    for teacher in teachers:
        rows.append(inputs(8, 7.3, teacher=teacher))
        for steps, alpha in lengths:
            for i, p in enumerate(QUICK.ps):
                found = family(
                    8,
                    alpha(p),
                    D,
                    QUICK.widths,
                    loss=loss_name(p),
                    steps=steps,
                    seed=100 * teacher + i,
                    teacher=teacher,
                    noise=0.005 * p,  # of the residuals' scale
                )
                for row in found:
                    others = [q for q in QUICK.ps if p == 2 and q != 2]
                    moments = {
                        f"moment_{q:g}": row["L"] ** (q / 2) * row["N_all"] ** -(drift_of_shape * q)
                        for q in others
                    }
                    rows.append({**row, **moments})
    return rows


def _judged(rows, budget=Budget.QUICK):
    lengths = (powers(rows, steps, QUICK) for steps in (QUICK.steps, QUICK.steps // 2))
    return {j.claim.id: j for j in judge(*lengths, budget)}


def test_a_world_where_alpha_is_2p_over_d_agrees():
    judged = _judged(_rows(lambda p: 2 * p / D, half=lambda p: 2 * p / D))
    assert [j.verdict for j in judged.values()] == [Verdict.AGREES] * 3
    assert judged["moments-of-mse-students"].measured.value == pytest.approx(1, abs=1e-6)


def test_a_world_where_alpha_does_not_depend_on_p_differs():
    judged = _judged(_rows(lambda p: 4 / D))
    assert judged["ratio-of-exponents"].verdict is Verdict.DIFFERS
    # The worst p is 1, whose ratio is twice what it should be.
    assert judged["ratio-of-exponents"].measured.value == pytest.approx(2, rel=0.1)
    assert judged["moments-of-mse-students"].verdict is Verdict.AGREES


def test_one_power_that_differs_is_enough():
    judged = _judged(_rows(lambda p: (2.8 if p == 4 else 2) * p / D))
    assert judged["ratio-of-exponents"].verdict is Verdict.DIFFERS
    assert judged["ratio-of-exponents"].measured.value == pytest.approx(1.4, rel=0.1)


def test_residuals_without_one_scale_make_the_moments_differ():
    judged = _judged(_rows(lambda p: 2 * p / D, drift_of_shape=0.2))
    moments = judged["moments-of-mse-students"]
    assert moments.verdict is Verdict.DIFFERS
    # alpha_p = (2/d) p + .2 p: 1 + .1 d.
    assert moments.measured.value == pytest.approx(1 + 0.1 * D, rel=0.05)
    assert judged["ratio-of-exponents"].verdict is Verdict.AGREES


def test_the_slope_needs_the_right_d_where_the_ratios_do_not():
    judged = _judged(_rows(lambda p: p / D))
    ratio = judged["ratio-of-exponents"].measured
    assert ratio.lo <= 1 <= ratio.hi
    assert judged["slope-of-alpha-on-p"].verdict is Verdict.DIFFERS
    assert judged["slope-of-alpha-on-p"].measured.value == pytest.approx(0.5, rel=0.1)


def test_more_p_of_the_same_starts_and_points_do_not_sharpen_the_slope():
    found = powers(_rows(lambda p: 2 * p / D), QUICK.steps, QUICK)
    alphas = [f.exponent.alpha for _, _, f in found.each]
    sharpest = min(alpha.stderr / alpha.value for alpha in alphas)
    assert 0 < sharpest <= found.slope.stderr / found.slope.value


def test_the_same_slope_without_the_weights_of_dead_inputs_is_that_of_n_used():
    rows = _rows(lambda p: 2 * p / D)
    found = powers(rows, QUICK.steps, QUICK)
    as_used = powers([{**r, "N_all": r.get("N_used")} for r in rows], QUICK.steps, QUICK)
    assert found.slope_used == as_used.slope
    assert found.slope_used.value < 0.98 * found.slope.value


def test_more_teachers_with_one_question_open_do_not_sharpen_the_slope():
    one, four = (
        powers(_rows(lambda p: 2 * p / D, teachers=teachers), QUICK.steps, QUICK).slope
        for teachers in ((0,), (0, 1, 2, 3))
    )
    assert four.stderr > 0.9 * one.stderr


def test_training_length_that_moves_a_ratio_is_in_its_interval_and_reason():
    """alpha(4) / alpha(2) over 2 was 1.5 at half the steps and is 1."""
    judged = _judged(_rows(lambda p: 2 * p / D, half=lambda p: (3 if p == 4 else 2) * p / D))
    ratio = judged["ratio-of-exponents"]
    assert ratio.verdict is Verdict.INCONCLUSIVE
    assert ratio.reason.startswith("training-limited")
    assert ratio.measured.half_width == pytest.approx(1.96 * 0.5, rel=0.2)


def test_teachers_that_disagree_widen_the_ratio():
    alike = _rows(lambda p: 2 * p / D, teachers=(0, 1))
    unlike = _rows(lambda p: 2 * p / D) + _rows(
        lambda p: (3 if p == 4 else 2) * p / D, teachers=(1,)
    )
    widths = [powers(rows, QUICK.steps, QUICK).ratio(4.0).half_width for rows in (alike, unlike)]
    assert widths[1] > 5 * widths[0]


def test_a_law_that_bends_alike_for_every_p_keeps_the_slope_of_loss_on_loss():
    """Residuals with a floor in common: the ratio of alphas goes wrong, log L_p on log L_2 not."""
    rows = _rows(lambda p: 2 * p / D)
    for row in rows:
        if row["kind"] == "student":
            p = float(row["loss"].removeprefix("p="))
            row["L"] = (row["L"] ** (1 / p) + 0.1) ** p
    found = powers(rows, QUICK.steps, QUICK)
    for p in (1.0, 4.0):
        collapsed = found.collapsed(p)
        assert collapsed.value == pytest.approx(1, abs=3 * collapsed.stderr)
        assert collapsed.half_width < 0.1
    assert found.ratio(4.0).hi < 1


def test_tables_and_figures_show_every_power_and_the_moments():
    found = get("p-loss").analyse(_rows(lambda p: 2 * p / D), QUICK, Budget.QUICK)
    tables = {table.id: table for table in found.tables}
    assert [row[0] for row in tables["ratios"].rows] == [1.0, 4.0]
    assert [row[:2] for row in tables["exponents"].rows] == [(p, 0) for p in QUICK.ps]
    powers_, losses = found.figures
    assert [panel.title for panel in losses.panels][1].endswith("moments")
    assert len(losses.panels[1].series) == 6  # points and fit of three moments
    assert any(series.marker == "open" for series in powers_.panels[1].series)


def test_students_without_p_2_give_no_verdict():
    rows = [r for r in _rows(lambda p: 2 * p / D) if r.get("loss") != "p=2"]
    for judged in (*_judged(rows).values(), *_judged([]).values()):
        assert judged.verdict is Verdict.INCONCLUSIVE


def test_a_cell_trains_every_power_of_a_teacher_on_one_stream():
    [cell, other] = cells(BUDGETS[Budget.QUICK])
    assert {f.loss for f in cell.config.families} == {"p=1", "p=1.5", "p=2", "p=3", "p=4"}
    assert len(cell.config.families) == 10
    assert cell.config.target.seeds != other.config.target.seeds
    assert all(bool(f.moments) == (f.loss == "p=2") for f in cell.config.families)


@pytest.mark.parametrize(
    "bad",
    [
        {"ps": (1.0, 3.0)},
        {"ps": (2.0,)},
        {"ps": (0.5, 2.0)},
        {"ps": (2.0, math.inf)},
        {"widths": (24, 31)},
        {"widths": (31, 24, 47)},
        {"steps": 30},
        {"trials": 0},
        {"teachers": 0},
        {"k": 21},
        {"epsilon": 0.0},
        {"output_scale": math.nan},
        {"seed": -1},
        {"device": "potato"},
    ],
)
def test_settings_that_no_family_can_meet_are_refused(bad):
    with pytest.raises(BadInput, match="p-loss needs"):
        cells(dataclasses.replace(QUICK, **bad))
