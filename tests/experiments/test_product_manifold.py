"""product-manifold: its claims follow from the rows and can fail."""

from __future__ import annotations

import dataclasses
import math

import pytest
from student_rows import family, inputs

from scalinglaws.errors import BadInput
from scalinglaws.experiments import get
from scalinglaws.experiments.product_manifold.claims import judge
from scalinglaws.experiments.product_manifold.settings import BUDGETS, cells, products, widths
from scalinglaws.experiments.product_manifold.statistics import together
from scalinglaws.result import Budget, Row, Verdict

QUICK = BUDGETS[Budget.QUICK]
FULL = BUDGETS[Budget.FULL]
AGREES, DIFFERS, INCONCLUSIVE = Verdict.AGREES, Verdict.DIFFERS, Verdict.INCONCLUSIVE


def _rows(four_of, d_of=sum, *, half=None, settings=QUICK, loss="kl") -> list[Row]:
    """Students whose 4/alpha and d are functions of the features of their target."""
    rows: list[Row] = []
    lengths = [(settings.steps, four_of)] + ([(settings.steps // 2, half)] if half else [])
    targets = dict.fromkeys(t for p in products(settings) for t in (p.target, *p.parts))
    for number, target in enumerate(targets):
        about = {"name": target.name, "teacher": target.seeds[0]}
        rows.append(inputs(target.k, target.k, **about))
        for steps, four in lengths:
            rows += family(
                target.k,
                4 / four(target.features),
                d_of(target.features),
                widths(settings, target.features),
                loss=loss,
                steps=steps,
                seed=number,
                noise=0.01,
                **about,
            )
    return rows


def _judged(rows, settings=QUICK, budget=Budget.QUICK):
    return {j.claim.id: j for j in judge(together(rows, settings), budget)}


def test_a_world_where_the_largest_part_sets_the_exponent_agrees():
    judged = _judged(_rows(max, half=max))
    for claim in ("nearer-max-3+3", "nearer-max-3+6", "sum-excluded", "d-is-the-sum"):
        assert judged[claim].verdict is AGREES
    # 3 over (3 + 6) / 2, and 6 over (6 + 9) / 2; the rival's worst is 6 / 9.
    assert judged["nearer-max-3+3"].measured.value == pytest.approx(2 / 3, rel=0.05)
    assert judged["nearer-max-3+6"].measured.value == pytest.approx(4 / 5, rel=0.05)
    assert judged["sum-excluded"].measured.value == pytest.approx(2 / 3, rel=0.05)
    third = judged["nearer-max-3+3+3"]
    assert (third.verdict, third.reason) == (INCONCLUSIVE, "measured from full on")


def test_a_world_where_the_sum_sets_the_exponent_differs():
    judged = _judged(_rows(sum))
    assert judged["nearer-max-3+3"].verdict is DIFFERS
    assert judged["nearer-max-3+6"].verdict is DIFFERS
    assert judged["sum-excluded"].verdict is INCONCLUSIVE
    assert judged["d-is-the-sum"].verdict is AGREES


def test_an_exponent_above_the_sum_s_excludes_eq_3_2_twice():
    judged = _judged(_rows(lambda features: 1.5 * sum(features)))
    assert judged["sum-excluded"].verdict is DIFFERS


def test_what_a_product_and_its_parts_share_is_no_evidence_for_the_largest():
    """4/alpha of parts and products alike at a third of their d: as if the sum set it, but low."""
    judged = _judged(_rows(lambda features: sum(features) / 3))
    assert judged["nearer-max-3+3"].verdict is AGREES
    assert judged["as-its-part-alone"].verdict is DIFFERS
    # 3+6: 9 / 6 over the midpoint of 1 and 9 / 6; 3+3: 2 over that of 1 and 2, which is worse.
    assert judged["as-its-part-alone"].measured.value == pytest.approx(2 / 1.5, rel=0.05)
    largest = _judged(_rows(lambda features: max(features) / 3))["as-its-part-alone"]
    assert largest.verdict is AGREES
    assert largest.measured.value == pytest.approx(1 / 1.25, rel=0.05)


def test_of_equal_parts_none_is_the_largest():
    one, other = (3 * f for f in (0.8, 1.2))
    rows = _rows(max, settings=FULL)
    firsts = {t.seeds[0] for p in products(FULL) for t in p.parts[:1] if t.features == (3,)}
    for row in rows:
        if row["kind"] == "student" and row["teacher"] == "T_{3}":
            row["L"] = row["N_all"] ** (-4 / (one if row["teacher_seed"] in firsts else other))
    found = {t.name: t for t in together(rows, FULL) if t.loss == "kl"}
    ratio = found["3+3"].over_part
    assert ratio is not None
    assert ratio.value == pytest.approx(1, rel=0.05)


def test_training_that_moves_product_and_part_alike_is_no_error_of_their_ratio():
    def halfway(features):
        return 2 * max(features)

    together_moved = _judged(_rows(max, half=halfway))
    assert together_moved["nearer-max-3+6"].reason.startswith("training-limited")
    assert together_moved["as-its-part-alone"].verdict is AGREES
    assert not together_moved["as-its-part-alone"].reason


def test_training_that_moves_the_product_alone_is_in_the_interval_of_their_ratio():
    def halfway(features):
        return max(features) * (2 if len(features) > 1 else 1)

    ratio = _judged(_rows(max, half=halfway))["as-its-part-alone"]
    assert ratio.reason.startswith("training-limited: from half to full length the ratio moves")
    # From 2 to 1, over the midpoint of 1 and 2 (3+3) or of 1 and 1.5 (3+6).
    assert 1 / 1.5 <= ratio.measured.stderr <= 1.05 / 1.25


def test_of_two_equal_parts_the_drift_of_their_mean_counts():
    """At full budget T3+3 has two parts; that one of them had 4/alpha = 9 halfway makes 6 of 3."""
    rows = _rows(max, settings=FULL, half=max)
    parts = [t for p in products(FULL) if p.target.features == (3, 3) for t in p.parts]
    for row in rows:
        moved = row["kind"] == "student" and row["steps"] == FULL.steps // 2
        if moved and (row["teacher"], row["teacher_seed"]) == (parts[1].name, parts[1].seeds[0]):
            row["L"] = row["N_all"] ** (-4 / 9)
    found = {t.name: t for t in together(rows, FULL) if t.loss == "kl"}["3+3"]
    assert found.over_part is not None
    assert found.over_part.stderr == pytest.approx(1 - 3 / 6, rel=0.05)


def test_a_ratio_without_all_its_half_lengths_says_so():
    rows = _rows(max, half=max)
    part = [r for r in rows if r["kind"] == "student" and "+" not in r["teacher"]]
    kept = [r for r in rows if r not in part or r["steps"] == QUICK.steps]
    judged = _judged(kept)["as-its-part-alone"]
    assert judged.reason == "how far longer training moves this was not measured"


def test_training_that_moves_the_part_alone_is_in_the_interval_of_their_ratio():
    def halfway(features):
        return max(features) * (1 if len(features) > 1 else 2)

    ratio = _judged(_rows(max, half=halfway))["as-its-part-alone"]
    assert ratio.reason.startswith("training-limited: from half to full length the ratio moves")


def test_a_dimension_of_the_largest_part_alone_differs():
    judged = _judged(_rows(max, max))
    assert judged["d-is-the-sum"].verdict is DIFFERS
    assert judged["d-is-the-sum"].measured.value == pytest.approx(1 / 2)


def test_the_midpoint_comes_from_measured_dimensions_not_from_features():
    judged = _judged(_rows(max, lambda features: 0.5 * sum(features)))
    assert judged["nearer-max-3+3"].measured.value == pytest.approx(4 / 3, rel=0.05)


def test_training_length_that_moves_4_over_alpha_is_in_its_interval_and_reason():
    def slow(features):
        return 2 * max(features)

    judged = _judged(_rows(max, half=slow))["nearer-max-3+3"]
    assert judged.verdict is INCONCLUSIVE
    assert judged.reason.startswith("training-limited: from half to full length 4/alpha moves by -")
    assert judged.measured.hi > 1 > judged.measured.value


def test_mse_is_shown_and_not_judged():
    rows = _rows(max) + _rows(sum, loss="mse")
    assert _judged(rows)["nearer-max-3+3"].verdict is AGREES
    found = get("product-manifold").analyse(rows, QUICK, Budget.QUICK)
    shown = {(row[0], row[1]) for row in found.tables[0].rows}
    assert shown == {(loss, f"T_{{{name}}}") for loss in ("kl", "mse") for name in ("3+3", "3+6")}
    losses, against_sum, _ = found.figures
    assert [panel.title for panel in losses.panels] == ["$T_{3+3}$", "$T_{3+6}$"]
    assert len(against_sum.panels) == 2


def test_a_missing_part_gives_no_verdict():
    without = [row for row in _rows(max) if row["teacher"] != "T_{6}"]
    judged = _judged(without)
    assert judged["nearer-max-3+3"].verdict is AGREES
    assert judged["nearer-max-3+6"].verdict is INCONCLUSIVE
    assert all(j.verdict is INCONCLUSIVE for j in _judged([]).values())


def test_equal_factors_are_different_networks():
    for product in products(dataclasses.replace(FULL, teachers=2)):
        assert len(set(product.target.seeds)) == len(product.target.seeds)
        assert [part.seeds for part in product.parts] == [(seed,) for seed in product.target.seeds]
    firsts = [{s for p in products(FULL) for s in p.target.seeds}]
    others = [{s for p in products(dataclasses.replace(FULL, seed=1)) for s in p.target.seeds}]
    assert not firsts[0] & others[0]


def test_one_part_of_each_kind_is_learnt_unless_every_part_is():
    names = [cell.config.target.name for cell in cells(QUICK)]
    assert sorted(names) == ["T_{3+3}", "T_{3+6}", "T_{3}", "T_{6}"]
    names = [cell.config.target.name for cell in cells(FULL)]
    assert sorted(names) == ["T_{3+3+3}", "T_{3+3}", "T_{3+6}", "T_{3}", "T_{3}", "T_{3}", "T_{6}"]


@pytest.mark.parametrize(
    "bad",
    [
        {"products": ()},
        {"products": ("3+3", "3+3")},
        {"trials": 0},
        {"mse_trials": -1},
        {"d_trials": 0},
        {"width_count": 2},
        {"steps": 30},
        {"teachers": 0},
        {"teacher_width": 1},
        {"output_scale": math.inf},
        {"seed": -1},
        {"device": "potato"},
    ],
)
def test_settings_that_no_family_can_meet_are_refused(bad):
    with pytest.raises(BadInput, match="product-manifold needs"):
        cells(dataclasses.replace(QUICK, **bad))
