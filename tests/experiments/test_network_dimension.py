"""Trained networks: what is measured of their activations, and the cells that are shared."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from letters import Letters, random_text
from network_rows import rows
from numpy.random import default_rng
from scipy import stats

from scalinglaws import dimension
from scalinglaws.data.manifolds import torus
from scalinglaws.errors import BadInput
from scalinglaws.estimate import Estimate
from scalinglaws.experiments import get, pretrained_text
from scalinglaws.experiments.network_dimension import images, language, students
from scalinglaws.experiments.network_dimension.images import ImageNetwork
from scalinglaws.experiments.network_dimension.language import LanguageModel
from scalinglaws.experiments.network_dimension.measures import (
    NEIGHBOURS,
    against_points,
    bend,
    local,
    mean_by_method,
    measure,
)
from scalinglaws.experiments.network_dimension.rows import (
    Error,
    Measured,
    measured,
    networks,
    where,
)
from scalinglaws.experiments.network_dimension.settings import BUDGETS, IMAGE_BUDGETS
from scalinglaws.experiments.network_dimension.students import Students
from scalinglaws.result import Budget, Row

if TYPE_CHECKING:
    import torch

SMALL = Students(
    n_in=5,
    k=3,
    n=12,
    trials=2,
    steps=24,
    schedule="settled",
    points=200,
    rungs=2,
    teacher_seed=0,
    init_seed=0,
    data_seed=0,
    test_seed=0,
    device="cpu",
)
DIGITS = ImageNetwork(
    dataset="digits",
    n=3,
    epochs=2,
    layer_points=320,
    rungs=2,
    drawn=True,
    init_seed=0,
    data_seed=0,
    device="cpu",
)


TRIALS = np.arange(3)


@pytest.fixture(scope="module")
def student_rows() -> list[Row]:
    return list(students.run(SMALL))


@pytest.fixture(scope="module")
def digit_rows() -> list[Row]:
    return list(images.run(DIGITS))


# What is measured.


def test_the_relation_is_straight_on_a_torus_and_bent_where_two_dimensions_mix():
    rng = default_rng(0)
    plane = np.pad(torus(1500, 2, rng), ((0, 0), (0, 12)))
    both = np.concatenate([plane, torus(1500, 8, rng) + 100])
    of_plane, of_both = (dimension.neighbors(points, 4) for points in (plane, both))
    for k in (2, 3, 4):
        straight, bent = bend(of_plane, k), bend(of_both, k)
        assert abs(straight.value) < 6 * straight.stderr
        assert bent.value > 6 * bent.stderr


def test_the_error_of_the_bend_is_its_spread():
    tori = [dimension.neighbors(torus(300, 2, default_rng(seed)), 2) for seed in range(60)]
    bends = [bend(nb, 2) for nb in tori]
    spread = np.std([b.value for b in bends], ddof=1)
    claimed = np.mean([b.stderr for b in bends])
    assert abs(np.log(claimed / spread)) < 4 / math.sqrt(2 * 59)


def test_fewer_points_are_disjoint_subsets_of_all():
    points = torus(320, 2, default_rng(0))
    rungs = list(against_points(points, 4))
    assert [row["n"] for row in rungs] == [320, 160, 80, 40]
    quarters = [dimension.knn(points[i : i + 80], 3) for i in range(0, 320, 80)]
    assert rungs[2]["d_knn3"] == pytest.approx(np.mean([d.d for d in quarters]))
    own = math.sqrt(sum(d.stderr**2 for d in quarters)) / 4
    assert rungs[2]["d_knn3_stderr"] == pytest.approx(own)
    assert rungs[0]["d_mle20"] == dimension.mle(points, 20).d


def test_repeated_points_are_counted_once():
    points = torus(100, 2, default_rng(0))
    (row,) = against_points(np.concatenate([points, points[:30]]), 1)
    assert (row["n"], row["distinct"]) == (130, 100)


def test_points_that_are_all_one_have_no_d():
    with pytest.raises(BadInput, match="all 30 points are equal"):
        mean_by_method([np.ones((30, 3))])


def test_a_histogram_holds_every_point_and_its_mean_is_the_estimate():
    points = torus(600, 2, default_rng(0))
    rows = list(local(dimension.neighbors(points, 100), drawn=True))
    for k in (20, 100):
        counts = [row["count"] for row in rows if row["kind"] == "bin" and row["k"] == k]
        assert sum(counts) == 600
        (mean,) = [row["d"] for row in rows if row["kind"] == "local" and row["k"] == k]
        assert mean == pytest.approx(dimension.mle(points, k).d)
    assert len(rows) > len(list(local(dimension.neighbors(points, 100), drawn=False))) == 2


# From rows to an estimate.


def test_the_interval_over_networks_is_student_s():
    d = np.array([9.0, 10.0, 10.5, 9.5])
    found = Measured(d, np.full(4, 0.3), np.arange(4), Error.SCATTER).mean()
    lo, hi = stats.t.interval(0.95, 3, d.mean(), stats.sem(d))
    assert found is not None
    assert (found.value, found.lo, found.hi) == pytest.approx((9.75, lo, hi))


def test_on_shared_points_the_estimator_s_own_error_is_added():
    d, own = np.array([9.0, 10.0, 11.0]), np.full(3, 0.4)
    alone = Measured(d, own, TRIALS, Error.SCATTER).mean()
    both = Measured(d, own, TRIALS, Error.BOTH).mean()
    assert alone is not None
    assert both is not None
    z = stats.norm.ppf(0.975)
    assert both.half_width == pytest.approx(math.hypot(alone.half_width, z * 0.4))


def test_one_network_alone_leaves_its_scatter_open_but_inputs_have_none():
    one = np.array([10.0])
    trained = Measured(one, 0.1 * one, TRIALS[:1], Error.BOTH).mean()
    inputs = Measured(one, 0.1 * one, TRIALS[:1], Error.OWN).mean()
    assert trained is not None
    assert (trained.lo, trained.hi) == (-math.inf, math.inf)
    assert inputs == Estimate.normal(10.0, 1.0)
    assert Measured(one[:0], one[:0], TRIALS[:0], Error.BOTH).mean() is None


def test_a_relative_change_is_taken_network_by_network():
    before = Measured(np.array([5.0, 10.0, 20.0]), np.full(3, 1.0), TRIALS, Error.SCATTER)
    after = Measured(1.2 * before.value, np.full(3, 1.0), TRIALS, Error.SCATTER)
    change = after.change_from(before)
    assert change.value == pytest.approx([0.2] * 3)  # whatever the networks' own d
    assert change.own == pytest.approx(1.2 * np.hypot(1 / 6, 1 / 5) * np.array([1, 0.5, 0.25]))
    assert after.minus(before).value == pytest.approx([1.0, 2.0, 4.0])


def test_networks_are_paired_by_what_they_are_not_by_their_place():
    before = Measured(np.array([20.0, 5.0]), np.ones(2), np.array([2, 0]), Error.SCATTER)
    after = Measured(np.array([6.0, 12.0, 24.0]), np.ones(3), TRIALS, Error.SCATTER)
    assert after.minus(before).value == pytest.approx([1.0, 4.0])
    assert after.change_from(before).trial.tolist() == [0, 2]


def test_what_a_row_was_measured_on_decides_its_error(student_rows, digit_rows):
    found = [
        measured(rows, "d", kind="neighbours", network=name, method="knn", k=2).error
        for rows, name in (
            (student_rows, "[5, 12, 12, 2]"),
            (student_rows, "inputs of [5, 12, 12, 2]"),
            (digit_rows, "digits"),
        )
    ]
    assert found == [Error.SCATTER, Error.OWN, Error.BOTH]


# The cells.


def test_students_are_told_apart_and_measured_alike(student_rows):
    assert networks(student_rows) == ("[5, 12, 12, 2]",)
    counts = Counter((row["kind"], row.get("trial")) for row in student_rows)
    for trial in (0, 1, None):  # None: the raw inputs
        assert counts["points", trial] == 2
        assert counts["neighbours", trial] == 2 * len(NEIGHBOURS) - 2  # MLE from k = 4 on
        assert counts["relation", trial] == 3
        assert counts["local", trial] == 2
    # Only the first is drawn.
    assert {trial for kind, trial in counts if kind in ("bin", "relation-point")} == {0}
    twins = [row["d_twonn"] for row in student_rows if row["kind"] == "points"]
    assert len(set(twins)) == len(twins)


def test_the_same_students_are_the_same_bits_and_more_of_them_change_none(student_rows):
    more = students.run(dataclasses.replace(SMALL, trials=1))
    first = [row for row in student_rows if row.get("trial") == 0]
    again = [row for row in more if row.get("trial") == 0]
    for row, twin in zip(first, again, strict=True):
        for name, value in row.items():
            # Sums of float32 over an ensemble of another size, amplified by 24 steps of Adam.
            assert twin[name] == (pytest.approx(value, rel=1e-3) if name == "L" else twin[name])


def test_a_network_that_sends_all_points_to_a_few_places_says_so():
    few = np.repeat(torus(50, 2, default_rng(0)), 4, axis=0)
    assert measure(few, 1, drawn=True) == [{"kind": "collapsed", "n": 200}]


def test_raw_inputs_have_the_d_of_a_cube(student_rows):
    (row,) = (
        r for r in student_rows if r["kind"] == "points" and r["n"] == 200 and "trial" not in r
    )
    assert abs(row["d_twonn"] - 3) < 4 * row["d_twonn_stderr"]


def test_a_network_has_a_row_for_every_layer_and_group(digit_rows):
    layers = [
        (r["depth"], r["layer"], r["group"], r["n"]) for r in digit_rows if r["kind"] == "layer"
    ]
    named = {
        0: ["inputs"],
        1: ["pool1", "relu1"],
        2: ["pool2", "relu2"],
        3: ["dense", "relu_dense"],
        4: ["output"],
    }
    expected = [
        (depth, name, group)
        for depth, names in named.items()
        for name in names
        for group in ("all", "one class", "all classes")
        if group == "all" or not name.startswith("relu")
    ]
    assert sorted(layer[:3] for layer in layers) == sorted(expected)
    # One class and all classes have equally many points, and fewer than all.
    (n,) = {n for *_, group, n in layers if group != "all"}
    assert 20 < n <= 32
    assert {n for *_, group, n in layers if group == "all"} == {320}


def test_training_lowers_the_loss_and_is_the_same_twice(digit_rows):
    (trained,) = (row for row in digit_rows if row["kind"] == "network")
    config = dataclasses.replace(DIGITS, layer_points=101, rungs=1, drawn=False)
    untrained, again = (
        next(iter(images.run(dataclasses.replace(config, epochs=epochs)))) for epochs in (0, 2)
    )
    assert again == trained
    assert trained["L"] < untrained["L"]
    assert trained["n_train"] == 1437  # four fifths of the digits: they have no test images


def test_a_layer_that_sends_all_points_to_one_says_so():
    found = images._by_group(np.ones((50, 3)), np.zeros(50), grouped=True)
    assert {(row["kind"], row["n"]) for row in found} == {("collapsed", 50)}


def test_points_in_their_order_are_a_sample_of_all_classes():
    """measure() takes runs of points for samples."""
    points = np.arange(240.0)[:, None] * np.ones((1, 2)) + default_rng(0).random((240, 2))
    assert {row["kind"] for row in measure(points, 1, drawn=False)} == {
        "points",
        "neighbours",
        "relation",
        "local",
    }


def test_a_language_model_is_measured_at_the_last_token_of_its_last_block(
    monkeypatch: pytest.MonkeyPatch,
):
    letters = Letters()
    monkeypatch.setattr(language, "opened", lambda: letters)
    monkeypatch.setattr(pretrained_text, "load_text", random_text)
    config = LanguageModel("m", "c", sequences=150, length=10, rungs=2, data_seed=7)
    rows = language.run(config)
    assert networks(rows) == ("final layer", "last attention output")
    assert rows == language.run(config)
    assert measured(rows, "d", kind="local", network="final layer", k=20).error is Error.OWN

    ids = pretrained_text.token_ids(letters, 150, 10, default_rng(7))
    (row,) = where(rows, kind="relation", network="final layer", k=3)
    assert row["d"] == pytest.approx(dimension.knn(_before_norm(letters, ids), 3).d, rel=1e-4)


def _before_norm(letters: Letters, ids: torch.Tensor) -> np.ndarray:
    """What enters the final norm, by its own hook."""
    caught = []
    hook = letters.model.norm.register_forward_pre_hook(lambda _, inputs: caught.append(inputs[0]))
    letters.model(ids)
    hook.remove()
    return caught[0][:, -1].detach().numpy()


@pytest.mark.parametrize("budget", list(Budget))
def test_experiments_name_the_same_cells(budget: Budget, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pretrained_text, "absent", lambda: "")
    monkeypatch.setattr(
        "scalinglaws.experiments.network_dimension.settings.is_present", lambda dataset: True
    )
    keys = {
        name: {cell.key for cell in get(name).cells(get(name).budgets[budget])}
        for name in ("id-points", "id-neighbours", "id-linearity", "id-histogram", "image-layers")
    }
    trained = {
        cell.key for cell in get("image-layers").cells(IMAGE_BUDGETS[budget]) if cell.config.epochs
    }
    everything = keys["id-linearity"]
    assert len(everything) == 2 + len(trained) + 1
    assert keys["id-points"] < everything
    assert keys["id-histogram"] < everything
    language = keys["id-points"] & keys["id-histogram"] - trained
    assert len(language) == 1
    assert keys["id-neighbours"] | trained | language == everything
    assert len(keys["image-layers"]) == 2 * len(trained)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"points": 100}, "points >= 101"),
        ({"rungs": 9}, "60 on the last of the rungs"),
        ({"steps": 23}, "steps >= 24"),
        ({"trials": 0}, "trials >= 1"),
        ({"epochs": 0}, "epochs >= 1"),
        ({"images": ("digits", "digits")}, "each once"),
        ({"layer_points": 100}, "layer_points >= 101"),
        ({"seed": -1}, "seed >= 0"),
        ({"sequences": 100}, "sequences >= 101"),
        ({"length": 1}, "2 <= length <= 2048"),
    ],
)
def test_settings_that_no_network_could_meet_are_refused(change: dict, rule: str):
    settings = dataclasses.replace(BUDGETS[Budget.QUICK], **change)
    with pytest.raises(BadInput, match=f"id-linearity needs .*{rule}"):
        get("id-linearity").cells(settings)


@pytest.mark.parametrize("name", ["id-points", "id-neighbours", "id-linearity", "id-histogram"])
def test_rows_read_back_from_a_ledger_say_the_same(name: str):
    """There every row has every column, empty where it had none."""
    given = rows()
    columns = {column for row in given for column in row}
    read_back = [dict.fromkeys(columns) | row for row in given]
    analyse = get(name).analyse
    fresh = analyse(given, BUDGETS[Budget.QUICK], Budget.QUICK)
    assert analyse(read_back, BUDGETS[Budget.QUICK], Budget.QUICK) == fresh
