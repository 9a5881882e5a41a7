"""architectures: its claims follow from the rows and can fail."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from scipy.stats import chi2, norm, permutation_test, spearmanr
from student_rows import family, inputs

from scalinglaws.errors import BadInput
from scalinglaws.experiments import get
from scalinglaws.experiments.architectures.settings import (
    ACTIVATIONS,
    BUDGETS,
    cells,
    parameters,
    widths_at,
)
from scalinglaws.experiments.architectures.statistics import (
    Architectures,
    alpha,
    dimension,
    mean_rank,
    rank_correlation,
)
from scalinglaws.experiments.students.families import families
from scalinglaws.result import Budget, Row, Verdict

QUICK = BUDGETS[Budget.QUICK]
DEPTHS = (2, 3)  # of the rows here: half of those of the budgets
M = 4 * len(DEPTHS)
K = 4


def one(value):
    return lambda activation, hidden: value


def rows_of(alpha_of, d_of, *, A=None, half=None, noise=0.01, teachers=1):
    """Students of every architecture with that alpha, d and prefactor A."""
    rows: list[Row] = []
    for teacher in range(teachers):
        rows.append(inputs(K, 3.9, teacher=teacher))
        for i, activation in enumerate(ACTIVATIONS):
            for hidden in DEPTHS:
                name = activation, hidden
                lengths = {QUICK.steps: alpha_of} | ({QUICK.steps // 2: half} if half else {})
                for steps, law in lengths.items():
                    rows += family(
                        K,
                        law(*name),
                        d_of(*name),
                        widths_at(hidden, 20, 5),
                        A=A(*name) if A else 1.0,
                        hidden=hidden,
                        steps=steps,
                        noise=noise,
                        seed=10 * i + hidden + 1000 * teacher,
                        activation=activation,
                        teacher=teacher,
                    )
    return rows


def found_of(rows):
    every = families(rows)
    return Architectures(
        [f for f in every if f.steps == QUICK.steps], [f for f in every if f.steps < QUICK.steps]
    )


def verdicts(rows, budget=Budget.QUICK):
    found = get("architectures").analyse(rows, QUICK, budget)
    return {j.claim.id: j for j in found.claims}


def test_one_alpha_and_one_d_for_all_agree():
    judged = verdicts(rows_of(one(1.0), one(3.9)))
    for claim in ("one-alpha", "one-d", "one-alpha-d"):
        assert judged[claim].verdict is Verdict.AGREES, claim


def test_one_architecture_that_scales_otherwise_differs():
    judged = verdicts(rows_of(lambda a, h: 1.6 if (a, h) == ("tanh", 3) else 1.0, one(3.9)))
    assert judged["one-alpha"].verdict is Verdict.DIFFERS
    assert judged["one-d"].verdict is Verdict.AGREES
    assert judged["one-alpha"].measured.value == pytest.approx(1.6 / (1 + 0.6 / M) - 1, abs=0.1)


def test_alpha_that_follows_d_shares_the_product_alone():
    d = {"relu": 2.5, "gelu": 3.5, "tanh": 4.5, "residual": 5.5}
    judged = verdicts(rows_of(lambda a, h: 4 / d[a], lambda a, h: d[a]))
    assert judged["one-alpha"].verdict is Verdict.DIFFERS
    assert judged["one-d"].verdict is Verdict.DIFFERS
    assert judged["one-alpha-d"].verdict is Verdict.AGREES


@pytest.mark.parametrize(("sign", "verdict"), [(1, Verdict.AGREES), (-1, Verdict.DIFFERS)])
def test_loss_that_rises_or_falls_with_d_is_told(sign, verdict):
    order = {(a, h): i + j / 4 for i, a in enumerate(ACTIVATIONS) for j, h in enumerate(DEPTHS)}
    rows = rows_of(
        one(1.0),
        lambda a, h: 3.5 + 0.1 * order[a, h],
        A=lambda a, h: math.exp(sign * 0.5 * order[a, h]),
    )
    assert verdicts(rows)["best-have-smallest-d"].verdict is verdict


def test_a_drift_that_all_share_moves_no_deviation():
    shared = found_of(rows_of(one(1.0), one(3.9), half=one(0.7)))
    unlike = found_of(rows_of(one(1.0), one(3.9), half=lambda a, h: 0.5 if a == "tanh" else 1.0))
    widest = [
        max(e.stderr for f, e in found.deviations(alpha) if f.kin.activation == "tanh")
        for found in (shared, unlike)
    ]
    assert widest[0] < 0.1
    assert widest[1] > 0.3


def test_simultaneous_intervals_hold_all_at_once():
    """Each of m has level .95^(1/m), and the error of a deviation from the mean of all."""
    found = found_of(rows_of(one(1.0), one(3.9)))
    f, e = found.deviations(alpha)[0]
    z = norm.ppf(0.5 + 0.95 ** (1 / M) / 2)
    assert (e.hi - e.value) / e.stderr == pytest.approx(z)
    errors = np.array([g.exponent.alpha.stderr for g in found.full])
    total = (errors**-2.0).sum()
    mean = errors**-2.0 @ [g.exponent.alpha.value for g in found.full] / total
    own = f.exponent.alpha.stderr
    expected = math.sqrt(own**2 - 1 / total) / mean
    assert e.stderr == pytest.approx(expected)


def test_the_joint_test_is_chi_2_s():
    found = found_of(rows_of(one(1.0), lambda a, h: 3.9 if a != "gelu" else 4.6))
    joint = found.joint(dimension)
    x, sigma = np.array([(e.value, e.stderr) for _, e in found._own(dimension)]).T
    mean = (x / sigma**2).sum() / (sigma**-2.0).sum()
    assert joint.chi2 == pytest.approx((((x - mean) / sigma) ** 2).sum())
    assert joint.dof == M - 1
    assert joint.p == pytest.approx(chi2.sf(joint.chi2, M - 1))
    assert joint.p < 1e-3
    assert joint.difference.lo > 0
    assert joint.pair[0].kin.activation == "gelu"
    assert joint.between == pytest.approx(np.std(x, ddof=1), rel=0.2)
    assert found.joint(alpha).p > 0.01


@pytest.mark.parametrize("seed", range(3))
def test_rank_correlations_are_scipy_s(seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(12)
    y = x + rng.standard_normal(12)
    rank = rank_correlation(x, y)
    assert rank.r.value == pytest.approx(spearmanr(x, y).statistic)
    p = permutation_test(
        (x,),
        lambda x: spearmanr(x, y).statistic,
        permutation_type="pairings",
        n_resamples=400,
        rng=rng,
    ).pvalue
    assert rank.p == pytest.approx(p, abs=4 * math.sqrt(max(p, 0.01) / 400))


def test_a_perfect_order_has_the_interval_of_the_nearest_to_it_and_the_least_p():
    rank, nearest = (rank_correlation(range(9), y) for y in (range(9), (1, 0, *range(2, 9))))
    assert rank.r.value == pytest.approx(1)
    assert rank.r.hi >= 1
    assert rank.r.lo == pytest.approx(nearest.r.lo)
    assert rank.p < 1e-3
    assert mean_rank([rank, rank]).lo > rank.r.lo
    assert rank_correlation([1, 2, 3], [1, 2, 3]) is None


def test_every_depth_spans_the_same_sizes():
    shallow = [parameters(2, n) for n in widths_at(2, 10, 8)]
    for hidden in QUICK.depths:
        deep = [parameters(hidden, n) for n in widths_at(hidden, 10, 8)]
        assert deep == pytest.approx(shallow, rel=0.1)
        assert len(set(deep)) == 8
    assert parameters(2, 10) == 10**2 + 23 * 10 + 1  # the paper's N_all


def test_two_cells_hold_every_architecture_at_both_lengths():
    made = cells(QUICK)
    assert len(made) == 2
    assert made[0].config.source == made[1].config.source  # the same points
    families = [f for cell in made for f in cell.config.families]
    names = {(f.activation, f.hidden, f.steps) for f in families}
    assert len(names) == len(families) == 4 * 4 * 2


def test_an_empty_sweep_is_not_measured():
    for judgement in verdicts([]).values():
        assert judgement.verdict is Verdict.INCONCLUSIVE


def test_every_table_and_figure_is_made_of_every_teacher():
    rows = rows_of(one(1.0), one(3.9), teachers=2)
    found = get("architectures").analyse(rows, QUICK, Budget.QUICK)
    assert [len(t.rows) for t in found.tables] == [8, 2, 2 * M]
    assert [len(f.panels) for f in found.figures] == [2, 2, 4]


@pytest.mark.parametrize("bad", [{"k": 0}, {"depths": (1, 2)}, {"first": 4}, {"steps": 40}])
def test_settings_that_no_family_can_meet_are_refused(bad):
    with pytest.raises(BadInput, match="architectures needs"):
        cells(dataclasses.replace(QUICK, **bad))
