"""id-synthetic: what a cell measures, and that its claims can fail."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from scalinglaws.errors import BadInput
from scalinglaws.experiments import get
from scalinglaws.experiments.id_synthetic import EXPERIMENT, Settings
from scalinglaws.experiments.id_synthetic.claims import ALL_LOW, CUBE, TORUS, analyse
from scalinglaws.experiments.id_synthetic.statistics import Readings
from scalinglaws.experiments.id_synthetic.study import MANIFOLDS, Draw, run
from scalinglaws.result import Budget, Row, Verdict

SMOKE = EXPERIMENT.budgets[Budget.SMOKE]
# At d = 32, 64, 128 and 8000 points, found independently by TwoNN.
KNOWN = {"torus": {32: 37.0, 64: 63.0, 128: 101.0}, "cube": {32: 24.0, 64: 40.0, 128: 64.0}}
SETTINGS = Settings(dims=(32, 64, 128), sizes=(2000, 8000))


def draw(manifold: str = "torus", d: int = 32, n: int = 300, seed: int = 0) -> Draw:
    return Draw(
        manifold=manifold, d=d, n=n, k=20, simulated=200, data_seed=seed, simulation_seed=seed
    )


def rows_of(d_hat: Callable[[str, int, int], float], spread: float = 0.01) -> list[Row]:
    """Rows as cells give them, with these readings and a relative spread over replicates."""
    rng = np.random.default_rng(0)
    rows: list[Row] = []
    for cell in EXPERIMENT.cells(SETTINGS):
        of = cell.config
        d = d_hat(of.manifold, of.d, of.n) * (1 + spread * rng.normal())
        row: Row = {"manifold": of.manifold, "d": of.d, "n": of.n, "seed": of.data_seed}
        rows.append(row | {"twonn": d, "mle": 0.8 * d})
        rows[-1] |= {"twonn_corrected": 1.5 * d, "mle_corrected": 1.5 * d}
    return rows


def verdicts(rows: list[Row], budget: Budget = Budget.QUICK) -> dict[str, tuple[Verdict, str]]:
    found = analyse(rows, SETTINGS, budget)
    return {j.claim.id: (j.verdict, j.reason) for j in found.claims}


def test_a_cell_is_a_data_set_and_its_key_its_seeds():
    made = EXPERIMENT.cells(SMOKE)
    assert len(made) == 2 * len(SMOKE.dims) * len(SMOKE.sizes) * SMOKE.replicates
    assert len({cell.key for cell in made}) == len(made)
    more = EXPERIMENT.cells(replace(SMOKE, replicates=5))
    assert {cell.key for cell in made} < {cell.key for cell in more}
    assert get("id-synthetic") is EXPERIMENT


def test_a_cell_repeats_bit_for_bit_and_measures_the_manifold_it_names():
    (row,) = run(draw())
    assert run(draw()) == [row]
    assert run(draw(seed=1)) != [row]
    (cube,) = run(draw("cube"))
    # Both are too low for so few points; the cube more.
    assert cube["twonn"] < 0.85 * row["twonn"]  # type: ignore[operator]
    assert cube["mle"] < cube["mle_corrected"]  # type: ignore[operator]


def test_readings_like_those_known_agree():
    """The claims were set for these values."""
    found = verdicts(rows_of(lambda manifold, d, n: KNOWN[manifold][d]))
    assert {verdict for verdict, _ in found.values()} == {Verdict.AGREES}


@pytest.mark.parametrize(
    ("claim", "manifold", "d", "factor"),
    [
        (TORUS, "torus", 32, 1.15),
        (TORUS, "torus", 128, 0.9),
        (CUBE, "cube", 64, 1.1),
        (ALL_LOW, "torus", 128, 1.5),
    ],
)
def test_one_manifold_that_reads_otherwise_differs(claim, manifold: str, d: int, factor: float):
    def reading(which: str, of: int, n: int) -> float:
        return KNOWN[which][of] * (factor if (which, of) == (manifold, d) else 1)

    assert verdicts(rows_of(reading))[claim.id][0] is Verdict.DIFFERS


def test_a_torus_that_is_nowhere_high_differs():
    found = verdicts(rows_of(lambda manifold, d, n: 0.9 * d))
    assert found["torus-high-somewhere"][0] is Verdict.DIFFERS


def test_only_the_judged_number_of_points_is_judged():
    few = rows_of(lambda m, d, n: KNOWN[m][d] if n == 8000 else 0.1 * d)
    assert {verdict for verdict, _ in verdicts(few).values()} == {Verdict.AGREES}
    without = [row for row in few if row["n"] != 8000]
    assert {reason for _, reason in verdicts(without).values()} == {
        "no data set of 8000 points in so many dimensions"
    }


def test_missing_data_sets_are_said_not_raised():
    rows = rows_of(lambda manifold, d, n: KNOWN[manifold][d])
    assert analyse([], SETTINGS, Budget.QUICK).figures == ()
    part = [row for row in rows if (row["manifold"], row["d"]) != ("torus", 128)]
    assert verdicts(part)["torus-near"] == (Verdict.AGREES, "1 of 3 not measured")
    once = [row for row in rows if row["seed"] == 0]
    assert verdicts(once)["torus-near"][0] is Verdict.INCONCLUSIVE  # no spread from one


def test_a_mean_has_students_interval():
    rows: list[Row] = [
        {"manifold": "cube", "d": 2, "n": 500, "seed": i, "twonn": v} for i, v in enumerate((1, 3))
    ]
    mean = Readings(rows).mean("cube", 2, 500, "twonn")
    assert (mean.value, mean.stderr) == (2, pytest.approx(1))
    assert mean.hi == pytest.approx(2 + 12.706, abs=1e-3)  # t of one degree of freedom


def test_a_smoke_run_draws_figure_18_and_judges_nothing():
    tiny = replace(SMOKE, dims=(2, 32), sizes=(150, 300), simulated=200)
    rows = [row for cell in EXPERIMENT.cells(tiny) for row in cell.run()]
    found = analyse(rows, tiny, Budget.SMOKE)
    assert {j.verdict for j in found.claims} == {Verdict.INCONCLUSIVE}
    fig18, _ = found.figures
    assert [panel.title for panel in fig18.panels] == [
        "TwoNN, cube",
        "TwoNN, torus",
        "MLE, k = 100, cube",
        "MLE, k = 100, torus",
    ]
    assert all(len(panel.series) == 2 * 2 for panel in fig18.panels)  # each d with its truth
    (table,) = found.tables
    assert len(table.rows) == len(MANIFOLDS) * 2
    # d = 2 needs no correction, whatever the manifold.
    flat = [row for row in table.rows if row[1] == 2]
    assert [row[4].value / row[2].value for row in flat] == pytest.approx([1, 1], abs=0.03)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dims", ()),
        ("dims", (2, 2)),
        ("dims", (0, 2)),
        ("sizes", (100, 500)),
        ("sizes", ()),
        ("replicates", 0),
        ("k", 3),
        ("simulated", 0),
        ("seed", -1),
    ],
)
def test_settings_that_no_data_set_can_meet_are_refused(field: str, value: object):
    with pytest.raises(BadInput, match=rf"id-synthetic needs .*{field}"):
        EXPERIMENT.cells(replace(Settings(), **{field: value}))
