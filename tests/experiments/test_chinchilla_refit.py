"""chinchilla-refit: the published numbers agree, others do not, and the table gives them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from scalinglaws.data.runs import chinchilla
from scalinglaws.data.runs.tables import absent, checksum
from scalinglaws.errors import BadInput
from scalinglaws.experiments import get
from scalinglaws.experiments.chinchilla_refit import EXPERIMENT, Settings, published
from scalinglaws.experiments.chinchilla_refit.claims import (
    analyse,
    likelihood_ratio,
    log_likelihood,
)
from scalinglaws.experiments.chinchilla_refit.study import (
    DELTA,
    HOFFMANNS,
    OUTLIERS,
    Resampled,
    cells,
    resample,
    theta_of,
)
from scalinglaws.experiments.public_runs import fits
from scalinglaws.experiments.public_runs.printed import farthest
from scalinglaws.result import Budget, Row, Verdict

QUICK = EXPERIMENT.budgets[Budget.QUICK]
# sum |r| of Hoffmann's law at which the likelihood ratio is the printed one.
SUM_ABS = 1.12949465
RATIO_SUM = SUM_ABS * np.exp(84.0 / 480)


def fit_row(objective: str, **values: Any) -> Row:
    row: Row = {"kind": "fit", "objective": objective, "dropped": OUTLIERS, "n": 240}
    row |= {"a": 0.5126, "status": "ok", "value": 1.0, "sum_squares": 1.0}
    for name in fits.NAMES:
        row |= {name: 1.0, f"{name}_lo": 0.5, f"{name}_hi": 2.0}
    row |= {"sum_abs": SUM_ABS, "sum_abs_hoffmann": RATIO_SUM, "sum_abs_rounded": 4.24}
    return row | values


def rows_of(
    lad: dict[str, Any] | None = None, error: float = 1.0, chi2: float = 238.0
) -> list[Row]:
    """Rows as cells give them, of the printed numbers, changed as asked for."""
    logs = {name: float(text) for name, text in published.HEADLINE.items()}
    digits = {name: float(text) for name, text in published.LAD.items()}
    # To the digits of both ways of printing it.
    alike = {"alpha": 0.347813, "beta": 0.365854}
    rows = [
        fit_row("lad", **(digits | logs | alike | (lad or {}))),
        fit_row("huber", **{name: float(text) for name, text in published.HUBER.items()}),
    ]
    for seed, off in enumerate((-0.01, 0.0, 0.01)):
        row: Row = {"kind": "bootstrap", "seed": seed, "draws": 10, "chi2": chi2 * (1 + off)}
        for name, value in published.ERRORS.items():
            row |= {name: value * error * (1 + off), f"{name}_lo": 0.3, f"{name}_hi": 0.4}
        rows.append(row)
    for name in ("E", "alpha", "beta"):
        for at in (0.3, 0.35, 0.4):
            rise = 100 * (at - 0.35) ** 2
            rows.append(
                {"kind": "profile", "parameter": name, "at": at, "rise": rise, "limit": 3.9}
            )
    rows.append(
        {
            "kind": "run",
            "fitted": 2.0,
            "residual": 0.1,
            "fitted_hoffmann": 2.0,
            "residual_hoffmann": 0.1,
        }
    )
    return rows


def verdicts(rows: list[Row], budget: Budget = Budget.QUICK) -> dict[str, Verdict]:
    return {j.claim.id: j.verdict for j in analyse(rows, QUICK, budget).claims}


def test_the_printed_numbers_agree_and_smoke_judges_nothing():
    assert set(verdicts(rows_of()).values()) == {Verdict.AGREES}
    assert set(verdicts(rows_of(), Budget.SMOKE).values()) == {Verdict.INCONCLUSIVE}
    assert get("chinchilla-refit") is EXPERIMENT


@pytest.mark.parametrize(
    ("claims", "changes"),
    [
        ({"headline"}, {"lad": {"log_B": 7.64275}}),
        ({"headline", "lad"}, {"lad": {"alpha": 0.34783}}),
        ({"lad"}, {"lad": {"B": 2085.43}}),
        ({"optimal-exponent"}, {"lad": {"a": 0.5}}),
        ({"likelihood-ratio"}, {"lad": {"sum_abs_hoffmann": 1.3}}),
        ({"bootstrap-errors"}, {"error": 1.2}),
        ({"hoffmann-excluded"}, {"chi2": 205.0}),
        ({"hoffmann-excluded"}, {"chi2": 270.0}),
    ],
)
def test_other_numbers_differ(claims: set[str], changes: dict[str, Any]):
    found = verdicts(rows_of(**changes))
    assert {name for name, verdict in found.items() if verdict is Verdict.DIFFERS} == claims


def test_what_was_not_computed_is_inconclusive():
    found = verdicts([row for row in rows_of() if row["kind"] == "run"])
    assert set(found.values()) == {Verdict.INCONCLUSIVE}


def test_laplace_likelihood_is_that_of_its_best_scale():
    """By a search over scales: log L = -n log 2b - S/b."""
    b = np.linspace(0.002, 0.02, 20001)
    n, S = 240, 1.3
    assert log_likelihood(S, n) == pytest.approx(float(np.max(-n * np.log(2 * b) - S / b)))


def test_settings_that_break_a_rule_are_refused():
    for wrong in ({"draws": 1}, {"seeds": (1, 1)}, {"profile_points": 2}, {"seed": -1}):
        with pytest.raises(BadInput, match="chinchilla-refit needs"):
            cells(replace(Settings(), **wrong))


@pytest.fixture(scope="module")
def table() -> str:
    if why := absent(chinchilla.TABLE):
        pytest.skip(why)
    return checksum(chinchilla.TABLE)


@pytest.mark.parametrize(
    ("objective", "delta", "printed"),
    [
        ("lad", None, published.LAD),
        ("lad", None, published.HEADLINE),
        ("huber", DELTA, published.HUBER),
    ],
)
def test_the_table_gives_the_printed_optimum(
    table: str, objective: str, delta: float | None, printed: dict[str, str]
):
    runs, _ = chinchilla.without_highest(chinchilla.load(table), OUTLIERS)
    problem = fits.problem(runs, objective, delta)
    best = problem.best(problem.starts())
    found = {name: float(v) for name, v in fits.optimum_row(best).items() if v is not None}  # type: ignore[arg-type]
    found["value"] = best.F / 2
    found["sum_abs"] = float(np.abs(problem.residual(best.theta)).sum())
    assert farthest(found, printed).value <= 1
    # The printed law of Hoffmann et al. is no optimum of these points.
    old = theta_of(HOFFMANNS["hoffmann"])
    assert problem.F(old) > 1.15 * best.F
    sums: Row = {"sum_abs": found["sum_abs"], "n": 240}
    sums["sum_abs_hoffmann"] = float(np.abs(problem.residual(old)).sum())
    if objective == "lad":
        assert likelihood_ratio(sums) == pytest.approx(83.967, abs=1e-3)


def test_the_table_has_other_cells_than_another(table: str):
    made = cells(QUICK)
    assert len({cell.key for cell in made}) == len(made) == 6 + len(QUICK.seeds) + 1
    assert all(cell.config.table == table for cell in made)
    more = cells(replace(QUICK, seed=100))
    assert len({cell.key for cell in (*made, *more)}) == len(made) + len(QUICK.seeds)


def test_a_bootstrap_of_few_draws_has_errors_of_the_printed_size(table: str):
    config = Resampled(table=table, dropped=OUTLIERS, delta=DELTA, draws=100, bootstrap_seed=0)
    (row,) = resample(config)
    # The relative error of a standard error is 1/sqrt(2 x 100) = 0.07 for Gaussian draws.
    for name in ("E", "alpha", "beta", "a"):
        assert row[name] == pytest.approx(published.ERRORS[name], rel=0.28)
