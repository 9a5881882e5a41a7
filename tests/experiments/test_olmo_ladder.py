"""olmo-ladder: forecasts like the published ones agree, others do not, and the tables give them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from scalinglaws.data.runs import olmo
from scalinglaws.data.runs.olmo import C4_FORECASTS, FORECASTS, POINTS, TASKS
from scalinglaws.data.runs.tables import absent, checksum
from scalinglaws.errors import BadInput
from scalinglaws.experiments import get
from scalinglaws.experiments.olmo_ladder import DELTA, EXPERIMENT, MISSED, analyse
from scalinglaws.experiments.public_runs import fits
from scalinglaws.result import Budget, Row, Verdict

QUICK = EXPERIMENT.budgets[Budget.QUICK]


def row_of(task: str) -> Row:
    row: Row = {"task": task, "objective": "huber", "published": 2.3443873, "actual": 2.43}
    row |= {"beyond": 20.0, "value": 1e-5, "status": "ok"}
    for name in ("forecast", "mean"):
        row |= {name: 2.34438729, f"{name}_lo": 2.2, f"{name}_hi": 2.5}
    for name in fits.NAMES:
        row |= {name: 0.5, f"{name}_lo": 0.1, f"{name}_hi": None}
    return row


def rows_of(change: Callable[[Row], Row] = lambda row: row) -> list[Row]:
    return [change(row_of(task)) for task in TASKS]


def verdicts(rows: list[Row]) -> dict[str, tuple[Verdict, str]]:
    found = analyse(rows, QUICK, Budget.QUICK)
    return {j.claim.id: (j.verdict, j.reason) for j in found.claims}


def differing(rows: list[Row]) -> set[str]:
    return {name for name, (verdict, _) in verdicts(rows).items() if verdict is Verdict.DIFFERS}


def missing_it(*tasks: str) -> Callable[[Row], Row]:
    return lambda row: row | {"actual": 2.6} if row["task"] in tasks else row


def test_forecasts_like_the_published_agree():
    assert {verdict for verdict, _ in verdicts(rows_of()).values()} == {Verdict.AGREES}
    assert get("olmo-ladder") is EXPERIMENT


def test_a_seventh_digit_is_allowed_and_a_sixth_is_not():
    def forecast(value: float) -> Callable[[Row], Row]:
        return lambda row: row | {"forecast": value} if row["task"] == "c4_loss" else row

    assert differing(rows_of(forecast(2.344389))) == set()
    assert differing(rows_of(forecast(2.344396))) == {"forecasts"}


def test_one_missed_interval_is_allowed_two_are_not_and_each_is_named():
    one = verdicts(rows_of(missing_it("arc_challenge_test_bpb")))
    assert one["covered"] == (Verdict.AGREES, "missed: ARC-Challenge")
    assert differing(rows_of(missing_it("piqa_val_bpb", "arc_easy_test_bpb"))) == {"covered"}
    assert differing(rows_of(missing_it(MISSED[0]))) == {"misses-covered"}


def test_an_exponent_below_zero_differs():
    assert differing(rows_of(lambda row: row | {"beta": -0.1})) == {"no-bound-needed"}


def test_settings_that_break_a_rule_are_refused():
    for tasks in ((), ("gsm8k",), ("c4_loss", "c4_loss")):
        with pytest.raises(BadInput, match="olmo-ladder needs"):
            EXPERIMENT.cells(replace(QUICK, tasks=tasks))


@pytest.mark.parametrize("task", TASKS)
def test_the_ladder_gives_the_published_forecast(task: str):
    """To six digits, by the exponents left free, which stay above zero."""
    if why := absent(*olmo.TABLES):
        pytest.skip(why)
    target = olmo.load(task, checksum(POINTS))
    table = C4_FORECASTS if task == "c4_loss" else FORECASTS
    problem = fits.problem(target.train, "huber", DELTA)
    best = problem.best(problem.starts())
    forecast = problem.law.at(best.theta).predict(target.N, target.D)
    assert forecast == pytest.approx(olmo.forecast(task, checksum(table)), rel=5e-7)
    assert min(best.theta[2], best.theta[4]) > 0
    # A point forecast alone says nothing of how far it may be off.
    if task == "csqa_val_bpb":
        assert np.isneginf(best.theta[0])
        assert target.actual / forecast > 1.2
