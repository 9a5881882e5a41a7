"""Losses other than squares: their derivatives, their optima, and many fits at once."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.random import default_rng
from scipy.optimize import linprog, minimize

from scalinglaws.laws import Additive, Power, PowerConstant, fit
from scalinglaws.laws.fitting.descent import Data, _solve, descend  # pyright: ignore[reportPrivateUsage]
from scalinglaws.laws.fitting.objective import (
    SQUARES,
    Absolute,
    Huber,
    Loss,
    Student,
    objective,
)
from scalinglaws.laws.fitting.optimise import Problem
from scalinglaws.laws.fitting.scale import loss_for

TRUTH = PowerConstant(E=1.69, A=406.4, alpha=0.34)
N = np.geomspace(1e6, 1e10, 30)


def noisy(seed: int, sigma: float = 0.01, outliers: int = 0) -> dict[str, np.ndarray]:
    rng = default_rng(seed)
    noise = sigma * rng.standard_normal(len(N))
    noise[rng.permutation(len(N))[:outliers]] += 30 * sigma
    return {"N": N, "loss": TRUTH.predict(N) * np.exp(noise)}


LOSSES = [SQUARES, Huber(0.7), Absolute(0.3), Student(0.4)]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_psi_is_the_slope_of_rho_and_the_parabola_lies_above(loss: Loss):
    r, h = np.linspace(-3, 3, 100), 1e-6  # no corner among them
    slope = (loss.rho(r + h) - loss.rho(r - h)) / (2 * h)
    np.testing.assert_allclose(loss.psi(r), slope, atol=1e-6)
    np.testing.assert_allclose(loss.psi(r), r * loss.weight(r), atol=1e-12)
    bend = (loss.psi(r + h) - loss.psi(r - h)) / (2 * h)
    np.testing.assert_allclose(loss.curvature(r), np.maximum(bend, 0), atol=1e-5)
    for at in (-2.0, 0.4, 1.3):
        touch = np.array([at])
        above = loss.rho(touch) + 0.5 * loss.weight(touch) * (r**2 - at**2)
        assert (above - loss.rho(r) >= -1e-12).all()


def test_least_absolute_deviations_are_those_of_a_linear_program():
    """A power law is a straight line: sum |r| is a linear program, solved exactly by HiGHS."""
    data = noisy(1, 0.05)
    x, y = np.log(N), np.log(data["loss"])
    n = len(x)
    design = np.stack([np.ones(n), -x], axis=1)
    rows = np.block([[design, -np.eye(n)], [-design, -np.eye(n)]])
    cost = np.concatenate([np.zeros(2), np.ones(n)])
    bounds = [(None, None)] * 2 + [(0, None)] * n
    exact = linprog(cost, A_ub=rows, b_ub=np.concatenate([y, -y]), bounds=bounds)
    found = fit(data, "power", objective="lad")
    assert found.objective.value == pytest.approx(exact.fun, rel=1e-8)
    assert found.params["alpha"].value == pytest.approx(exact.x[1], rel=1e-6)
    # Two runs lie on the line, as many as it has parameters.
    assert (np.sort(np.abs(found.residuals))[:3] < 1e-9).tolist() == [True, True, False]


@pytest.mark.parametrize(("name", "delta"), [("huber", 1e-3), ("student", 5e-3)])
def test_another_optimiser_finds_nothing_better(name: str, delta: float):
    for seed in range(4):
        data = noisy(seed, outliers=3)
        found = fit(data, "power+constant", objective=name, delta=delta)
        problem = found.problem
        rival = minimize(
            lambda theta: problem.F(theta) / 2,  # noqa: B023
            found.optimum.theta + 0.02 * default_rng(seed).standard_normal(3),
            method="Nelder-Mead",
            options={"xatol": 1e-10, "fatol": 1e-14, "maxfev": 4000},
        )
        assert found.objective.value <= rival.fun * (1 + 1e-9)
        assert found.optimum.stationarity < 1e-6


def test_outliers_move_squares_and_not_the_others():
    """Three runs of thirty 30 sigma above: squares leave their clean interval, the others stay."""
    clean, dirty = noisy(5), noisy(5, outliers=3)
    for name in ("lsq", "huber", "lad", "student"):
        before = fit(clean, "power+constant", objective=name).params["E"]
        after = fit(dirty, "power+constant", objective=name).params["E"].value
        assert (before.lo <= after <= before.hi) == (name != "lsq")


@pytest.mark.parametrize("name", ["huber", "lad"])
def test_intervals_of_robust_fits_hold_the_truth_as_often_as_they_claim(name: str):
    """40 tables of Gaussian noise: 95 % within four binomial standard errors."""
    draws = 40
    inside = 0
    for seed in range(draws):
        rng = default_rng(1000 + seed)
        loss = 20 * N**-0.1 * np.exp(0.01 * rng.standard_normal(len(N)))
        alpha = fit({"N": N, "loss": loss}, "power", objective=name).params["alpha"]
        inside += alpha.lo <= 0.1 <= alpha.hi
    assert abs(inside / draws - 0.95) < 4 * math.sqrt(0.95 * 0.05 / draws)


def test_a_student_whose_scale_is_not_given_takes_it_from_the_residuals():
    found = fit(noisy(2), "power+constant", objective="student")
    assert found.objective.delta == pytest.approx(0.01, rel=0.5)
    assert objective("student") is None


def test_weights_are_runs_repeated():
    data = noisy(3)
    twice = {name: np.concatenate([column, column[:10]]) for name, column in data.items()}
    weighted = data | {"w": np.where(np.arange(len(N)) < 10, 2.0, 1.0)}
    a, b = fit(twice, "power+constant"), fit(weighted, "power+constant", weights="w")
    for name in ("E", "A", "alpha"):
        assert a.params[name].value == pytest.approx(b.params[name].value, rel=1e-8)


def test_many_descents_end_where_each_would_alone():
    rng = default_rng(4)
    log_L = np.log(np.stack([noisy(seed)["loss"] for seed in range(6)]))
    weight = rng.integers(0, 3, log_L.shape).astype(float)
    starts = np.tile(TRUTH.theta, (6, 1))
    starts[5, 0] = -math.inf  # stays at E = 0
    for loss in (SQUARES, Huber(1e-2)):
        together = descend(Data(PowerConstant, np.log(N)[None], log_L, weight), loss, starts)
        assert together[5, 0] == -math.inf
        for i, theta in enumerate(together):
            alone_data = Data(PowerConstant, np.log(N)[None], log_L[i], weight[i])
            alone = descend(alone_data, loss, starts[i : i + 1])
            np.testing.assert_allclose(theta, alone[0], rtol=1e-6)


def test_a_point_is_passed_through_whatever_the_loss():
    data = noisy(6)
    far = np.log([[1e12, 1e12]])
    for loss in (SQUARES, Huber(1e-3)):
        problem = Problem(Power, np.log(N)[None], np.log(data["loss"]), loss)
        best = problem.best(problem.starts())
        (log_L,) = Power.log_loss(best.theta, far[:, :1])
        twice, weight = np.tile(best.theta, (2, 1)), np.full(2, 1e6)
        through = problem.least_through(twice, far, log_L + np.array([0.0, 0.05]), weight)
        assert through[0] == pytest.approx(best.F, rel=1e-6)
        assert through[1] > best.F * (1 + 1e-4)


def test_student_s_scale_is_that_of_the_law_that_fits():
    """Of the power law's misfit it would be ten times the noise."""
    data = noisy(0, outliers=2)
    assert fit(data, objective="student").objective.delta == pytest.approx(0.01, rel=0.5)


def test_copies_of_one_valley_do_not_crowd_out_its_rivals():
    """Robust losses over additive tables with outliers: no start near the truth does better."""
    rng = default_rng(5)
    truth = Additive(E=1.8172, A=482.0, alpha=0.3478, B=2085.0, beta=0.3658)
    for name in ("huber", "lad"):
        for _ in range(6):
            n = int(rng.integers(12, 40))
            X = 10 ** rng.uniform([[7.5], [9.0]], [[10.0], [11.3]], (2, n))
            log_L = np.log(truth.predict(*X)) + 0.02 * rng.standard_normal(n)
            log_L[rng.integers(n, size=2)] += math.log(1.5)
            problem = Problem(Additive, np.log(X), log_L)
            problem = replace(problem, loss=loss_for([problem], name, None))
            found = problem.best(problem.starts())
            scale = np.array([0.5, 0.5, 0.1, 0.5, 0.1])
            near = [truth.theta + scale * rng.standard_normal(5) * (i / 8) for i in range(24)]
            assert found.F <= problem.best(near).F * (1 + 1e-6)


def test_a_member_without_curvature_of_its_own_does_not_stop_the_others():
    """Two coordinates that do the same: the curvature is singular to the last digit."""
    hessian = np.stack([np.array([[2.0, -2.0], [-2.0, 2.0]]), np.diag([2.0, 4.0])])
    damping, gradient = np.array([[2.0, 2.0], [2.0, 4.0]]), np.array([[1.0, -1.0], [2.0, 4.0]])
    lifted = np.full(2, -np.finfo(float).eps)  # takes back what lifts the diagonal
    steps = _solve(hessian, damping, lifted, gradient)
    assert np.isfinite(steps).all()
    np.testing.assert_allclose(steps[1], [1, 1], rtol=1e-12)
