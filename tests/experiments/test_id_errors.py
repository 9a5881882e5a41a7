"""id-errors: errors of known size are told from errors that are too small."""

import numpy as np
import pytest

from scalinglaws.experiments.id_errors import EXPERIMENT, Settings
from scalinglaws.experiments.id_errors.statistics import cases, mean, samples
from scalinglaws.experiments.id_errors.study import METHODS, Block, cells, run
from scalinglaws.result import Budget, Findings, Verdict


def replicates(claimed: float, count: int = 800, seed: int = 0) -> list[dict]:
    """Estimates of standard deviation 0.1 that claim another error, on two manifolds."""
    rng = np.random.default_rng(seed)
    return [
        {"manifold": manifold, "n": 500, "seed": i}
        | {
            f"{method}: {what}": value
            for method in METHODS
            for what, value in (("d", rng.normal(5, 0.1)), ("stderr", claimed))
        }
        for manifold in ("S^5", "torus 5")
        for i in range(count)
    ]


def judged(rows: list[dict]) -> Findings:
    return EXPERIMENT.analyse(rows, Settings(), Budget.FULL)


def verdicts(findings: Findings, prefix: str) -> set[Verdict]:
    return {j.verdict for j in findings.claims if j.claim.id.startswith(prefix)}


def test_errors_that_are_the_spread_agree():
    found = judged(replicates(0.1))
    assert verdicts(found, "ratio-") == verdicts(found, "coverage-") == {Verdict.AGREES}
    for case in cases(samples(replicates(0.1))):
        assert case.ratio.value == pytest.approx(1, abs=4 * case.ratio.stderr)
        assert case.coverage.value == pytest.approx(0.95, abs=4 * case.coverage.stderr)
        assert case.ratio.stderr == pytest.approx(1 / np.sqrt(2 * 800), rel=0.2)


def test_errors_of_independent_points_differ():
    found = judged(replicates(0.078))
    for prefix in ("ratio-", "coverage-", "every-ratio-", "every-coverage-"):
        assert verdicts(found, prefix) == {Verdict.DIFFERS}


def test_one_bad_case_among_good_ones_differs():
    rows = replicates(0.1)
    for row in rows:
        if row["manifold"] == "S^5":
            row["twonn: stderr"] = 0.06
    found = judged(rows)
    bad = {j.claim.id for j in found.claims if j.verdict is Verdict.DIFFERS}
    assert {"every-ratio-k2", "every-coverage-k2"} <= bad
    assert not {"every-ratio-k5", "every-ratio-k20"} & bad


def test_few_replicates_are_inconclusive():
    found = judged(replicates(0.1, count=30))
    assert verdicts(found, "every-ratio-") == {Verdict.INCONCLUSIVE}


def test_the_interval_of_the_ratio_is_the_spread_of_the_ratio():
    ratios = [
        case.ratio
        for seed in range(40)
        for case in cases(samples(replicates(0.1, count=100, seed=seed)))
        if case.method == "twonn"
    ]
    spread = np.std([r.value for r in ratios], ddof=1)
    claimed = np.mean([r.stderr for r in ratios])
    assert claimed / spread == pytest.approx(1, abs=4 / np.sqrt(2 * len(ratios)))


def test_cells_draw_every_replicate_once():
    settings = Settings(manifolds=("S^2",), ns=(500, 10_000), skewed=(), replicates=250, seed=3)
    drawn = [
        (cell.config.n, seed)
        for cell in cells(settings)
        for seed in range(cell.config.data_seed, cell.config.data_seed + cell.config.replicates)
    ]
    assert sorted(drawn) == [(n, seed) for n in (500, 10_000) for seed in range(3, 253)]


def test_a_cell_measures_every_method():
    rows = run(Block("torus 2", 100, replicates=3, data_seed=5))
    assert [row["seed"] for row in rows] == [5, 6, 7]
    for row in rows:
        for method in METHODS:
            assert 1 < row[f"{method}: d"] < 4
            assert 0 < row[f"{method}: stderr"] < 1


def test_no_rows_are_inconclusive():
    assert verdicts(judged([]), "") == {Verdict.INCONCLUSIVE}


def test_the_error_of_a_mean_knows_that_samples_share_their_replicates():
    """Two manifolds of which one repeats the other are one, not two."""
    means = []
    for seed in range(40):
        rows = replicates(0.1, count=100, seed=seed)
        copied = [row | {"manifold": "copy"} for row in rows if row["manifold"] == "S^5"]
        both = samples([row for row in rows if row["manifold"] == "S^5"] + copied)
        means.append(mean(both, 5, lambda case: case.ratio))
    spread = np.std([m.value for m in means], ddof=1)
    claimed = np.mean([m.stderr for m in means])
    assert claimed / spread == pytest.approx(1, abs=4 / np.sqrt(2 * len(means)))


def test_densities_that_are_not_uniform_are_shown_and_in_no_claim():
    wrong = [row | {"manifold": "t_3 in R^5"} for row in replicates(0.02, count=50)]
    findings = judged(replicates(0.1) + wrong)
    assert verdicts(findings, "ratio-") == {Verdict.AGREES}
    shown = {table.id: {row[0] for row in table.rows} for table in findings.tables}
    assert shown["skewed"] == {"t_3 in R^5"}
    assert "t_3 in R^5" not in shown["ratio"]
