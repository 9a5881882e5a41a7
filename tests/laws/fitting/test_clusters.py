"""Errors of runs that come in groups."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import default_rng

from scalinglaws.laws import Power, fit
from scalinglaws.laws.fitting.clusters import Clusters, corrected

TRUTH = Power(A=20.0, alpha=0.1)


def table(seed: int, groups: int, each: int, own: float, shared: float) -> dict[str, np.ndarray]:
    """Groups of runs at one size; `shared` is the noise that all runs of a group have."""
    rng = default_rng(seed)
    group = np.repeat(np.arange(groups), each)
    N = np.geomspace(1e6, 1e9, groups)[group]
    noise = own * rng.standard_normal(len(N)) + shared * rng.standard_normal(groups)[group]
    return {"N": N, "loss": TRUTH.predict(N) * np.exp(noise), "group": group}


def test_corrected_residuals_are_those_of_the_definition():
    found = fit(table(0, 6, 4, 0.02, 0.01), "power", groups="group")
    problem, theta, groups = found.problem, found.optimum.theta, found.groups
    Q, _ = np.linalg.qr(problem.gradient_rows(theta))
    r = found.residuals
    got = corrected(problem, theta, groups, r)
    for g in range(6):
        own = groups == g
        value, axes = np.linalg.eigh(np.eye(4) - Q[own] @ Q[own].T)
        np.testing.assert_allclose(got[own], axes @ (axes.T @ r[own] / np.sqrt(value)), rtol=1e-9)


def test_groups_of_one_run_have_the_covariance_of_independent_runs():
    found = fit(table(1, 400, 1, 0.02, 0.0), "power")
    clusters = Clusters.of(found.problem, found.optimum.theta, found.groups)
    assert clusters.widening(np.eye(2)) == pytest.approx([1, 1], abs=4 * np.sqrt(2 / 400))


@pytest.mark.parametrize(
    ("groups", "objective", "tables"), [(8, "lsq", 100), (15, "lsq", 100), (8, "huber", 40)]
)
def test_intervals_of_grouped_runs_hold_as_often_as_they_claim(
    groups: int, objective: str, tables: int
):
    """As if independent they hold .45 of the time."""
    held = {"alpha": 0, "mean": 0}
    for seed in range(tables):
        found = fit(
            table(seed, groups, 5, 0.002, 0.02), "power", groups="group", objective=objective
        )
        alpha, mean = found.params["alpha"], found.mean(1e11)
        held["alpha"] += alpha.lo <= TRUTH.alpha <= alpha.hi
        held["mean"] += mean.lo <= float(TRUTH.predict(1e11)) <= mean.hi
    for count in held.values():
        assert count / tables == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / tables))


def test_copies_of_rows_do_not_narrow_an_interval():
    """As if they were runs of their own they hold half of the time."""
    held, tables = 0, 100
    for seed in range(tables):
        once = table(seed, 8, 1, 0.02, 0.0)
        copied = fit({name: np.tile(column, 4) for name, column in once.items()}, "power")
        alpha = copied.params["alpha"]
        held += alpha.lo <= TRUTH.alpha <= alpha.hi
        assert any("copies" in note for note in copied.notes)
    assert held / tables == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / tables))
