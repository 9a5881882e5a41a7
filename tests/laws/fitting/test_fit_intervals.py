"""Intervals of a fit: coverage, agreement with exact theory, honesty about open ends."""

import math

import numpy as np
import pytest
from scipy import stats

from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.laws import Fit, Power, PowerConstant, fit
from scalinglaws.laws.fitting import condense

POWER = Power(A=20.0, alpha=0.1)
CONSTANT = PowerConstant(E=1.7, A=400.0, alpha=0.34)


def noisy(law: Power | PowerConstant, n: int, noise: float, seed: int) -> dict[str, np.ndarray]:
    N = np.geomspace(1e6, 1e9, n)
    return {
        "N": N,
        "loss": law.predict(N) * np.exp(noise * np.random.default_rng(seed).normal(size=n)),
    }


def test_a_power_law_has_the_textbook_intervals_of_a_straight_line():
    """Linear least squares: profile, Student and F intervals are one, and known in closed form."""
    data = noisy(POWER, 12, 0.03, seed=1)
    found = fit(data, "power")
    line = stats.linregress(np.log(data["N"]), np.log(data["loss"]))
    arm = stats.t.ppf(0.975, 10) * line.stderr
    assert found.params["alpha"].value == pytest.approx(-line.slope, rel=1e-10)
    assert found.params["alpha"].lo == pytest.approx(-line.slope - arm, rel=1e-4)
    assert found.params["alpha"].hi == pytest.approx(-line.slope + arm, rel=1e-4)

    x = np.log(data["N"])
    s = found.residual_sd
    leverage = 1 / 12 + (math.log(1e10) - x.mean()) ** 2 / np.sum((x - x.mean()) ** 2)
    for forecast, spread in ((found.mean(1e10), leverage), (found.predict(1e10), 1 + leverage)):
        half = stats.t.ppf(0.975, 10) * s * math.sqrt(spread)
        # A forecast's profile ends are found through a pinned point of finite weight.
        assert math.log(forecast.hi / forecast.value) == pytest.approx(half, rel=3e-3)
        assert math.log(forecast.value / forecast.lo) == pytest.approx(half, rel=3e-3)


@pytest.mark.parametrize(
    ("truth", "n", "draws"), [(POWER, 8, 150), (CONSTANT, 12, 80)], ids=["power", "constant"]
)
def test_intervals_cover_at_their_level(truth: Power | PowerConstant, n: int, draws: int):
    """alpha, and a new run at 10 times the largest N; 95 % within 3 standard errors."""
    rng = np.random.default_rng(11)
    alpha = run = 0
    for seed in range(draws):
        found = fit(noisy(truth, n, 0.03, seed), truth.name)
        new = float(truth.predict(1e10)) * math.exp(0.03 * rng.normal())
        forecast = found.predict(1e10)
        alpha += found.params["alpha"].lo <= truth.alpha <= found.params["alpha"].hi
        run += forecast.lo <= new <= forecast.hi
    tolerance = 3 * math.sqrt(0.95 * 0.05 / draws)
    assert alpha / draws == pytest.approx(0.95, abs=tolerance)
    assert run / draws == pytest.approx(0.95, abs=tolerance)


def test_auto_allows_for_the_law_it_did_not_choose():
    """A pure power law whose floor cannot be excluded: the forecast must allow for one."""
    data = noisy(POWER, 30, 0.02, seed=0)
    auto, power = fit(data), fit(data, "power")
    assert auto.law.name == "power"
    assert any("do not exclude power+constant" in note for note in auto.notes)
    assert auto.predict(1e12).hi > power.predict(1e12).hi
    assert auto.params["alpha"].hi > power.params["alpha"].hi


def test_solve_inverts_the_interval_of_the_mean():
    """The ends of the x that a loss needs are where the mean's interval passes that loss."""
    found = fit(noisy(CONSTANT, 20, 0.01, seed=3), "power+constant")
    answer = found.solve(1.9)
    assert found.mean(answer.x.value).value == pytest.approx(1.9, rel=1e-9)
    assert found.mean(answer.x.lo).lo == pytest.approx(1.9, rel=1e-4)
    assert found.mean(answer.x.hi).hi == pytest.approx(1.9, rel=1e-4)


def test_a_loss_below_the_floor_is_unreachable():
    found = fit(noisy(CONSTANT, 20, 0.01, seed=3), "power+constant")
    answer = found.solve(1.5)
    assert answer.status == "unreachable"
    assert math.isnan(answer.x.value)


def test_a_loss_that_some_law_within_the_interval_never_reaches_leaves_the_end_open():
    found = fit(noisy(CONSTANT, 20, 0.01, seed=3), "power+constant")
    just_above = found.params["E"].value * 1.001
    answer = found.solve(just_above)
    assert math.isinf(answer.x.hi)
    assert answer.status == "unbounded"


def status_of(N: list[float], loss: list[float], law: str = "auto") -> Fit:
    return fit({"N": N, "loss": loss}, law)


def test_as_many_points_as_parameters_leave_every_interval_open():
    found = status_of([1, 2], [2, 1])
    assert found.status == "unbounded"
    assert (found.params["alpha"].lo, found.params["alpha"].hi) == (-math.inf, math.inf)
    assert found.params["A"].lo == 0
    assert math.isinf(found.predict(3).hi)


def test_a_rising_loss_shows_no_trend():
    assert status_of([1, 2, 3, 4, 5, 6], [1, 1.1, 1.3, 1.3, 1.5, 1.6]).status == "no-trend"


def test_few_points_are_a_status():
    assert status_of([1, 2, 4], [4, 2.1, 1], "power").status == "few-points"


def test_far_forecasts_are_extrapolations():
    found = fit(noisy(POWER, 10, 0.01, seed=4), "power")
    assert found.beyond(5e8) == 1
    assert found.beyond(1e11) == pytest.approx(100)
    assert found.beyond({"N": 1e5}) == pytest.approx(10)
    assert found.status_at(1.5e9) == "ok"
    assert found.status_at(1e11) == "extrapolated"


def test_points_that_repeat_are_noted():
    found = status_of([1, 2, 3, 4, 4], [4, 3, 2.5, 2.2, 2.2])
    assert any(note.startswith("1 points repeat") for note in found.notes)


@pytest.mark.parametrize("factor", [1e-150, 1e150])
def test_units_of_x_and_loss_change_no_interval(factor: float):
    data = noisy(CONSTANT, 12, 0.02, seed=5)
    here = fit(data, "power+constant")
    there = fit({"N": data["N"] * 1e3, "loss": data["loss"] * factor}, "power+constant")
    for end in ("lo", "value", "hi"):
        ours, theirs = (getattr(f.params["alpha"], end) for f in (here, there))
        assert theirs == pytest.approx(ours, rel=1e-3)
        ours, theirs = (getattr(f.params["E"], end) for f in (here, there))
        assert theirs == pytest.approx(ours * factor, rel=1e-3)


GOOD = {"N": [1.0, 2, 3, 4], "loss": [4.0, 3, 2, 1]}


@pytest.mark.parametrize(
    ("change", "arguments", "error", "match"),
    [
        ({"loss": [4, 3, -2, 1]}, {}, BadInput, "row 3 is -2"),
        ({"loss": [4, 0, 0, 1]}, {}, BadInput, "row 2 is 0, row 3 is 0"),
        ({"N": [1, 2, math.nan, 4]}, {}, BadInput, "row 3 is nan"),
        ({"N": [1, 2, 3, math.inf]}, {}, BadInput, "row 4 is inf"),
        ({"N": [2, 2, 2, 2]}, {}, BadInput, "at least 2 distinct N; the table has 1"),
        ({"N": [1, 2]}, {}, BadInput, "equally long"),
        ({"loss": [2, 2, 2, 2]}, {}, BadInput, "same in every row"),
        ({"N": []}, {}, BadInput, "not empty"),
        ({"N": ["a", "b", "c", "d"]}, {}, BadInput, "must hold numbers"),
        ({}, {"x": "M"}, UnknownName, "unknown column 'M'"),
        ({}, {"x": ("N", "N")}, BadInput, "each column once"),
        ({}, {"x": ("N", "D")}, UnknownName, "unknown column 'D'"),
        ({}, {"x": ("N", "D", "C")}, BadInput, "no law is of 3 variables"),
        ({}, {"law": "additive"}, BadInput, "additive is a law of 2 variables, not of N; of 1 "),
        ({}, {"objective": "lad", "delta": 0.1}, BadInput, "delta belongs"),
        ({}, {"objective": "huber", "delta": 0.0}, BadInput, "1e-9 or more"),
        ({}, {"weights": "w"}, UnknownName, "unknown column 'w'"),
        ({}, {"groups": "run"}, UnknownName, "unknown column 'run'"),
        ({}, {"objective": "l2"}, UnknownName, "objective"),
        ({}, {"delta": 1e-3}, BadInput, "delta belongs"),
        ({}, {"level": 1.0}, BadInput, "between 0 and 1"),
        ({"N": [1, 2, 1, 2]}, {"law": "power+constant"}, BadInput, "at least 3 distinct"),
    ],
)
def test_what_cannot_be_fitted_is_refused(change, arguments, error, match):
    with pytest.raises(error, match=match):
        fit(GOOD | change, **arguments)


@pytest.mark.parametrize("at", [-1.0, 0.0, math.inf, math.nan])
def test_a_forecast_needs_a_positive_finite_x(at: float):
    with pytest.raises(BadInput, match="positive, finite N"):
        fit(GOOD).predict(at)


def test_a_forecast_needs_the_columns_that_were_fitted():
    with pytest.raises(BadInput, match="needs N; got D"):
        fit(GOOD).predict({"D": 1.0})


def test_a_condensed_table_has_the_intervals_of_the_whole(monkeypatch: pytest.MonkeyPatch):
    """8000 runs at random sizes: the profile over 5000 runs of neighbours against all points."""
    rng = np.random.default_rng(6)
    N = np.exp(rng.uniform(np.log(1e6), np.log(1e9), 8000))
    data = {"N": N, "loss": CONSTANT.predict(N) * np.exp(0.05 * rng.normal(size=8000))}
    small = fit(data, "power+constant")
    monkeypatch.setattr(condense, "_MANY", 10**9)
    whole = fit(data, "power+constant")
    assert small.objective.value == pytest.approx(whole.objective.value, rel=1e-12)
    for name, estimate in whole.params.items():
        arm = estimate.half_width
        assert small.params[name].value == pytest.approx(estimate.value, abs=1e-4 * arm)
        assert small.params[name].lo == pytest.approx(estimate.lo, abs=1e-2 * arm)
        assert small.params[name].hi == pytest.approx(estimate.hi, abs=1e-2 * arm)


def test_what_is_no_table_of_numbers_is_refused():
    x, loss = np.geomspace(1e6, 1e9, 12), np.geomspace(4, 2, 12)
    hidden = np.ma.masked_greater(loss, 3.9)
    for wrong, said in ((hidden, "masked rows"), (loss + 0j, "real numbers")):
        with pytest.raises(BadInput, match=said):
            fit({"N": x, "loss": wrong})


def test_groups_may_be_named_by_anything():
    rng = np.random.default_rng(0)
    x, loss = (
        np.geomspace(1e6, 1e9, 12),
        np.geomspace(4, 2, 12) * np.exp(0.01 * rng.normal(size=12)),
    )
    names = np.array([None, 1, "a"] * 4, dtype=object)
    assert fit({"N": x, "loss": loss, "g": names}, "power", groups="g").independent == 3
