"""Families follow from rows: exponents, dimensions, and the hull over depths."""

from __future__ import annotations

import math

import pytest
from student_rows import family, rows_of

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.students.families import Trim, families, four_over
from scalinglaws.laws.ranges.exponent import fit_exponent

WIDTHS = tuple(int(8 * 1.3**i) for i in range(8))


def test_known_exponents_and_dimensions_come_back():
    [found] = families(rows_of(family(4, 1.0, 4.0, WIDTHS)))
    alpha = found.exponent.alpha
    assert alpha.value == pytest.approx(1, abs=4 * alpha.stderr)
    assert found.d is not None
    assert found.d.value == pytest.approx(4)
    assert found.d_inputs["twonn"].value == pytest.approx(3.9)
    # Fewer parameters act: their logarithms spread wider, so that alpha is less.
    assert found.count_systematic > 0.05


def test_ten_trials_keep_the_best_nine_and_fewer_keep_all():
    [ten] = families(rows_of(family(4, 1.0, 4.0, WIDTHS, trials=10)))
    [three] = families(rows_of(family(4, 1.0, 4.0, WIDTHS, trials=3)))
    assert {(len(s.L), s.dropped) for s in ten.sizes} == {(9, 1)}
    assert {(len(s.L), s.dropped) for s in three.sizes} == {(3, 0)}


def test_ninety_trials_of_vetted_teachers_keep_the_best_eighty():
    group = family(4, 1.0, 4.0, WIDTHS, trials=90)
    [vetted] = families(rows_of(group), Trim(one_in=9))
    assert {(len(s.L), s.dropped) for s in vetted.sizes} == {(80, 10)}


def test_the_plain_mean_is_that_of_the_losses():
    """Equal scatter at each width moves no slope; more of it where N is large lowers alpha."""
    rows = rows_of(family(4, 1.0, 4.0, WIDTHS, noise=0.0, trials=2))
    for row in rows[1:]:
        row["L"] *= 1.0 + (0.8 if row["trial"] else -0.8) * (row["n"] == WIDTHS[-1])
    [log], [plain] = families(rows), families(rows, Trim(mean="plain"))
    assert plain.exponent.straight.value == pytest.approx(1.0, rel=1e-6)  # losses 1.8 and 0.2
    assert log.exponent.straight.value > 1.05
    assert plain.sizes == log.sizes


def test_diverged_students_are_left_out():
    rows = rows_of(family(4, 1.0, 4.0, WIDTHS))
    for row in rows:
        if row.get("n") == 8:
            row["L"] = math.nan
    assert families(rows)[0].sizes[0].n == 10


def test_what_differs_in_anything_but_width_and_trial_is_another_family():
    alike = family(4, 1.0, 4.0, WIDTHS)
    others = [
        family(4, 1.0, 4.0, WIDTHS, **change)
        for change in (
            {"loss": "kl"},
            {"steps": 500},
            {"hidden": 3},
            {"activation": "tanh"},
            {"taught": "noise", "sigma": 0.1},
            {"init": "he"},
            {"scale": 60.0},
        )
    ]
    assert len(families(rows_of(alike, *others))) == 1 + len(others)


def test_alpha_is_that_of_the_widths_that_hold_all_features():
    """Students narrower than 3k are ten times worse, which a fit of all widths takes for alpha."""
    rows = rows_of(family(4, 1.0, 4.0, WIDTHS, noise=1e-3))
    for row in rows:
        if row["kind"] == "student" and row["n"] < 12:
            row["L"] *= 10
    [found] = families(rows)
    assert [s.n for s in found.sizes if s not in found.held] == [8, 10]
    assert found.exponent.alpha.value == pytest.approx(1, abs=0.01)
    assert found.circle.value == pytest.approx(1, abs=0.01)
    N, L = zip(*((s.N_all, loss) for s in found.sizes for loss in s.L), strict=True)
    assert fit_exponent(N, L).alpha.value > 2


def test_4_over_alpha_is_open_where_alpha_may_vanish():
    open_end = four_over(Estimate(0.5, 0.5, -0.5, 1.5))
    assert open_end.hi == math.inf
    assert open_end.lo == pytest.approx(4 / 1.5)
