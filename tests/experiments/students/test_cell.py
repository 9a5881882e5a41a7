"""A cell of students: deterministic, online, and each family as if it were alone."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import get_args

import pytest
import torch

from scalinglaws.experiments.students import cell as of_students
from scalinglaws.experiments.students.cell import run
from scalinglaws.experiments.students.config import (
    Polish,
    ScheduleName,
    Students,
    TeacherStudents,
    cell,
    flop,
)
from scalinglaws.experiments.students.families import families
from scalinglaws.experiments.students.target import Target, linearity
from scalinglaws.learn.polish import LENGTHS, Method, points_drawn
from scalinglaws.learn.schedule import Schedule
from scalinglaws.result import Row

MSE = Students("mse", (6, 9, 13), trials=2, d_trials=1, steps=48)
KL = Students("kl", (5, 7), trials=1, d_trials=1, steps=24, hidden=3, moments=())
SMALL = TeacherStudents(Target((2,), (0,), width=60), (MSE, KL), schedule="settled")


def small(*families: Students, **changes) -> TeacherStudents:
    return dataclasses.replace(SMALL, families=families, **changes)


@pytest.fixture(scope="module", autouse=True)
def _few_test_points():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(of_students, "TEST_POINTS", 5000)
        patch.setattr(of_students, "D_POINTS", 3000)
        yield


@pytest.fixture(scope="module")
def rows(_few_test_points) -> list[Row]:
    return list(run(SMALL))


def of(rows: list[Row], loss: str) -> list[Row]:
    return [row for row in rows if row.get("loss") == loss]


def test_the_same_cell_gives_the_same_bits(rows):
    assert list(run(SMALL)) == rows


def test_a_family_is_taught_as_if_it_were_alone(rows):
    assert of(list(run(small(MSE))), "mse") == of(rows, "mse")


def test_a_student_does_not_depend_on_which_others_are_trained(rows):
    alone = list(run(small(dataclasses.replace(MSE, widths=(6,), trials=1))))
    twin = next(r for r in rows if r.get("n") == 6 and r["trial"] == 0)
    # The same numbers up to the order of float32 sums, which 48 steps of Adam amplify.
    assert alone[1]["L"] == pytest.approx(twin["L"], rel=1e-3)


@pytest.mark.parametrize(
    "family",
    [
        Students("mse", (9,), trials=3, d_trials=0, steps=480),
        Students("kl", (9,), trials=3, d_trials=0, steps=480, hidden=3),
        Students("p=3", (9,), trials=3, d_trials=0, steps=480, activation="tanh"),
        Students("mse", (9,), trials=3, d_trials=0, steps=480, taught="noise", noise=0.05),
        Students("kl", (9,), trials=3, d_trials=0, steps=960, taught="labels"),
    ],
    ids=lambda f: f"{f.loss}-{f.activation}-{f.taught}",
)
def test_training_lowers_the_held_out_loss_below_the_zero_skill_loss(family):
    students = of(list(run(small(family))), family.loss)
    assert all(r["L"] < 0.5 * r["zero_skill"] for r in students)


def test_a_second_stage_goes_on_from_where_the_first_ended():
    family = Students("mse", (6,), trials=2, d_trials=0, steps=240)
    before, after = (
        of(list(run(small(dataclasses.replace(family, polish=how, polish_steps=20)))), "mse")
        for how in ("none", "lbfgs")
    )
    for rough, fine in zip(before, after, strict=True):
        assert fine["L"] < 0.9 * rough["L"]


def test_a_finite_data_set_is_learnt_worse_than_a_stream():
    long = Students("mse", (12,), trials=3, d_trials=0, steps=960)
    fresh, finite = (run(small(long, points=points)) for points in (0, 30))
    assert max(r["L"] for r in fresh[1:]) < min(r["L"] for r in finite[1:])


def test_d_is_measured_for_all_trials_of_the_largest_width_and_d_trials_of_others(rows):
    measured = [(r["n"], r["trial"]) for r in of(rows, "mse") if "d_twonn" in r]
    assert measured == [(6, 0), (9, 0), (13, 0), (13, 1)]


def test_d_after_the_non_linearity_stands_beside_at_the_largest_widths(rows):
    """It is what the same students give where their d is measured after it."""
    before = of(rows, "mse")
    after = of(list(run(small(MSE, activations="post-relu"))), "mse")
    measured = [(b["n"], b["trial"]) for b in before if "d_post_twonn" in b]
    assert measured == [(6, 0), (9, 0), (13, 0)]
    twins = {(a["n"], a["trial"]): a for a in after}
    for b in before:
        if "d_post_twonn" in b:
            assert b["d_post_mle20"] == twins[b["n"], b["trial"]]["d_mle20"] != b["d_mle20"]
    assert not any("d_post_twonn" in a for a in after)


def test_moments_are_those_of_the_same_residuals():
    family = dataclasses.replace(MSE, moments=(1, 2, 4))
    for row in of(list(run(small(family))), "mse"):
        assert row["moment_2"] == pytest.approx(row["L"], rel=1e-12)
        assert row["moment_1"] ** 2 <= row["L"] <= row["moment_4"] ** 0.5  # Jensen


def test_an_epsilon_above_the_gradients_stalls_training():
    usual, stalled = (
        of(list(run(small(dataclasses.replace(MSE, epsilon=epsilon)))), "mse")
        for epsilon in (1e-8, 1e3)
    )
    assert max(r["L"] for r in usual) < 0.8 * min(r["L"] for r in stalled)


def test_a_sum_of_teachers_adds_them_on_features_of_their_own():
    target = Target((2, 3), (4, 5), n_in=9, width=30)
    assert (target.k, target.name) == (5, "T_{2+3}")
    X = torch.rand(40, 5, dtype=torch.float64) - 0.5
    first, second = (
        Target((k,), (seed,), n_in=9, width=30).build() for k, seed in ((2, 4), (3, 5))
    )
    torch.testing.assert_close(target.build()(X), first(X[:, :2]) + second(X[:, 2:]))


def test_a_vetted_target_is_less_linear_than_the_first_of_its_candidates():
    random = Target((3,), (4,), n_in=9, width=30)
    vetted = dataclasses.replace(random, vetted_from=40)
    assert (random.name, vetted.name) == ("T_{3}", "T_{3}^{40}")
    assert linearity(vetted, vetted.build()) < linearity(random, random.build()) - 0.05
    X = torch.rand(40, 3, dtype=torch.float64) - 0.5
    first = dataclasses.replace(random, vetted_from=1)
    torch.testing.assert_close(first.build()(X), random.build()(X))
    assert flop(small(MSE, target=vetted)) > flop(small(MSE, target=random))


def test_a_sum_of_vetted_teachers_vets_each_on_its_own_features():
    target = Target((2, 3), (4, 5), n_in=9, width=30, vetted_from=20)
    X = torch.rand(40, 5, dtype=torch.float64) - 0.5
    first, second = (
        dataclasses.replace(target, features=(k,), seeds=(seed,)).build()
        for k, seed in ((2, 4), (3, 5))
    )
    torch.testing.assert_close(target.build()(X), first(X[:, :2]) + second(X[:, 2:]))


def test_linearity_is_measured_where_asked_for():
    small_one = dataclasses.replace(SMALL.target, width=20)
    plain, asked = (
        next(iter(run(small(target=small_one, linearity=asked)))) for asked in (False, True)
    )
    assert asked.keys() - plain.keys() == {"linearity"}
    assert 0 < asked["linearity"] < 1


def test_the_cost_counts_the_teacher_once_and_every_student():
    one, two = flop(small(MSE)), flop(small(MSE, MSE))
    teacher = 2 * 60**2 * 28_000  # points that the settled schedule shows in 48 steps
    assert one - teacher == pytest.approx((two - teacher) / 2)
    assert flop(small(MSE, points=30)) - 2 * 60**2 * 30 == pytest.approx(one - teacher)
    assert cell(SMALL).cost > cell(small(KL)).cost
    polished = [dataclasses.replace(MSE, polish=how, polish_steps=30) for how in ("decay", "lm")]
    assert all(flop(small(f)) > one for f in polished)
    # Of a finite set the second stage asks the teacher nothing more.
    decay = polished[0]
    answers = 2 * 60**2 * points_drawn(Method.DECAY, 30)
    finite = flop(small(decay, points=30)) - flop(small(MSE, points=30))
    assert finite == pytest.approx(flop(small(decay)) - one - answers)


def test_every_second_stage_has_a_name():
    assert set(get_args(Polish)) == {"none", *Method}
    assert set(LENGTHS) == set(Method)
    assert set(get_args(ScheduleName)) == set(Schedule)


def test_a_second_stage_that_was_killed_leaves_what_was_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    config = small(dataclasses.replace(MSE, widths=(6, 9), polish="lm", polish_steps=1))
    whole = list(run(config))

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("scalinglaws.learn.polish.polish", killed)
        with pytest.raises(KeyboardInterrupt):
            cell(config).run(tmp_path)
    assert cell(config).run(tmp_path) == whole


def test_a_family_s_rows_give_its_exponent(rows):
    [mse] = families(rows)  # two widths of KL have none
    assert (mse.loss, mse.k, mse.steps, len(mse.sizes)) == ("mse", 2, 48, 3)
    assert mse.d_inputs["twonn"].value == pytest.approx(2, abs=0.1)
