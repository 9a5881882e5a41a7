"""What the experiments on published tables share: printed numbers, fits as rows, absent tables."""

import math
from pathlib import Path

import numpy as np
import pytest

from scalinglaws.data.runs.joint import Runs
from scalinglaws.experiments import get
from scalinglaws.experiments.public_runs import fits
from scalinglaws.experiments.public_runs.printed import exactly, farthest, half_units
from scalinglaws.experiments.public_runs.seeds import over_seeds
from scalinglaws.result import Budget, Verdict

NAMES = ("chinchilla-refit", "gemstones", "olmo-ladder", "routing", "nsl-benchmark")


@pytest.mark.parametrize(
    ("value", "printed", "halves"),
    [
        (482.01, "482.01", 0),
        (482.0149, "482.01", 0.98),
        (1.82, "1.8", 0.4),
        (1.26e-5, "1.2e-5", 1.2),
    ],
)
def test_half_units_count_from_the_last_digit_printed(value: float, printed: str, halves: float):
    assert half_units(value, printed) == pytest.approx(halves, abs=1e-9)


def test_the_farthest_number_is_the_one_that_counts():
    assert farthest({"A": 1.01, "B": 2.2, "C": 9.0}, {"A": "1.0", "B": "2.0"}).value == (
        pytest.approx(4)
    )
    assert exactly(3.0).half_width == 0


def test_the_optimum_of_exact_runs_is_their_law_and_a_row_says_so():
    N, D = (
        grid.ravel() for grid in np.meshgrid(np.geomspace(1e7, 1e10, 6), np.geomspace(1e9, 1e12, 6))
    )
    runs = Runs(N, D, 1.7 + 400 / N**0.34 + 2000 / D**0.37)
    problem = fits.problem(runs, "huber", 1e-3)
    row = fits.optimum_row(problem.best(problem.starts()))
    for name, value in {"E": 1.7, "A": 400, "alpha": 0.34, "B": 2000, "beta": 0.37}.items():
        assert row[name] == pytest.approx(value, rel=1e-6)
    assert row["log_A"] == pytest.approx(math.log(400), rel=1e-6)
    assert row["a"] == pytest.approx(0.37 / 0.71, rel=1e-6)


def test_an_open_end_is_none_in_a_row_and_infinite_in_the_estimate():
    estimate = fits.estimate_of({"b": 1.0, "b_lo": 0.5, "b_hi": None}, "b")
    assert (estimate.lo, estimate.hi, estimate.stderr) == (0.5, math.inf, math.inf)


def test_seeds_have_the_error_of_their_mean():
    """Three of standard deviation 1; Student's .975 quantile with 2 degrees of freedom, 4.3027."""
    found = over_seeds([1.0, 2.0, 3.0])
    assert found is not None
    assert (found.value, found.stderr) == pytest.approx((2.0, 1 / math.sqrt(3)))
    assert found.hi - 2 == pytest.approx(4.3027 / math.sqrt(3), rel=1e-4)
    assert over_seeds([]) is over_seeds([1.0, math.inf]) is None


@pytest.mark.parametrize("name", NAMES)
def test_absent_tables_give_no_cells_and_skip_every_claim(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for variable in ("HOME", "SCALINGLAWS_DATA", "SCALINGLAWS_LAWS_DATA"):
        monkeypatch.setenv(variable, str(tmp_path))
    experiment = get(name)
    for settings in experiment.budgets.values():
        assert experiment.cells(settings) == []
    found = experiment.analyse([], experiment.budgets[Budget.QUICK], Budget.QUICK)
    assert {j.claim.id for j in found.claims} == {c.id for c in experiment.claims}
    assert {j.verdict for j in found.claims} == {Verdict.SKIPPED}
    assert all("SCALINGLAWS_LAWS_DATA" in j.reason for j in found.claims)
    assert all(str(tmp_path) not in j.reason for j in found.claims)


@pytest.mark.parametrize("name", NAMES)
def test_cells_that_failed_are_not_passed_for_absent_tables(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("scalinglaws.experiments.public_runs.absence.absent", lambda *tables: "")
    experiment = get(name)
    found = experiment.analyse([], experiment.budgets[Budget.QUICK], Budget.QUICK)
    assert {j.verdict for j in found.claims} == {Verdict.INCONCLUSIVE}
