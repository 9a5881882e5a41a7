"""The final interval and its status."""

import numpy as np
import pytest

from scalinglaws.errors import BadInput
from scalinglaws.laws import LAWS, FitStatus, PowerConstant, fit
from scalinglaws.laws.forecast import back_test, forecast, stack

CURVE = PowerConstant(E=1.7, A=400.0, alpha=0.34)
LARGEST = 1e9


def table(n: int, noise: float = 0.01, seed: int = 0, truth=CURVE) -> dict[str, np.ndarray]:
    N = np.geomspace(1e6, LARGEST, n)
    rng = np.random.default_rng(seed)
    return {"N": N, "loss": truth.predict(N) * np.exp(noise * rng.normal(size=n))}


def test_within_the_table_the_profile_band_stands():
    fitted = fit(table(20), "power+constant")
    made = forecast(fitted, 3e7)
    assert (made.status, made.horizon) == (FitStatus.OK, 1.0)
    assert made.loss == fitted.predict(3e7)


def test_beyond_the_longest_back_test_it_is_unsupported_and_says_how_far_they_reach():
    fitted = fit(table(20), "power+constant")
    test = back_test(table(20), ["power+constant"])
    inside, outside = (forecast(fitted, LARGEST * h, test=test) for h in (5.0, 1e4))
    assert inside.status is FitStatus.EXTRAPOLATED
    assert not inside.reason
    assert outside.status is FitStatus.UNSUPPORTED
    # As far as five runs were forecast: from the first origin to the fifth run from the end.
    farthest = [test.horizon[test.group == run].max() for run in np.unique(test.group)]
    assert f"{sorted(farthest)[-5]:.3g} times" in outside.reason
    assert outside.loss == fitted.predict(LARGEST * 1e4)


def test_with_fewer_than_19_residuals_the_conformal_band_is_refused():
    made = forecast(fit(table(9), "power+constant"), 2 * LARGEST)  # 3 + 2 + 1 residuals
    assert made.status is FitStatus.UNSUPPORTED
    assert made.reason == "a 95 % band needs 19 back-test residuals, the table gives 6"
    half = forecast(fit(table(9), "power+constant", level=0.5), 1.9 * LARGEST)
    assert half.status is FitStatus.OK


def test_the_band_is_never_inside_the_claimed_one():
    columns = table(20)
    fitted = fit(columns, "power+constant")
    for h in (1.5, 10.0, 50.0):
        made, claimed = forecast(fitted, h * LARGEST), fitted.predict(h * LARGEST)
        assert made.loss.lo <= claimed.lo
        assert made.loss.hi >= claimed.hi


def test_a_wrong_law_is_widened_until_it_covers():
    """The control: power+constant claims a band that misses a broken law nearly always."""
    truth = LAWS["broken"](1.2, 20.0, 0.12, 1e8, 0.15, 0.3)
    claimed = covered = 0
    for seed in range(2):
        fitted = fit(table(24, 0.005, seed, truth), "power+constant")
        actual, at = float(truth.predict(10 * LARGEST)), 10 * LARGEST
        claim, made = fitted.predict(at), forecast(fitted, at).loss
        claimed += claim.lo <= actual <= claim.hi
        covered += made.lo <= actual <= made.hi
    assert claimed == 0
    assert covered == 2


def test_far_below_the_table_nothing_vouches():
    made = forecast(fit(table(20), "power+constant"), 1e3)
    assert made.status is FitStatus.UNSUPPORTED
    assert "upwards" in made.reason


def test_a_joint_forecast_at_old_budget_but_new_shape_is_still_far():
    rng = np.random.default_rng(0)
    N, D = np.exp(rng.uniform(14, 20, (2, 40)))
    loss = (1.7 + 400 * N**-0.34 + 410 * D**-0.28) * np.exp(0.01 * rng.normal(size=40))
    test = back_test({"N": N, "D": D, "loss": loss}, ["additive"], x=("N", "D"))
    made = stack(test).predict({"N": N.max() * 1e4, "D": D.max() / 1e4})
    assert made.horizon == pytest.approx(1e4)
    assert made.status is FitStatus.UNSUPPORTED


def test_a_forecast_needs_every_x_and_the_back_test_of_its_own_law():
    fitted = fit(table(20), "power+constant")
    with pytest.raises(BadInput, match="back-test is of power"):
        forecast(fitted, 1e10, test=back_test(table(20), ["power"]))
    with pytest.raises(BadInput, match="needs N"):
        stack(back_test(table(20), ["power"])).predict({"D": 1.0})


def test_bands_of_dense_tables_are_no_wider_than_the_law_needs():
    rng = np.random.default_rng(6)
    N = np.exp(rng.uniform(np.log(1e6), np.log(1e10), 10_000))
    loss = (1.8 + 50 * N**-0.2) * np.exp(0.01 * rng.standard_normal(len(N)))
    fitted = fit({"N": N, "loss": loss}, "power+constant")
    made, claimed = forecast(fitted, 1e11), fitted.predict(1e11)
    assert made.status is FitStatus.EXTRAPOLATED
    assert made.loss.half_width < 2 * claimed.half_width


def test_one_run_seen_from_many_origins_vouches_for_nothing():
    N = np.append(np.geomspace(1e6, 1e7, 30), 1e9)
    noise = np.exp(0.01 * np.random.default_rng(1).standard_normal(31))
    made = forecast(fit({"N": N, "loss": CURVE.predict(N) * noise}, "power+constant"), 3e10)
    assert made.status is FitStatus.UNSUPPORTED


def test_a_band_beyond_double_precision_is_open():
    N = np.geomspace(1e6, LARGEST, 30)
    loss = 2 + 50 * N**-0.3
    loss[-3:] *= 1.02
    made = forecast(fit({"N": N, "loss": loss}, "power+constant"), 1e10)
    assert made.status is FitStatus.UNBOUNDED
