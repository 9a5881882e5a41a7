"""vetted-teachers: its claims follow from the rows and can fail."""

from __future__ import annotations

import dataclasses
import math

import pytest
from student_rows import family, inputs

from scalinglaws.errors import BadInput
from scalinglaws.estimate import Estimate
from scalinglaws.experiments import get
from scalinglaws.experiments.vetted_teachers.claims import judge
from scalinglaws.experiments.vetted_teachers.settings import BUDGETS, cells, target
from scalinglaws.experiments.vetted_teachers.statistics import both
from scalinglaws.result import Budget, Row, Verdict

QUICK = BUDGETS[Budget.QUICK]
KS = (3, 5, 7, 9)
WIDTHS = tuple(int(12 * 1.5**i) for i in range(5))


def rows_of(d_vetted, d_random, alpha=lambda d: 4 / d, *, half=None, trials=3, seeds=(0,)):
    """Students whose alpha is that function of the d of their teacher's class."""
    rows: list[Row] = []
    for vetted, d_of in ((True, d_vetted), (False, d_random)):
        for teacher in seeds:
            for k in KS:
                about = {
                    "name": target(QUICK, teacher, k, vetted).name,
                    "schedule": "vetted",
                    "teacher": teacher,
                }
                d = d_of(k)
                rows.append(inputs(k, 0.98 * k, **about) | {"linearity": 0.5 if vetted else 0.7})
                lengths = {QUICK.steps: alpha(d)}
                if half is not None:
                    lengths[QUICK.steps // 2] = half(d)
                for steps, a in lengths.items():
                    seed = 2 * k + vetted + 100 * teacher
                    of = {"steps": steps, "loss": "kl", "trials": trials, "seed": seed}
                    rows += family(k, a, d, WIDTHS, **of, **about)
    return rows


def verdicts(rows, budget=Budget.QUICK):
    return {j.claim.id: j for j in judge(both(rows, QUICK), budget)}


def test_the_paper_s_world_agrees():
    """d nearly k when vetted, less when not, and alpha = 4/d for both."""
    judged = verdicts(rows_of(lambda k: 0.95 * k, lambda k: 0.75 * k), Budget.FULL)
    for claim in ("features-ratio", "d-ratio", "d-nearer-k", "slope-4-over-alpha-on-d"):
        assert judged[claim].verdict is Verdict.AGREES, claim
    # k against 1/alpha = d/4: 4/.95 and 4/.75
    assert judged["features-vetted"].measured.value == pytest.approx(4 / 0.95, rel=0.05)
    assert judged["features-random"].measured.value == pytest.approx(4 / 0.75, rel=0.05)
    assert judged["features-vetted"].verdict is Verdict.AGREES
    assert judged["features-ratio"].measured.value == pytest.approx(0.75 / 0.95, rel=0.05)
    assert judged["d-ratio"].measured.value == pytest.approx(1, rel=0.05)


def test_vetting_that_lowers_d_differs():
    judged = verdicts(rows_of(lambda k: 0.75 * k, lambda k: 0.95 * k))
    assert judged["features-ratio"].verdict is Verdict.DIFFERS
    assert judged["d-nearer-k"].verdict is Verdict.DIFFERS


def test_alpha_that_does_not_follow_d_differs():
    """alpha = 4/d of the vetted, 2/d of the random: d no longer falls on one line."""
    rows = rows_of(
        lambda k: 0.9 * k,
        lambda k: 0.75 * k,
        lambda d: (4 if any(math.isclose(d, 0.9 * k) for k in KS) else 2) / d,
    )
    assert verdicts(rows)["d-ratio"].verdict is Verdict.DIFFERS


def test_vetting_that_changes_nothing_is_not_said_to_help():
    judged = verdicts(rows_of(lambda k: 0.9 * k, lambda k: 0.9 * k))
    assert judged["features-ratio"].verdict is not Verdict.AGREES
    assert judged["d-ratio"].verdict is Verdict.AGREES


def test_a_drift_that_both_share_cancels_in_the_ratio():
    shared = rows_of(lambda k: 0.95 * k, lambda k: 0.75 * k, half=lambda d: 3 / d)
    judged = verdicts(shared)
    assert judged["features-ratio"].verdict is Verdict.AGREES
    slope = judged["slope-4-over-alpha-on-d"]
    assert slope.verdict is Verdict.INCONCLUSIVE
    assert slope.reason.startswith("training-limited")


def test_the_worst_of_nine_trials_and_the_plain_mean_count():
    rows = rows_of(lambda k: 0.9 * k, lambda k: 0.7 * k, trials=18)
    found = both(rows, QUICK)
    assert {(len(s.L), s.dropped) for f in found.vetted.full for s in f.sizes} == {(16, 2)}
    assert len(found.pairs()) == len(KS)


def test_teachers_of_several_seeds_are_paired_by_seed_and_k():
    found = both(rows_of(lambda k: 0.95 * k, lambda k: 0.75 * k, seeds=(0, 1)), QUICK)
    assert [gain for _, gain in found.gains()] == pytest.approx([0.2] * 8)


def test_an_empty_sweep_is_not_measured():
    for judgement in get("vetted-teachers").analyse([], QUICK, Budget.QUICK).claims:
        assert judgement.verdict is Verdict.INCONCLUSIVE


def test_every_table_and_figure_is_made():
    found = get("vetted-teachers").analyse(
        rows_of(lambda k: 0.95 * k, lambda k: 0.75 * k), QUICK, Budget.QUICK
    )
    assert [t.id for t in found.tables] == ["slopes", "families", "sizes"]
    assert [f.id for f in found.figures] == [
        "features-and-dimension",
        "vetting",
        "loss-against-size",
    ]
    assert [panel.title for panel in found.figures[0].panels] == [
        "vetted teachers",
        "random teachers",
    ]


def test_cells_come_in_pairs_that_differ_in_the_vetting_alone():
    made = [cell.config for cell in cells(QUICK)]
    assert len(made) == 2 * len(QUICK.ks)
    for vetted, random in zip(made[::2], made[1::2], strict=True):
        assert (vetted.target.vetted_from, random.target.vetted_from) == (5000, 0)
        target = dataclasses.replace(vetted.target, vetted_from=0)
        assert dataclasses.replace(vetted, target=target) == random
        assert vetted.source == random.source  # the same students and points


def test_the_paper_s_budget_is_table_1_s_last_row():
    [paper, *_] = [cell.config for cell in cells(BUDGETS[Budget.PAPER])]
    assert (paper.target.n_in, paper.target.width, paper.schedule) == (9, 240, "vetted")
    [students] = paper.families
    assert (students.loss, students.trials, students.steps, students.hidden) == (
        "kl",
        90,
        170_000,
        2,
    )


@pytest.mark.parametrize(
    "bad",
    [{"ks": (10,)}, {"half_ks": (4,)}, {"steps": 30}, {"candidates": 1}, {"width_count": 2}],
)
def test_settings_that_no_family_can_meet_are_refused(bad):
    with pytest.raises(BadInput, match="vetted-teachers needs"):
        cells(dataclasses.replace(QUICK, **bad))


def test_a_ratio_s_arms_are_those_of_its_logarithm():
    a, b = Estimate(4, 0.4, 3.2, 5, 0.95), Estimate(2, 0.1, 1.8, 2.2, 0.95)
    ratio = a.over(b)
    assert ratio.value == 2
    assert ratio.stderr == pytest.approx(2 * math.hypot(0.1, 0.05))
    assert ratio.hi == pytest.approx(2 * math.exp(math.hypot(math.log(5 / 4), math.log(2 / 1.8))))
    assert ratio.lo == pytest.approx(2 / math.exp(math.hypot(math.log(4 / 3.2), math.log(1.1))))
    assert a.over(Estimate(2, 3, -1, 5, 0.95)).hi == math.inf
