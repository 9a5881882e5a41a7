"""percolation-quanta: what a draw computes, and that its claims can fail."""

from dataclasses import replace

import numpy as np
import pytest

from scalinglaws.errors import BadInput
from scalinglaws.experiments import get
from scalinglaws.experiments.percolation_quanta import EXPERIMENT, Settings, draw, statistics
from scalinglaws.experiments.percolation_quanta.claims import CLAIMS, CURVE, SIZES, analyse
from scalinglaws.experiments.percolation_quanta.design import Draw, cells, size_edges
from scalinglaws.experiments.percolation_quanta.statistics import Curves, SizeClasses
from scalinglaws.result import Budget, Row, Verdict
from scalinglaws.theory import percolation

SMOKE = EXPERIMENT.budgets[Budget.SMOKE]
P_C = percolation.bethe_threshold(200)


@pytest.fixture(scope="module")
def smoke() -> list[Row]:
    return [row for cell in EXPERIMENT.cells(SMOKE) for row in cell.run()]


def a_draw(**changes: object) -> Draw:
    config = cells(Settings(clusters=6, size_max=20_000, grid_points=5, curve_points=10, draws=1))
    return replace(config[0].config, **changes)


def classes(observed: np.ndarray, edges: np.ndarray) -> SizeClasses:
    p = percolation.size_probability(edges, 200, P_C)
    return SizeClasses(edges, observed, observed.sum() * p / p.sum())


def pareto_classes(t: float, n: int = 5000) -> SizeClasses:
    """Class counts of n sizes drawn from s^-t, truncated at both ends."""
    edges = size_edges(300, 3_000_000, 4)
    tail = (edges - 0.5) ** -t
    p = -np.diff(tail) / (tail[0] - tail[-1])
    return classes(np.random.default_rng(0).multinomial(n, p), edges)


def curves_about(law: str, shift: float, draws: int = 40, noise: float = 0.1) -> Curves:
    x = np.geomspace(1, 1000, 20)
    spread = noise * np.random.default_rng(1).standard_normal((draws, 1))
    expected = statistics.paper_law(law, x)
    return Curves(law, x, expected * np.exp(shift + spread), np.tile(expected, (draws, 1)))


def test_a_cell_is_a_draw_and_its_key_its_seeds():
    made = EXPERIMENT.cells(SMOKE)
    assert [c.config.cluster_seed for c in made] == [0, 1, 2]
    more = EXPERIMENT.cells(replace(SMOKE, draws=5))
    assert [c.key for c in more[:3]] == [c.key for c in made]
    assert len({c.key for c in more}) == 5
    assert get("percolation-quanta") is EXPERIMENT


def test_a_draw_repeats_bit_for_bit():
    assert draw.run(a_draw()) == draw.run(a_draw())
    assert draw.run(a_draw()) != draw.run(a_draw(walk_seed=9))


def test_further_clusters_do_not_change_the_first():
    few, many = (
        [r["clusters"] for r in draw.run(a_draw(clusters=k)) if r["kind"] == "sizes"]
        for k in (4, 8)
    )
    assert sum(few) == 4
    assert sum(many) == 8
    assert all(a <= b for a, b in zip(few, many, strict=True))


def test_allocations_spend_the_budget():
    """Data: D in all, by size. Model: none beyond k_br, larger clusters never less."""
    sizes = np.array([9000.0, 2000.0, 500.0, 400.0])
    grid = np.array([1.0, 4.0, 1000.0])
    shares = draw.allocations(grid, sizes)
    np.testing.assert_allclose(shares[3:].sum(axis=1), grid)
    np.testing.assert_allclose(shares[3] / shares[3].sum(), sizes / sizes.sum())
    assert (shares[0] > 0).tolist() == [True, False, False, False]
    assert (np.diff(shares[:3], axis=1) <= 0).all()


def test_no_cluster_gets_more_than_the_cap():
    """At N = 1e9 every site but 5 % is trained on, and the allocation law knows it."""
    rows = draw.run(a_draw(grid_max=1e9))
    last = [r for r in rows if r["kind"] == "total" and r["x"] == pytest.approx(1e9)]
    loss, law = (np.array([r[name] for r in last]) for name in ("loss", "allocation"))
    assert (loss > 0).all()
    assert (loss < 0.1).all()
    np.testing.assert_allclose(law[0], law[1])  # both laws meet at the cap
    assert law[0] > 1e-3  # and not at N^-1/2 = 3e-5


def test_the_papers_test_sites_leave_small_clusters_out():
    """round(0.001 s) is 0 up to s = 500: with only such clusters there is no loss to measure."""
    config = a_draw(test_fraction=0.001)
    assert draw.tested(config, 500) == 0
    assert draw.tested(config, 501) == 1
    totals = [r for r in draw.run(config) if r["kind"] == "total"]
    assert all(np.isfinite(r["loss"]) for r in totals)
    with pytest.raises(BadInput, match="no cluster has a test site"):
        draw.run(replace(config, size_max=450))


def test_window_slope_is_exact_on_a_power_law_and_silent_on_small_clusters():
    n = np.unique(np.geomspace(1, 1000, 30).round())
    assert draw.window_slope(n, 3 * n**-0.5, 10_000) == pytest.approx(-0.5)
    # Only 16 <= n <= s/10 counts.
    bent = np.where((n < 16) | (n > 200), 1.0, n**-0.7)
    assert draw.window_slope(n, bent, 2000) == pytest.approx(-0.7)
    assert np.isnan(draw.window_slope(n, n**-0.5, 1500))


@pytest.mark.parametrize("t", [0.4, 0.5, 0.7])
def test_tail_slope_recovers_a_pareto_exponent(t: float):
    slope = statistics.tail_slope(pareto_classes(t))
    assert abs(slope.value + t) < 4 * slope.stderr
    assert 0.004 < slope.stderr < 0.012


def test_the_exact_law_has_the_mean_field_slope_over_the_range_kept():
    edges = size_edges(300, 3_000_000, 4)
    p = percolation.size_probability(edges, 200, P_C)
    assert statistics.tail_slope(classes(p * 1e9, edges)).value == pytest.approx(-0.5, abs=2e-3)


def test_sizes_of_another_law_fail_the_claim():
    """Negative control: slope .6 instead of .5."""
    p = statistics.chi_square_p(pareto_classes(0.6))
    assert SIZES.judge(p, Budget.QUICK).verdict is Verdict.DIFFERS
    right = statistics.chi_square_p(pareto_classes(0.5))
    assert SIZES.judge(right, Budget.QUICK).verdict is Verdict.AGREES


def test_mean_slope_weighs_clusters_and_takes_its_error_from_the_draws():
    rows: list[Row] = [
        {"seed": 0, "slope_clusters": 3, "slope": -0.4},
        {"seed": 0, "slope_clusters": 0, "slope": None},
        {"seed": 1, "slope_clusters": 1, "slope": -0.8},
    ]
    slope = statistics.mean_slope(rows)
    assert slope is not None
    assert slope.value == pytest.approx(-0.5)
    # Residuals 3 * .1 and -.3 over 4 clusters, 2 draws.
    assert slope.stderr == pytest.approx((2 * 0.3**2 / 4**2 * 2) ** 0.5)
    assert statistics.mean_slope(rows[:2]) is None


@pytest.mark.parametrize("law", ["model", "data"])
def test_the_band_claim_agrees_on_the_law_and_differs_off_it(law: str):
    on = statistics.share_inside(curves_about(law, 0.0), 100)
    off = statistics.share_inside(curves_about(law, 0.3), 100)
    assert CURVE[law].judge(on, Budget.QUICK).verdict is Verdict.AGREES
    assert CURVE[law].judge(off, Budget.QUICK).verdict is Verdict.DIFFERS


def test_allocation_ratio_recovers_a_factor():
    ratio = statistics.allocation_ratio(curves_about("model", np.log(1.2)))
    stderr = 1.2 * 0.1 * (np.pi / 2 / 40) ** 0.5  # of a median of 40
    assert abs(ratio.value - 1.2) < 4 * stderr
    assert ratio.lo < ratio.value < ratio.hi


def test_a_smoke_run_finds_everything_and_judges_nothing(smoke: list[Row]):
    found = analyse(smoke, SMOKE, Budget.SMOKE)
    assert [j.claim for j in found.claims] == list(CLAIMS)
    assert {j.verdict for j in found.claims} == {Verdict.INCONCLUSIVE}
    measured = {j.claim.id: j.measured for j in found.claims}
    assert measured["allocation-data"] is not None
    assert 0.8 < measured["allocation-data"].value < 1.25
    assert {f.id for f in found.figures} == {
        "cluster-sizes",
        "single-clusters",
        "model-scaling",
        "data-scaling",
    }


def test_three_draws_make_no_band(smoke: list[Row]):
    found = analyse(smoke, SMOKE, Budget.QUICK)
    reasons = {j.claim.id: (j.verdict, j.reason) for j in found.claims}
    assert reasons["curve-model"] == (
        Verdict.INCONCLUSIVE,
        "3 draws; a band is made from 10 on",
    )


def test_missing_draws_are_said_not_raised(smoke: list[Row]):
    nothing = analyse([], SMOKE, Budget.QUICK)
    assert {j.reason for j in nothing.claims} == {"no draw done"}
    one = [r for r in smoke if r["seed"] == 1]
    assert len(analyse(one, SMOKE, Budget.QUICK).figures) == 4


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("clusters", 1),
        ("draws", 0),
        ("clusters", 10**9),
        ("seed", -1),
        ("size_min", 10**8),
        ("size_min", 1),
        ("z", 2),
        ("grid_points", 1),
        ("grid_max", float("nan")),
        ("max_train_fraction", 1.0),
        ("test_fraction", 0.5),
        ("curve_test_sites", 200),
    ],
)
def test_settings_that_no_draw_can_meet_are_refused(field: str, value: object):
    with pytest.raises(BadInput, match=rf"percolation-quanta needs .*{field}"):
        EXPERIMENT.cells(replace(Settings(), **{field: value}))
