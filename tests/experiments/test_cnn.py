"""cnn: known power laws and dimensions are found, one cell trains and stops as it says."""

from __future__ import annotations

import dataclasses
import math

import pytest
from numpy.random import default_rng

from scalinglaws.estimate import Estimate
from scalinglaws.experiments import get
from scalinglaws.experiments.cnn import cell, settings
from scalinglaws.experiments.cnn.families import Family, alpha_d, families, points
from scalinglaws.experiments.image_sets import architecture
from scalinglaws.experiments.network_dimension.measures import METHODS
from scalinglaws.result import Budget, Findings, Row, Verdict

WIDTHS = (2, 3, 4, 6, 8)
CIFAR = "cifar-10"


def rows(
    dataset: str = "fashion-mnist",
    *,
    alpha: float = 0.4,
    error_alpha: float = 0.4,
    d: float = 10.0,
    growth: float = 0.0,
    trials: int = 4,
) -> list[Row]:
    """Networks with L = 40 N^-alpha and so on, 0.5 % of noise; d rises by `growth` over n."""
    rng = default_rng(0)
    made: list[Row] = []
    for n in WIDTHS:
        N = cell.COUNTS[dataset](n)
        rise = (1 + growth) ** (math.log(n / 2) / math.log(4))
        for trial in range(trials):
            common: Row = {"dataset": dataset, "n": n, "trial": trial, "N": N}
            made.append({**common, "kind": "epoch", "epoch": 1, "L_running": 0.6, "L_test": 0.5})
            for stop, lower in ((cell.HELD_OUT, 1.0), (cell.TEST, 0.99)):
                noise = math.exp(0.005 * rng.standard_normal())
                L, error = 40 * lower * noise * N**-alpha, 9 * lower * noise * N**-error_alpha
                row: Row = {"L_test": L, "L_train": 0.9 * L, "error_test": error}
                row |= {"kind": "network", "stop": stop, "epoch": 7, "error_train": 0.8 * error}
                made.append({**common, **row})
            for relu in (False, True):
                row = {"kind": "dimension", "relu": relu}
                for method in METHODS:
                    row[f"d_{method}"] = d * rise * (1 + 0.01 * rng.standard_normal())
                    row[f"d_{method}_stderr"] = 0.1
                made.append({**common, **row})
    return made


def found(given: list[Row], budget: Budget = Budget.FULL) -> Findings:
    return get("cnn").analyse(given, settings.BUDGETS[budget], budget)


def verdicts(given: list[Row], budget: Budget = Budget.FULL) -> dict[str, Verdict]:
    return {j.claim.id: j.verdict for j in found(given, budget).claims}


def family(given: list[Row]) -> Family:
    (only,) = families(given)
    return only


def test_known_exponents_are_found_in_every_column():
    f = family(rows(alpha=0.4, error_alpha=0.3))
    for (_, name), curve in f.curves.items():
        assert curve.exponent is not None
        true = 0.3 if name.startswith("error") else 0.4
        assert abs(curve.exponent.alpha.value - true) < 4 * curve.exponent.alpha.stderr
        assert curve.exponent.alpha.stderr < 0.05


def test_a_mean_is_that_of_logarithms():
    f = family(rows(trials=2))
    a, b = f.curves[cell.HELD_OUT, "L_test"].values[0]
    mean = f.curves[cell.HELD_OUT, "L_test"].log_mean(0)
    assert math.isclose(mean.value, math.sqrt(a * b))
    assert math.isclose(mean.stderr / mean.value, abs(math.log(a / b)) / 2)


@pytest.mark.parametrize(
    ("given", "claim", "verdict"),
    [
        (rows(CIFAR), "alpha-d-cifar-10", Verdict.AGREES),
        (rows(CIFAR, d=20), "alpha-d-cifar-10", Verdict.DIFFERS),
        (rows(CIFAR, alpha=0.1), "alpha-d-cifar-10", Verdict.DIFFERS),
        (rows(CIFAR), "error-like-loss-cifar-10", Verdict.AGREES),
        (rows(CIFAR, error_alpha=0.8), "error-like-loss-cifar-10", Verdict.DIFFERS),
        (rows(growth=0.0), "d-constant-fashion-mnist", Verdict.AGREES),
        (rows(growth=0.3), "d-constant-fashion-mnist", Verdict.DIFFERS),
        (rows(CIFAR, growth=-0.3), "d-constant-cifar-10", Verdict.DIFFERS),
    ],
)
def test_true_statements_agree_and_false_ones_differ(
    given: list[Row], claim: str, verdict: Verdict
):
    assert verdicts(given)[claim] is verdict


def test_sets_without_rows_are_skipped_with_their_place_and_alpha_is_not_judged_at_quick():
    judged = {j.claim.id: j for j in found(rows()).claims}
    assert judged["alpha-d-cifar-10"].verdict is Verdict.SKIPPED
    assert "cifar-10-binary.tar.gz" in judged["alpha-d-cifar-10"].reason
    assert "extra_32x32.mat" in judged["d-constant-svhn"].reason
    assert verdicts(rows(CIFAR, d=20), Budget.QUICK)["alpha-d-cifar-10"] is Verdict.INCONCLUSIVE
    assert {j.verdict for j in found([]).claims} == {Verdict.SKIPPED}


def test_points_are_alpha_and_d_of_every_set():
    both = points(rows(d=10) + rows("mnist", alpha=0.2, d=12))
    assert [p.dataset for p in both] == ["fashion-mnist", "mnist"]
    for point, alpha, d in zip(both, (0.4, 0.2), (10, 12), strict=True):
        assert abs(point.alpha.value - alpha) < 4 * point.alpha.stderr
        assert abs(point.d.value - d) < 4 * point.d.stderr


def test_the_interval_of_alpha_d_is_a_simulation_s():
    f = family(rows())
    fit, d, measured = f.exponent(), f.d_largest(), alpha_d(f)
    assert fit is not None
    assert d is not None
    assert measured is not None
    rng = default_rng(1)
    drawn = rng.normal(fit.alpha.value, fit.alpha.stderr, 100_000)
    drawn *= rng.normal(d.value, d.stderr, 100_000) / 4
    assert math.isclose(measured.stderr, drawn.std(), rel_tol=0.02)


def test_one_trial_leaves_the_loss_without_error_and_d_with_the_estimator_s():
    given = rows(trials=1)
    f = family(given)
    assert math.isinf(f.curves[cell.HELD_OUT, "L_test"].log_mean(0).stderr)
    (d, *_) = f.d[False, "twonn"]
    assert isinstance(d, Estimate)
    assert d.stderr == 0.1
    assert any("one trial" in note for note in found(given).notes)


@pytest.mark.parametrize("n", [1, 5, 12])
@pytest.mark.parametrize("dataset", list(cell.COUNTS))
def test_networks_have_the_paper_s_counts(dataset: str, n: int):
    assert architecture(dataset, n).n_parameters == cell.COUNTS[dataset](n)


SMALL = cell.ImageClassifier("digits", 2, 0, 3, 200, 400, 0, 0, "cpu")


def test_a_cell_stops_where_the_chosen_loss_was_least():
    made = list(cell.run(SMALL))
    epochs = [row for row in made if row["kind"] == "epoch"]
    assert [row["epoch"] for row in epochs] == [1, 2, 3]
    for stop, name in ((cell.HELD_OUT, "L_held_out"), (cell.TEST, "L_test")):
        (own,) = [row for row in made if row.get("stop") == stop]
        losses = [row[name] for row in epochs]
        assert own[name] == min(losses)
        assert own["epoch"] == 1 + losses.index(own[name])
    measured = {row["relu"]: row for row in made if row["kind"] == "dimension"}
    assert set(measured) == {False, True}
    assert all(row["points"] == 400 for row in measured.values())
    assert made == list(cell.run(SMALL))


def test_trials_hold_out_other_images_and_none_are_trained_on():
    splits = [cell._split(dataclasses.replace(SMALL, trial=trial)) for trial in (0, 1)]
    first, second = ({image.numpy().tobytes() for image in s.held_out[0]} for s in splits)
    assert len(first & second) < 100
    trained = {image.numpy().tobytes() for image in splits[0].train[0]}
    assert not first & trained
    assert [len(part[0]) for part in (splits[0].train, splits[0].held_out, splits[0].test)] == [
        1237,
        200,
        360,
    ]
    assert splits[0].train[0].max() == 1


def test_paper_has_every_set_and_quick_says_its_sizes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settings, "is_present", lambda dataset: True)
    cells = settings.cells(settings.BUDGETS[Budget.PAPER])
    count = dict.fromkeys((*cell.COUNTS, "digits"), 0)
    for each in cells:
        count[each.config.dataset] += 1
        assert each.config.epochs == (5 if each.config.dataset == "svhn" else 50)
    assert count == {
        "cifar-10": 40 * 13,
        "svhn": 20 * 10,
        "fashion-mnist": 20 * 7,
        "mnist": 20 * 7,
        "digits": 0,
    }
    quick = settings.cells(settings.BUDGETS[Budget.QUICK])
    assert sorted({c.config.n for c in quick}) == [2, 4, 8]
    assert len(quick) == 9
