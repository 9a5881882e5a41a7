"""The fits of all origins at once."""

import numpy as np
import pytest

from scalinglaws.laws import LAWS
from scalinglaws.laws.fitting.objective import SQUARES, Huber, Loss
from scalinglaws.laws.fitting.optimise import Problem
from scalinglaws.laws.forecast.origins import origins
from scalinglaws.laws.forecast.prefixes import fit_prefixes
from scalinglaws.laws.forecast.runs import Runs


def noisy(n: int, noise: float, seed: int) -> Runs:
    N = np.geomspace(1e6, 1e9, n)
    loss = (1.7 + 400 * N**-0.34) * np.exp(noise * np.random.default_rng(seed).normal(size=n))
    return Runs.of({"N": N, "loss": loss})


@pytest.mark.parametrize("loss", [SQUARES, Huber(1e-2)])
@pytest.mark.parametrize("name", ["power", "power+constant", "shifted"])
def test_each_origin_reaches_the_optimum_of_its_own_prefix(name: str, loss: Loss):
    law, runs = LAWS[name], noisy(14, 0.02, 1)
    at = origins(runs, len(law.kinds))
    found = fit_prefixes(law, runs, at, loss)
    for theta, fitted in zip(found.theta, at.fitted, strict=True):
        alone = Problem(law, runs.log_X[:, fitted], runs.log_L[fitted], loss)
        assert alone.F(theta) <= alone.best(alone.starts()).F * (1 + 1e-6)


def test_a_prefix_knows_nothing_of_later_runs():
    runs = noisy(14, 0.02, 2)
    later = runs.log_L.copy()
    later[10:] += 1.0
    other = Runs(**{**runs.__dict__, "log_L": later})
    at = origins(runs, 3)
    early = at.fitted.sum(axis=1) <= 10
    one, two = (fit_prefixes(LAWS["power+constant"], r, at).theta[early] for r in (runs, other))
    assert np.array_equal(one, two)


def test_the_claimed_sd_is_that_of_linear_regression_for_a_line():
    runs = noisy(12, 0.05, 3)
    at = origins(runs, 2)
    log_x = np.log([[5e9]])
    log_L, sd = fit_prefixes(LAWS["power"], runs, at).forecast(log_x)
    X = np.stack([np.ones(len(runs)), runs.log_X[0]], axis=1)
    theta, (SS,), *_ = np.linalg.lstsq(X, runs.log_L)
    new = np.array([1.0, log_x[0, 0]])
    s2 = SS / (len(runs) - 2)
    assert log_L[-1, 0] == pytest.approx(new @ theta, rel=1e-8)
    assert sd[-1, 0] ** 2 == pytest.approx(s2 * (1 + new @ np.linalg.inv(X.T @ X) @ new), rel=1e-6)
