"""law-coverage: intervals of known coverage are told from intervals that are too narrow."""

import math

import numpy as np
import pytest

from scalinglaws.estimate import two_sided
from scalinglaws.experiments.law_coverage import EXPERIMENT, Settings
from scalinglaws.experiments.law_coverage.statistics import cases, mean, samples
from scalinglaws.experiments.law_coverage.study import (
    HORIZONS,
    REFUSED,
    Block,
    cells,
    few,
    run,
)
from scalinglaws.experiments.law_coverage.truths import TRUTHS, loss, parameters, runs
from scalinglaws.laws.law import Kind
from scalinglaws.result import Budget, Findings, Verdict

LAWS = ("power+constant", "variance", "additive", "kaplan")
NOISES = (0.005, 0.05)
FORECASTS = [f"{of} {h}x" for of in ("mean", "run") for h in HORIZONS]


def tables(width: float = 1.0, count: int = 400, seed: int = 0) -> list[dict]:
    """Gaussian values whose intervals are so many times as wide as they should be."""
    rng = np.random.default_rng(seed)
    arm = two_sided(0.95) * width
    rows = []
    for law in LAWS:
        names = [*parameters(law, Kind.EXPONENT), *parameters(law, Kind.CONSTANT)]
        titles = [*names, *(f"{name} bootstrap" for name in names), *FORECASTS]
        for noise in NOISES:
            for n in (30, few(law)):
                for i in range(count):
                    row: dict = {"law": law, "noise": noise, "n": n, "seed": i, "status": "ok"}
                    for title, error in zip(titles, rng.normal(size=len(titles)), strict=True):
                        row |= {f"{title}: lo": error - arm, f"{title}: hi": error + arm}
                    rows.append(row)
    return rows


def judged(rows: list[dict], budget: Budget = Budget.FULL) -> Findings:
    return EXPERIMENT.analyse(rows, Settings(), budget)


def verdicts(findings: Findings, *prefixes: str) -> set[Verdict]:
    return {j.verdict for j in findings.claims if j.claim.id.startswith(prefixes)}


def table(findings: Findings, id: str) -> list[dict]:
    (found,) = [t for t in findings.tables if t.id == id]
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def test_honest_intervals_agree():
    found = judged(tables(count=800))
    averages = [j for j in found.claims if not j.claim.id.startswith("every")]
    assert {j.verdict for j in averages} == {Verdict.AGREES}
    assert Verdict.DIFFERS not in verdicts(found, "every")


@pytest.mark.parametrize("width", [0.7, 1.5])
def test_narrow_intervals_and_wide_ones_differ(width: float):
    assert verdicts(judged(tables(width)), "") == {Verdict.DIFFERS}


def test_one_bad_case_among_good_ones_is_found_and_no_other_blamed():
    rows = tables()
    for row in rows:
        if row["law"] == "kaplan" and row["n"] == 8:
            row["mean 100x: hi"] = row["mean 100x: lo"] + 1.0
    found = judged(rows)
    bad = {j.claim.id for j in found.claims if j.verdict is Verdict.DIFFERS}
    assert "every-mean-few" in bad
    assert not bad & {"every-mean-many", "every-run-few", "every-alpha-few", "mean-10x-few"}


def test_few_replicates_let_no_case_agree():
    assert Verdict.AGREES not in verdicts(judged(tables(count=100)), "every")


def test_a_smoke_run_judges_nothing():
    assert verdicts(judged(tables(), Budget.SMOKE), "") == {Verdict.INCONCLUSIVE}


def test_an_open_interval_covers_and_is_counted():
    rows = tables()
    for row in rows:
        if row["law"] == "variance" and row["n"] == 30:
            row["run 10x: lo"] = -math.inf
            row["run 10x: hi"] = math.inf
    found = judged(rows)
    open_ones = {(r["law"], r["n"]) for r in table(found, "run") if r["run 10x open"] == 1}
    assert open_ones == {("variance", 30)}
    (reason,) = [j.reason for j in found.claims if j.claim.id == "run-10x-many"]
    assert reason == "25.0% of the intervals are open"


def test_a_biased_interval_is_told_from_a_narrow_one():
    rows = tables(0.7)
    for row in rows:
        if row["law"] == "variance":
            row["L_inf: lo"] += 1
            row["L_inf: hi"] += 1
    for row in table(judged(rows), "sides"):
        if row["law"] == "variance":
            assert row["E too high"] > 0.3 > 0.05 > row["E too low"]
        elif row["law"] == "additive":
            assert row["E too high"] == pytest.approx(row["E too low"], abs=0.1)


def test_refused_tables_are_shown_and_in_no_coverage():
    rows = tables()
    for row in rows:
        if row["law"] == "additive" and row["seed"] < 100:
            for name in list(row)[5:]:
                row[name] = None  # as the ledger reads back a column that the row lacks
            row["status"] = REFUSED
    found = judged(rows)
    assert {r["refused"] for r in table(found, "mean") if r["law"] == "additive"} == {0.25}
    assert {len(c.held) for c in cases(samples(rows)) if c.law == "additive"} == {300}


def test_the_error_of_a_mean_is_its_spread_though_exponents_share_their_tables():
    def exponents(seed: int) -> list[dict]:
        rows = [row for row in tables(count=100, seed=seed) if row["law"] == "kaplan"]
        for row in rows:  # the second exponent errs as the first
            row |= {f"alpha_D: {end}": row[f"alpha_N: {end}"] for end in ("lo", "hi")}
        return rows

    means = [
        mean([case for case in cases(samples(exponents(seed))) if case.what == "alpha"])
        for seed in range(40)
    ]
    spread = np.std([m.value for m in means if m], ddof=1)
    claimed = np.mean([m.stderr for m in means if m])
    assert claimed / spread == pytest.approx(1, abs=4 / np.sqrt(2 * len(means)))


def test_no_rows_are_inconclusive():
    assert verdicts(judged([]), "") == {Verdict.INCONCLUSIVE}


def test_cells_draw_every_replicate_once():
    settings = Settings(laws=("power", "additive"), noises=(0.02,), replicates=37, seed=3)
    drawn = [
        (cell.config.law, cell.config.n, seed)
        for cell in cells(settings)
        for seed in range(cell.config.data_seed, cell.config.data_seed + cell.config.replicates)
    ]
    asked = (("power", 30), ("power", 4), ("additive", 30), ("additive", 10))
    assert sorted(drawn) == sorted((law, n, seed) for law, n in asked for seed in range(3, 40))


def test_a_cell_measures_every_interval_and_again_the_same():
    block = Block("power+constant", 0.005, 30, replicates=2, draws=20, data_seed=5)
    rows = run(block)
    assert [row["seed"] for row in rows] == [5, 6]
    titles = ["alpha", "E", "alpha bootstrap", "E bootstrap", *FORECASTS]
    for row in rows:
        for title in titles:
            # its ends lie about the truth, and no farther than a law that fits so well allows
            lo, hi = row[f"{title}: lo"], row[f"{title}: hi"]
            assert -0.2 < lo < hi < 0.2
            assert lo < 0.05
            assert hi > -0.05
    assert len(rows[0]) == 5 + 2 * len(titles)
    (again,) = run(Block("power+constant", 0.005, 30, 1, draws=20, data_seed=6))
    assert again == rows[1]


def test_four_runs_are_too_few_for_a_bootstrap():
    (row,) = run(Block("power", 0.02, few("power"), 1, draws=20, data_seed=0))
    assert "alpha: lo" in row
    assert "alpha bootstrap: lo" not in row


@pytest.mark.parametrize("law", TRUTHS)
def test_runs_span_three_decades_over_which_the_loss_falls(law: str):
    for n in (30, few(law)):
        x = runs(law, n, np.random.default_rng(0))
        for column in x.values():
            assert len(column) == n
            assert np.ptp(np.log10(column)) == pytest.approx(3, abs=0.3)
        L = loss(law, x)
        assert 1 < L.min() < 0.7 * L.max() < 10
