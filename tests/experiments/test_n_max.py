"""n-max: its claims follow from the rows and can fail."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from student_rows import family, inputs

from scalinglaws.errors import BadInput
from scalinglaws.estimate import Estimate
from scalinglaws.experiments import get
from scalinglaws.experiments.n_max import statistics
from scalinglaws.experiments.n_max.ends import at_circle, at_level, at_range_end
from scalinglaws.experiments.n_max.settings import BUDGETS, cells, entropy_cells, widths
from scalinglaws.experiments.n_max.study import Study
from scalinglaws.experiments.students.families import families
from scalinglaws.experiments.students.widths import geometric
from scalinglaws.experiments.teacher_student import settings as teacher_student
from scalinglaws.experiments.teacher_student.settings import first_width
from scalinglaws.result import Budget, Row, Verdict

QUICK = dataclasses.replace(
    BUDGETS[Budget.QUICK],
    ks=(4, 8),
    half_ks=(4, 8),
    entropies=(6e-3, 2e-3),
    points=(1000,),
    above=6,
)
D4 = Estimate.normal(4.0, 0.02)


def world(
    *,
    alpha=lambda k: 4 / k,
    log_N=lambda k: 5.3 + 0.35 * k,
    noisy: float = 1.0,
    finite: float = 5.0,
    **about,
) -> list[Row]:
    """All rows of a run in which L = A N^-alpha is 2e-3 at log_N.

    noisy, finite: what noise and finite data multiply the loss by.
    """
    s, rows = QUICK, []

    def add(k, of, steps, times=1.0, **taught):
        A = times * 2e-3 * math.exp(alpha(k) * log_N(k))
        common = {"steps": steps, "seed": len(rows), "noise": 0.02, **about, **taught}
        rows.extend(family(k, alpha(k), float(k), of, A=A, **common))

    for k in s.ks:
        rows.append(inputs(k, float(k), **about))
        own = geometric(first_width(s, "mse", k), s.width_count)
        few = widths(s, k)
        add(k, own, s.steps)
        add(k, [n for n in few if n < own[0]] + list(own), s.entropy_steps)
        for variance in s.entropies:
            add(k, few, s.entropy_steps, noisy, taught="noise", sigma=math.sqrt(variance))
        for taught in ("exact", "labels"):
            add(k, few, s.label_steps, 9.0, loss="kl", scale=s.label_scale, taught=taught)
        for points in s.points:
            add(k, few, s.entropy_steps, finite, points=points)
    return [{**row, "entropy": 0.03} if row.get("taught") == "labels" else row for row in rows]


def _verdicts(rows, budget=Budget.QUICK):
    found = get("n-max").analyse(rows, QUICK, budget)
    return {j.claim.id: j for j in found.claims}


@pytest.fixture(scope="module")
def theory() -> list[Row]:
    """A world with 4/alpha = d."""
    return world()


@pytest.fixture(scope="module")
def ends(theory):
    """Where its students taught exactly reach 6e-3."""
    return Study.of(theory, QUICK).at_threshold("mse", 6e-3)


def test_where_4_over_alpha_is_d_all_but_the_endless_range_agrees(theory):
    judged = _verdicts(theory)
    endless = judged.pop("range-end-grows-with-d")
    assert (endless.verdict, endless.reason[0]) == (Verdict.INCONCLUSIVE, "0")
    assert {j.verdict for j in judged.values()} == {Verdict.AGREES}


def test_another_world_differs():
    """4/alpha = 2d/3 and one N_max for all d; noise that hampers; finite data as good as fresh."""
    judged = _verdicts(
        world(alpha=lambda k: 6 / k, log_N=lambda k: 7.1, noisy=2.2, finite=1.0, noise=0.01)
    )
    for claim in ("threshold-as-theory", "noise-as-theory"):
        assert judged[claim].verdict is Verdict.DIFFERS
        assert judged[claim].measured.value == pytest.approx(2 / 3, abs=0.05)
    for claim in ("threshold-grows-with-d", "noise-grows-with-d", "labels-grow-with-d"):
        assert judged[claim].verdict is Verdict.DIFFERS
    assert judged["threshold-stands-for-noise"].verdict is Verdict.DIFFERS
    assert judged["finite-data-end-the-law"].verdict is not Verdict.AGREES


def _family(L, *, sizes=range(6, 50, 5), noise=0.01):
    rng = np.random.default_rng(3)
    rows: list[Row] = [inputs(4, 4.0)]
    for row in family(4, 1.0, 4.0, list(sizes)):
        row["L"] = L(row["N_all"]) * math.exp(noise * rng.standard_normal())
        rows.append(row)
    [found] = families(rows)
    return found


def test_n_max_at_a_level_is_where_the_law_reaches_it():
    end = at_level(_family(lambda N: 3 / N), D4, 3e-3)
    assert end.seen
    assert end.log_N.value == pytest.approx(math.log(1000), abs=4 * end.log_N.stderr)
    assert end.log_N.stderr < 0.02


@pytest.mark.parametrize("level", [3e-2, 3e-4])
def test_beyond_the_sizes_n_max_is_extrapolated_and_no_evidence(level):
    end = at_level(_family(lambda N: 3 / N), D4, level)
    assert not end.seen
    assert end.log_N.value == pytest.approx(math.log(3 / level), abs=0.05)
    assert statistics.evidence([end]) == []


def test_the_end_of_the_range_is_the_floor_s_and_the_circle_rule_stands_beside_it():
    broken = _family(lambda N: 3 / N + 3 / 2000, sizes=range(12, 60, 3), noise=0.003)
    end = at_range_end(broken, D4)
    assert end.seen
    assert end.log_N.lo < math.log(2000) < end.log_N.hi
    assert at_circle(broken, D4) is not None
    straight = _family(lambda N: 3 / N)
    assert at_range_end(straight, D4) is None


def test_what_was_extrapolated_moves_no_slope(ends):
    slope = statistics.growth(ends).slope
    wild = dataclasses.replace(ends[0], log_N=Estimate.normal(99.0, 0.1), seen=False)
    assert statistics.growth([*ends, wild]).slope == slope
    assert statistics.growth([*ends, dataclasses.replace(wild, seen=True)]).slope != slope


def test_the_smaller_students_of_half_the_length_serve_where_full_length_starts_too_low():
    """Students of full length start at N = 469 and 1129; the loss is 6e-3 at N = 503 and 366."""
    rows = world(log_N=lambda k: 6.54 + 0.195 * k)
    ends = Study.of(rows, QUICK).at_threshold("mse", 6e-3)
    assert {(end.family.k, end.family.steps, end.seen) for end in ends} == {
        (4, QUICK.steps, True),
        (8, QUICK.entropy_steps, True),
    }


@pytest.mark.parametrize("budget", list(Budget))
def test_it_shares_the_cells_of_teacher_student(budget):
    theirs = {c.key for c in teacher_student.cells(teacher_student.BUDGETS[budget])}
    own = {c.key for c in entropy_cells(BUDGETS[budget])}
    shared = {c.key for c in cells(BUDGETS[budget])} - own
    if budget is not Budget.SMOKE:
        assert shared
        assert shared <= theirs
        assert shared == theirs or budget is Budget.FULL  # which has fewer k
    assert not theirs & own


@pytest.mark.parametrize(
    "bad",
    [
        {"losses": ("kl",)},
        {"half_ks": (2,)},
        {"entropies": (6e-3,)},
        {"entropies": (6e-3, 0.0)},
        {"below": -1},
        {"above": 2},
        {"entropy_trials": 0},
        {"label_scale": 6.0},
        {"label_share": 0},
        {"points": (1,)},
    ],
)
def test_settings_that_show_no_end_are_refused(bad):
    with pytest.raises(BadInput, match="n-max needs"):
        cells(dataclasses.replace(QUICK, **bad))


def test_an_empty_sweep_is_not_measured():
    assert {j.verdict for j in _verdicts([]).values()} == {Verdict.INCONCLUSIVE}
