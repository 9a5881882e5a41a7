"""nsl-benchmark: intervals that hold are told from those that do not, curve by curve."""

from dataclasses import replace
from statistics import fmean, median

import numpy as np
import pytest

from scalinglaws.data.runs import nsl
from scalinglaws.data.runs.nsl import Curve
from scalinglaws.data.runs.tables import RunTable, absent, checksum, records
from scalinglaws.errors import BadInput
from scalinglaws.estimate import Estimate
from scalinglaws.experiments import get
from scalinglaws.experiments.nsl_benchmark import EXPERIMENT, Settings
from scalinglaws.experiments.nsl_benchmark.baseline import RMSLE
from scalinglaws.experiments.nsl_benchmark.coverage import part
from scalinglaws.experiments.nsl_benchmark.study import (
    CURVES,
    EDGES,
    SINGLE,
    STACK,
    held,
    rows_of,
    single_law,
)
from scalinglaws.laws.fitting.status import FitStatus
from scalinglaws.laws.forecast import Forecast
from scalinglaws.result import Budget, Findings, Row, Verdict

DOMAINS = ("IC",) * 72 + ("BB",) * 10 + ("LM",) * 5 + ("NMT",) * 5
FEW = ("power", "power+constant")


def rows_with(shares: np.ndarray, rows: int = 200, error: float = 0.03) -> list[Row]:
    """Curves of these coverages at every horizon; one that is not a number has no interval."""
    made: list[Row] = []
    for i, share in enumerate(shares):
        named: Row = {"domain": DOMAINS[i], "task": str(i), "model": "x"}
        errors: Row = dict.fromkeys((*SINGLE, STACK), error)
        about: Row = {"repeats": 2, "laws": 8, "heaviest": "m4", "residuals": 90}
        made.append({"kind": "curve", **named, **errors, **about})
        count = 0 if np.isnan(share) else rows
        inside = round(share * count) if count else 0
        for above in EDGES[:-1]:
            part_row: Row = {"kind": "horizon", **named, "above": above, "at": above + 0.1}
            part_row |= {"rows": count, "inside": inside, "worse": count - inside}
            made.append(part_row | {"refused": rows - count, "width": 0.05 if count else None})
    return made


def judged(rows: list[Row], budget: Budget = Budget.QUICK) -> Findings:
    return EXPERIMENT.analyse(rows, Settings(), budget)


def verdicts(rows: list[Row], budget: Budget = Budget.QUICK) -> dict[str, tuple[Verdict, str]]:
    return {j.claim.id: (j.verdict, j.reason) for j in judged(rows, budget).claims}


def near(mean: float, spread: float = 0.03) -> np.ndarray:
    """92 shares of exactly this mean."""
    return mean + spread * np.tile([-1.0, 1.0], CURVES // 2)


def test_small_errors_and_honest_intervals_agree_and_a_smoke_run_judges_nothing():
    assert get("nsl-benchmark") is EXPERIMENT
    rows = rows_with(near(0.95))
    assert {verdict for verdict, _ in verdicts(rows).values()} == {Verdict.AGREES}
    assert {v for v, _ in verdicts(rows, Budget.SMOKE).values()} == {Verdict.INCONCLUSIVE}
    assert any("184 rows that repeat" in note for note in judged(rows).notes)


@pytest.mark.parametrize("mean", [0.90, 0.995])
def test_intervals_that_hold_too_little_or_too_much_differ(mean: float):
    spread = 0.005
    found = verdicts(rows_with(near(mean, spread)))
    assert {found[f"coverage-{name}"][0] for name in ("near", "middle", "far")} == {Verdict.DIFFERS}
    assert found["stack"][0] is Verdict.AGREES


def test_curves_that_lie_wholly_inside_or_wholly_outside_leave_the_coverage_open():
    """Row by row 92 x 200 rows would be known to 0.2 %."""
    shares = np.ones(CURVES)
    shares[:5] = 0
    rows = rows_with(shares)
    assert verdicts(rows)["coverage-far"] == (Verdict.INCONCLUSIVE, "interval too wide")
    coverage = part(rows, EDGES[0]).coverage
    assert coverage
    assert coverage.value == pytest.approx(87 / 92)
    assert coverage.half_width > 0.04 > 10 * 1.96 * (0.05 * 0.95 / (CURVES * 200)) ** 0.5


def test_a_curve_without_an_interval_is_counted_apart():
    shares = near(0.95)
    shares[:12] = np.nan
    rows = rows_with(shares)
    verdict, reason = verdicts(rows)["coverage-near"]
    assert (verdict, reason) == (Verdict.AGREES, "12 of 92 curves have no interval")
    found = part(rows, EDGES[0])
    assert (len(found.banded), found.refused, found.rows_refused) == (80, 12, 12 * 200)
    assert found.coverage
    assert found.coverage.value == pytest.approx(0.95)
    assert part(rows, EDGES[0], "LM").refused == 0
    # All without one: nothing is measured, and nothing is covered.
    none = verdicts(rows_with(np.full(CURVES, np.nan)))["coverage-near"]
    assert none == (Verdict.INCONCLUSIVE, "not measured; 92 of 92 curves have no interval")


def test_a_long_curve_counts_as_one():
    rows = rows_with(np.ones(1), rows=1000) + rows_with(np.zeros(9), rows=1)
    found = part(rows, EDGES[-2])
    assert found.coverage
    assert found.coverage.value == pytest.approx(0.1)
    assert found.pooled == pytest.approx(1000 / 1009)


def test_curves_that_all_hold_everything_are_not_known_without_error():
    found = part(rows_with(np.ones(10)), EDGES[0]).coverage
    assert found
    assert (found.value, found.hi) == (1, pytest.approx(1))
    assert found.lo == pytest.approx(1 / (1 + 1.96**2 / 10), rel=1e-3)  # Wilson's of 10 in 10
    mixed = part(rows_with(np.array([1.0, 1.0, 0.0])), EDGES[0]).coverage
    assert mixed
    assert (mixed.lo, mixed.hi) == (0, 1)


def test_an_error_above_the_baseline_differs_and_a_curve_that_is_missing_leaves_it_open():
    worse = [
        row | {STACK: 0.041} if row["kind"] == "curve" else row for row in rows_with(near(0.95))
    ]
    found = verdicts(worse)
    assert {name for name, (verdict, _) in found.items() if verdict is Verdict.DIFFERS} == {"stack"}
    without = verdicts([row for row in rows_with(near(0.95)) if row["task"] != "0"])
    missing = Verdict.INCONCLUSIVE, "1 of 92 curves not computed"
    assert set(without.values()) == {missing}
    # Of the curves of images none is missing here.
    assert verdicts(rows_with(near(0.95)[:-1]))["stack"][0] is Verdict.AGREES


def forecast_at(horizon: float, status: FitStatus = FitStatus.OK) -> Forecast:
    return Forecast(Estimate(1.0, 0.05, 0.9, 1.1), horizon, status, "")


def test_what_a_refused_forecast_shows_is_not_an_interval():
    """Its claimed band would hold every row here."""
    refused = FitStatus.UNSUPPORTED
    forecasts = [
        forecast_at(1.25),
        forecast_at(1.26),
        forecast_at(1.6, refused),
        forecast_at(2.0, refused),
        forecast_at(1.5, FitStatus.EXTRAPOLATED),
        forecast_at(1.4),
    ]
    L = np.array([1.0, 1.2, 1.0, 1.0, 0.9, 0.8])
    near, middle, far = held(L, forecasts)
    assert (near["rows"], near["inside"], near["refused"]) == (1, 1, 0)  # 1.25 itself is near
    assert (middle["rows"], middle["inside"], middle["worse"], middle["refused"]) == (3, 1, 1, 1)
    assert (far["rows"], far["inside"], far["refused"], far["width"]) == (0, 0, 1, None)
    assert middle["width"] == pytest.approx(np.log(1.1 / 0.9) / 2)


def curve(n: int, noise: float = 0.01, seed: int = 0) -> Curve:
    """A power law with noise, to be forecast from its first n of 3 n/2 rows."""
    D = np.geomspace(1e3, 1e3 * 1.05 ** (1.5 * n), 3 * n // 2)
    L = 5 * D**-0.3 * np.exp(noise * np.random.default_rng(seed).normal(size=len(D)))
    return Curve("IC", "bird", "x", D[:n], L[:n], D[n:], L[n:], repeats=0)


def test_a_power_law_is_forecast_by_itself_and_by_the_stack():
    made = curve(40)
    head, *parts = rows_of(made, FEW)
    # An independent fit: the straight line of log L.
    slope, start = np.polyfit(np.log(made.D), np.log(made.L), 1)
    error = np.log(made.L_ahead) - start - slope * np.log(made.D_ahead)
    assert head["power"] == pytest.approx(np.sqrt(np.mean(error**2)), rel=1e-6)
    assert isinstance(head[STACK], float)
    # Noise of 0.01 in every row ahead, and the error of the fit beside it.
    assert 0.005 < head[STACK] < 0.03
    assert sum(int(str(row["rows"])) for row in parts) == len(made.D_ahead)
    assert sum(int(str(row["refused"])) for row in parts) == 0
    assert [row["above"] for row in parts] == list(EDGES[:-1])


def test_a_curve_too_short_for_a_band_is_refused_one():
    made = curve(8)
    head, *parts = rows_of(made, FEW)
    assert int(str(head["residuals"])) < 19
    assert sum(int(str(row["refused"])) for row in parts) == len(made.D_ahead)
    assert {row["rows"] for row in parts} == {0}
    assert single_law(curve(4), "broken") is None  # six parameters


def test_settings_that_break_a_rule_are_refused():
    for curves in (0, CURVES + 1):
        with pytest.raises(BadInput, match="nsl-benchmark needs"):
            EXPERIMENT.cells(Settings(curves=curves))
    for laws in (("additive",), ("power", "power")):
        with pytest.raises(BadInput, match="laws of power"):
            EXPERIMENT.cells(replace(Settings(), laws=laws))


def test_every_curve_is_in_one_cell(monkeypatch: pytest.MonkeyPatch):
    here = "scalinglaws.experiments.nsl_benchmark.study."
    monkeypatch.setattr(here + "absent", lambda *tables: "")
    monkeypatch.setattr(here + "checksum", lambda table: table.path)
    for settings in EXPERIMENT.budgets.values():
        found = [curve for cell in EXPERIMENT.cells(settings) for curve in cell.config.curves]
        assert len(set(found)) == len(found) == settings.curves
        assert set(found) <= set(range(CURVES))
    (smoke,) = EXPERIMENT.cells(Settings(curves=4))
    assert "m3" in smoke.config.laws  # a law that is registered makes other cells
    assert smoke.config != EXPERIMENT.cells(Settings(curves=4, laws=FEW))[0].config


def test_the_published_tables_hold_92_curves_and_687_rows_twice():
    if why := absent(*nsl.TABLES):
        pytest.skip(why)
    digests = [checksum(table) for table in nsl.TABLES]
    curves = nsl.load(*digests)
    assert len(curves) == CURVES
    assert sum(one.domain == "IC" for one in curves) == 72
    assert sum(one.repeats for one in curves) == 687
    every = sum(len(records(*pair)) for pair in zip(nsl.TABLES, digests, strict=True))
    assert sum(len(one.D) + len(one.D_ahead) for one in curves) == every - 687


def test_the_independent_errors_are_those_of_their_table():
    table = RunTable("revisiting_nsl/own_baseline_rmsle.csv", "elsewhere", ("Domain", "M1"))
    if why := absent(table):
        pytest.skip(why)
    rows = records(table, checksum(table))
    for domain, laws in RMSLE.items():
        for column, (mean, middle) in zip(
            ("M1", "M2", "M3", "M4", "BNSL1"), laws.values(), strict=True
        ):
            values = [float(str(row[column])) for row in rows if row["Domain"] == domain]
            assert fmean(values) == pytest.approx(mean, abs=5.1e-5)
            assert median(values) == pytest.approx(middle, abs=5.1e-5)
