"""What a budget buys and a loss costs: the closed form, open ends, intervals that hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.random import default_rng

from scalinglaws.errors import BadInput
from scalinglaws.laws import Additive, Fit, bootstrap, compute_optimal, fit
from scalinglaws.laws.compute.allocation import buys, costs

LAW = Additive(E=1.8, A=480.0, alpha=0.35, B=2100.0, beta=0.37)


def fitted(seed: int, sigma: float = 0.003) -> Fit:
    C = np.repeat(np.geomspace(1e18, 1e21, 5), 6)
    N = np.sqrt(C / 120) * np.tile(np.geomspace(0.25, 4, 6), 5)
    loss = LAW.predict(N, C / 6 / N) * np.exp(sigma * default_rng(seed).standard_normal(30))
    return fit({"N": N, "D": C / 6 / N, "loss": loss}, "additive", x=("N", "D"))


def test_without_noise_they_are_the_closed_form_and_undo_each_other():
    drawn = bootstrap(fitted(0, 1e-7), 20)
    C = 1e22
    a, b, A, B = LAW.alpha, LAW.beta, LAW.A, LAW.B
    N = (a * A / (b * B)) ** (1 / (a + b)) * (C / 6) ** (b / (a + b))
    bought = buys(drawn, C)
    assert bought.N.value == pytest.approx(N, rel=1e-3)
    assert bought.D.value == pytest.approx(C / 6 / N, rel=1e-3)
    cost = costs(drawn, bought.L.value)
    assert cost.C.value == pytest.approx(C, rel=1e-3)
    assert cost.N.value == pytest.approx(bought.N.value, rel=1e-2)


def test_intervals_hold_the_truth_as_often_as_a_bootstrap_does():
    truth = compute_optimal(LAW, 1e22)
    inside, draws = 0, 8
    for seed in range(draws):
        found = buys(bootstrap(fitted(seed), 60, threads=1), 1e22).L
        inside += found.lo <= float(truth.L) <= found.hi
    assert inside / draws > 0.95 - 4 * math.sqrt(0.95 * 0.05 / draws)


def test_a_loss_below_the_floor_costs_more_than_anything():
    cost = costs(bootstrap(fitted(1), 50), 1.0)
    assert cost.C.value == math.inf
    # Near the floor some laws get there and some never do.
    near = costs(bootstrap(fitted(1), 50), fitted(1).params["E"].value * 1.0005)
    assert math.isinf(near.C.hi)


def test_a_law_of_one_x_cannot_split_a_budget():
    N = np.geomspace(1e6, 1e9, 12)
    drawn = bootstrap(fit({"N": N, "loss": 20 * N**-0.1 * (1 + 1e-3 * np.sin(N))}), 20)
    with pytest.raises(BadInput, match="cannot split a budget"):
        buys(drawn, 1e20)
    with pytest.raises(BadInput, match="positive and finite"):
        costs(bootstrap(fitted(1), 20), math.nan)


def test_n_and_d_that_rise_together_leave_the_allocation_open():
    N = np.geomspace(1e7, 1e10, 16)
    loss = fitted(0).law.predict(N, 20 * N) * np.exp(0.003 * default_rng(2).standard_normal(16))
    found = fit({"N": N, "D": 20 * N, "loss": loss}, "additive", x=("N", "D"))
    bought = buys(bootstrap(found, 40), 1e21)
    assert (bought.N.lo, bought.N.hi) == (0, math.inf)
