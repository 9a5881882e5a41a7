"""routing: the law of routed models, the printed numbers, and what the table gives."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.data.runs import routing
from scalinglaws.data.runs.tables import absent, checksum
from scalinglaws.errors import BadInput
from scalinglaws.estimate import Estimate
from scalinglaws.experiments import get
from scalinglaws.experiments.routing import EXPERIMENT
from scalinglaws.experiments.routing.claims import NAMES, PRINTED, REFIT, Place, analyse, place
from scalinglaws.experiments.routing.law import Bilinear, Saturating
from scalinglaws.experiments.routing.study import DenseRuns, OneRouter, fit_dense, fit_router
from scalinglaws.laws.fitting.optimise import Problem
from scalinglaws.result import Budget, Row, Verdict

QUICK = EXPERIMENT.budgets[Budget.QUICK]
LAW = Saturating(a=-0.083, b=-0.118, c=0.0099, d=1.113, E_start=2.07, E_max=239.0)


def grid() -> Float[ndarray, "2 n"]:
    N, E = np.meshgrid(np.geomspace(1.5e7, 1.3e9, 6), 2.0 ** np.arange(10))
    return np.log([N.ravel(), E.ravel()])


def test_the_effective_number_of_experts_runs_from_E_start_to_E_max():
    """E' = E_start at E = 1; E_max at most."""
    N = np.log(1e8)
    for E, effective in ((1.0, LAW.E_start), (1e12, LAW.E_max)):
        plain = Bilinear(LAW.a, LAW.b, LAW.c, LAW.d)
        expected = plain.log_loss(plain.theta, np.array([[N], [np.log(effective)]]))
        found = LAW.log_loss(LAW.theta, np.array([[N], [np.log(E)]]))
        assert found == pytest.approx(expected, rel=1e-9)


def test_the_law_is_the_papers_in_logs_to_base_10():
    law = Bilinear(-0.081, -0.092, 0.008, 1.086)
    N, E = 3.7e8, 64.0
    log10 = law.a * 8.568201724 + law.b * 1.806179974 + law.c * 8.568201724 * 1.806179974 + law.d
    assert law.predict(N, E) == pytest.approx(10**log10, rel=1e-8)


def test_known_parameters_come_back_from_exact_losses():
    problem = Problem(Saturating, grid(), LAW.log_loss(LAW.theta, grid()))
    best = problem.best(problem.starts())
    assert best.theta == pytest.approx(LAW.theta, rel=1e-6)


def row_of(router: str, law: str, dense: bool, values: Mapping[Any, float], S: float) -> Row:
    row: Row = {"kind": "router", "router": router, "law": law, "dense": dense, "n": 58}
    row |= {"sd": 0.01, "sum_squares": S, "stationarity": 0.0}
    for name, value in values.items():
        row |= {name: value, f"{name}_lo": value - 0.001, f"{name}_hi": value + 0.001}
    return row


def rows_of(change: Callable[[Row], Row] = lambda row: row) -> list[Row]:
    rows: list[Row] = []
    for router, printed in PRINTED.items():
        full = dict(zip(NAMES, map(float, printed), strict=True))
        raw = {name: float(text) for name, text in REFIT.items()}
        rows.append(row_of(router, "bilinear", False, raw, 1.0))
        rows.append(row_of(router, "bilinear", True, raw, 1.2))
        rows.append(row_of(router, "saturating", True, full, 1.0))
        run: Row = {"kind": "run", "router": router, "E": 4.0, "residual": 0.1}
        for law in ("bilinear", "saturating"):
            rows += [run | {"law": law}]
    dense: Row = {"kind": "dense", "n": 8, "alpha": 0.07876, "alpha_lo": 0.075, "alpha_hi": 0.082}
    rows += [dense | {"runs": runs, "status": "ok"} for runs in ("all", "one-seed")]
    rows.append({"kind": "seeds", "n": 3, "sd": 0.000668, "loss": 2.656})
    return [change(row) for row in rows]


def verdicts(rows: list[Row]) -> dict[str, Verdict]:
    return {j.claim.id: j.verdict for j in analyse(rows, QUICK, Budget.QUICK).claims}


def test_the_printed_numbers_agree():
    assert set(verdicts(rows_of()).values()) == {Verdict.AGREES}
    assert get("routing") is EXPERIMENT


@pytest.mark.parametrize(
    ("claim", "where", "change"),
    [
        ("table-3", {"router": "Hash", "law": "saturating"}, {"b_lo": -0.13, "d_hi": 1.1}),
        # However wide, an interval that leaves the number out is against it.
        ("table-3", {"law": "saturating"}, {"E_max_lo": 600.0, "E_max_hi": 1e5}),
        ("saturation", {"router": "RL-R", "law": "bilinear"}, {"sum_squares": 1.05}),
    ],
)
def test_other_numbers_differ(claim: str, where: Row, change: Row):
    def changed(row: Row) -> Row:
        return row | change if where.items() <= row.items() else row

    found = verdicts(rows_of(changed))
    assert {name for name, verdict in found.items() if verdict is Verdict.DIFFERS} == {claim}


def test_intervals_of_any_width_are_no_support():
    wide: Row = {"E_max_lo": 100.0, "E_max_hi": 2500.0}
    rows = rows_of(lambda row: row | wide if row.get("law") == "saturating" else row)
    (found,) = (j for j in analyse(rows, QUICK, Budget.QUICK).claims if j.claim.id == "table-3")
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.measured is not None
    assert (found.measured.lo, found.measured.hi) == (16, 19)
    assert "E_max of Hash" in found.reason


@pytest.mark.parametrize(
    ("lo", "hi", "where"),
    [
        (1.0, 3.9, Place.INSIDE),
        (-3.9, -1.0, Place.OUTSIDE),
        (1.0, 4.1, Place.VAGUE),
        (-1.0, 3.0, Place.VAGUE),
        (0.0, 3.0, Place.VAGUE),
        (1.0, np.inf, Place.VAGUE),
        (-np.inf, np.inf, Place.VAGUE),
        (2.1, np.inf, Place.OUTSIDE),
    ],
)
def test_an_interval_holds_a_number_if_it_is_no_wider_than_a_factor_4(
    lo: float, hi: float, where: Place
):
    assert place(Estimate(2.0, 1.0, lo, hi), 2.0) is where


def test_what_the_paper_does_not_print_is_listed_and_no_claim():
    found = analyse(rows_of(), QUICK, Budget.QUICK)
    assert {j.claim.id for j in found.claims} == {"table-3", "saturation"}
    (table,) = (t for t in found.tables if t.id == "refits")
    assert len(table.rows) == len(REFIT) + 2
    assert all(float(row[3]) <= 1 for row in table.rows[:-1])  # type: ignore[arg-type]


def test_a_router_that_was_not_fitted_leaves_table_3_open():
    found = verdicts([row for row in rows_of() if row.get("router") != "Hash"])
    assert found["table-3"] is Verdict.INCONCLUSIVE


def test_settings_that_break_a_rule_are_refused():
    with pytest.raises(BadInput, match="routing needs"):
        EXPERIMENT.cells(replace(QUICK, routers=("top-2",)))


def test_the_table_gives_the_printed_numbers():
    """Of one router and the dense runs; the printed b is of E', and excluded for E itself."""
    if why := absent(routing.TABLE):
        pytest.skip(why)
    table = checksum(routing.TABLE)
    rows = [
        *fit_dense(DenseRuns(table=table)),
        *fit_router(OneRouter(table=table, router="RL-R")),
    ]
    (full,) = (row for row in rows if row.get("law") == "saturating" and row["kind"] == "router")
    for name, printed in zip(NAMES, PRINTED["RL-R"], strict=True):
        assert full[f"{name}_lo"] < float(printed) < full[f"{name}_hi"]  # type: ignore[operator]
    raw, _ = (row for row in rows if row.get("law") == "bilinear" and row["kind"] == "router")
    assert float(PRINTED["RL-R"][1]) < raw["b_lo"]  # type: ignore[operator]
    assert {row["n"] for row in rows if row["kind"] in ("dense", "seeds")} == {8, 5, 3}
