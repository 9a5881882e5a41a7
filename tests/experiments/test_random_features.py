"""random-features: its cells, its statistics, and that its claims can fail."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.experiments import get
from scalinglaws.experiments.random_features import measures, tasks
from scalinglaws.experiments.random_features.cells import ImagesConfig, SpectrumConfig
from scalinglaws.experiments.random_features.settings import Settings
from scalinglaws.result import Budget, Judgement, Row, Verdict
from scalinglaws.theory import random_features as theory

EXPERIMENT = get("random-features")
SMOKE = EXPERIMENT.budgets[Budget.SMOKE]
SPECTRUM_CLAIMS = (
    "closed-form",
    "resolution-slope",
    "asymptotic-slope",
    "variance-slope-data",
    "variance-slope-projections",
)
SMALL = replace(SMOKE, alphas=(0.8,), draws=16, images=())


def spectrum_rows(settings: Settings, factor=lambda D, P: 1.0, noise: float = 0.01) -> list[Row]:
    """Rows of an ideal simulation: the closed form times `factor` and lognormal noise.

    The noise is the draw's, shared by its sizes, as it is in nested draws.
    """
    rng = np.random.default_rng(0)
    sizes = [(D, P) for D in settings.sizes for P in settings.sizes if D != P]
    limits = [(n, None) for n in settings.sizes] + [(None, n) for n in settings.sizes]
    rows: list[Row] = []
    for alpha in settings.alphas:
        spectrum = theory.power_spectrum(settings.S, alpha)
        for draw in range(settings.draws):
            shift = math.exp(noise * rng.standard_normal())
            for D, P in (*sizes, *limits):
                closed = theory.loss(spectrum, D or math.inf, P or math.inf)
                loss = shift * closed * factor(D or math.inf, P or math.inf)
                labels: Row = {"part": "spectrum", "alpha": alpha, "S": settings.S, "draw": draw}
                rows.append({**labels, "D": D, "P": P, "loss": loss})
    return rows


def image_rows(dataset: str, alpha_D: float, alpha_P: float, alpha_K: float) -> list[Row]:
    """Exact power laws, ten draws with a common factor each."""
    rng = np.random.default_rng(1)
    rows: list[Row] = []
    for draw in range(10):
        c = math.exp(0.1 * rng.standard_normal())
        labels: Row = {"part": "images", "dataset": dataset, "pool": 1, "S": 256, "draw": draw}
        for n in (8, 16, 32, 64):
            over_data, over_projections = c * n**-alpha_D, c * n**-alpha_P
            rows.append({**labels, "D": n, "P": None, "loss": over_data, "closed": over_data})
            rows.append({**labels, "D": 1197, "P": n, "loss": over_projections, "closed": c})
        rows += [
            {**labels, "rank": rank, "eigenvalue": rank ** -(1 + alpha_K)}
            for rank in (1, 8, 16, 32, 64, 200)
        ]
    return rows


def judge(rows: list[Row], settings: Settings = SMALL) -> dict[str, Judgement]:
    findings = EXPERIMENT.analyse(rows, settings, Budget.QUICK)
    return {judgement.claim.id: judgement for judgement in findings.claims}


def test_every_claim_is_judged_and_listed():
    assert set(judge(spectrum_rows(SMALL))) == {claim.id for claim in EXPERIMENT.claims}


def test_an_ideal_simulation_agrees():
    found = judge(spectrum_rows(SMALL))
    assert {found[id].verdict for id in SPECTRUM_CLAIMS} == {Verdict.AGREES}


@pytest.mark.parametrize(
    ("factor", "failing"),
    [
        (lambda D, P: 1.3, "closed-form"),
        (lambda D, P: min(D, P) ** -0.1, "resolution-slope"),
        # An excess that falls with the root of D (of P) beside the one that falls with it.
        (lambda D, P: 1 + (P / D) ** 0.5 if D > P else 1, "variance-slope-data"),
        (lambda D, P: 1 + (D / P) ** 0.5 if P > D else 1, "variance-slope-projections"),
    ],
)
def test_a_simulation_that_departs_differs(factor, failing: str):
    assert judge(spectrum_rows(SMALL, factor, noise=1e-4))[failing].verdict is Verdict.DIFFERS


@pytest.mark.parametrize(
    ("alphas", "duality", "kernel"),
    [
        ((0.5, 0.52, 0.45), Verdict.AGREES, Verdict.AGREES),
        ((0.5, 0.7, 0.5), Verdict.DIFFERS, Verdict.AGREES),
        ((0.5, 0.5, 0.8), Verdict.AGREES, Verdict.DIFFERS),
    ],
)
def test_exponents_of_images_are_told_apart(alphas, duality: Verdict, kernel: Verdict):
    found = judge(image_rows("digits", *alphas))
    assert found["duality-digits"].verdict is duality
    assert found["kernel-exponent"].verdict is kernel
    assert found["duality-fashion-mnist"].verdict is Verdict.SKIPPED
    assert "scalinglaws data fashion-mnist" in found["duality-fashion-mnist"].reason


def test_no_rows_give_no_verdict_and_no_error():
    verdicts = {judgement.verdict for judgement in judge([]).values()}
    assert verdicts == {Verdict.INCONCLUSIVE, Verdict.SKIPPED}


def test_one_draw_decides_nothing():
    found = judge(spectrum_rows(replace(SMALL, draws=1)), replace(SMALL, draws=1))
    assert found["closed-form"].verdict is Verdict.INCONCLUSIVE
    assert found["resolution-slope"].verdict is Verdict.INCONCLUSIVE


def test_the_jackknife_of_a_mean_is_its_standard_error():
    """Exactly s / sqrt(n), with Student's quantile."""
    from scipy.stats import t

    values = np.random.default_rng(2).standard_normal(12)
    mean = measures.jackknife(lambda kept: float(values[kept].mean()), 12)
    assert mean.stderr == pytest.approx(values.std(ddof=1) / 12**0.5)
    assert mean.half_width == pytest.approx(t.ppf(0.975, 11) * mean.stderr)


def test_the_closed_form_reaches_the_asymptotic_slope_within_its_tolerance():
    shifts = measures.asymptotic_slopes((0.4, 0.8, 1.2))
    assert all(abs(shift.value) < 0.02 for shift in shifts)
    # It is a finite-size number: not zero, and of the size the corrections predict.
    assert max(abs(shift.value) for shift in shifts) > 1e-3


def test_a_smaller_draw_is_the_beginning_of_a_larger_one():
    def losses(sizes: tuple[int, ...]) -> dict[tuple[object, object], float]:
        rows = tasks.run_spectrum(SpectrumConfig(0.8, 60, sizes, data_seed=3, projection_seed=4))
        return {(row["D"], row["P"]): row["loss"] for row in rows}

    small, large = losses((8, 16, 24)), losses((8, 16, 24, 48))
    for sizes, loss in small.items():
        assert large[sizes] == pytest.approx(loss, rel=1e-9)


def test_the_same_cell_gives_the_same_bits():
    cell = EXPERIMENT.cells(SMOKE)[0]
    assert cell.run() == cell.run()


def test_real_images_obey_the_duality_roughly_even_when_small():
    config = ImagesConfig("digits", 1, 256, 1197, 600, (8, 16, 32, 64), 0, 1, 2)
    rows = tasks.run_images(config)
    over_data = [row["loss"] for row in rows if row.get("D") and row.get("P") is None]
    over_projections = [row["loss"] for row in rows if row.get("P") is not None]
    ratios = np.array(over_data) / np.array(over_projections)
    assert (np.abs(np.log(ratios)) < 0.25).all()
    # Held-out losses fall: otherwise the ratio would say nothing.
    assert (np.diff(over_data) < 0).all()


def test_absent_images_get_no_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SCALINGLAWS_DATA", str(tmp_path))
    settings = replace(SMOKE, images=("digits", "fashion-mnist"))
    datasets = {getattr(cell.config, "dataset", None) for cell in EXPERIMENT.cells(settings)}
    assert datasets == {None, "digits"}


def test_cells_are_distinct_and_seeds_of_one_draw_differ():
    cells = EXPERIMENT.cells(SMOKE)
    assert len({cell.key for cell in cells}) == len(cells)
    seeds = [(cell.config.data_seed, cell.config.projection_seed) for cell in cells]
    assert all(data != projection for data, projection in seeds)
    other = EXPERIMENT.cells(replace(SMOKE, seed=1))
    assert not {cell.key for cell in cells} & {cell.key for cell in other}


@pytest.mark.parametrize(
    "bad",
    [
        {"sizes": (16, 300, 400)},
        {"sizes": ()},
        {"sizes": (16, 16, 32, 64, 96, 128)},
        {"window": (500, 600)},
        {"variance_at": 17},
        {"image_sizes": (16, 5000)},
        {"digits_sizes": (16,)},
        {"alphas": (0.4, 0.0)},
        {"alphas": (math.nan,)},
        {"draws": 0},
        {"seed": -1},
        {"digits_train": 1700, "digits_test": 1000},
        {"n_test": 65_000},
        {"pools": (3,)},
    ],
)
def test_settings_that_cannot_be_measured_are_refused(bad: dict[str, object]):
    with pytest.raises(BadInput):
        replace(SMOKE, **bad)


def test_an_unknown_image_set_is_refused_before_any_work():
    with pytest.raises(UnknownName, match="fashion-mnist"):
        EXPERIMENT.cells(replace(SMOKE, images=("fashion",)))
