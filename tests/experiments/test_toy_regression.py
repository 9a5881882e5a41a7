"""toy-regression: its fits are the best there are, its cells find known laws, its claims fail."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from scalinglaws.errors import BadInput
from scalinglaws.experiments import get
from scalinglaws.experiments.toy_regression import EXPERIMENT, Settings, fits
from scalinglaws.experiments.toy_regression.claims import CLAIMS, NETWORKS, POWERS, analyse
from scalinglaws.experiments.toy_regression.points import Cubes, cubes_about, gauss, sobol
from scalinglaws.experiments.toy_regression.statistics import Case, Losses
from scalinglaws.experiments.toy_regression.study import Network, Smooth, run_network, run_smooth
from scalinglaws.experiments.toy_regression.targets import PlaneWaves, plane_waves, relu_network
from scalinglaws.result import Budget, Row, Verdict
from scalinglaws.theory import manifold

SMOKE = EXPERIMENT.budgets[Budget.SMOKE]
SETTINGS = Settings(dims=(1, 3), functions=4, networks=4)


def every_cube(n: int, d: int) -> Cubes:
    index = np.stack(np.meshgrid(*[np.arange(n)] * d, indexing="ij"), -1).reshape(-1, d)
    return Cubes((index + 0.5) / n, 1 / n, np.full(n**d, n**-d))


def smooth(d: int, **changes: object) -> Smooth:
    config = Smooth(
        d=d,
        n=(16, 32, 64),
        n_min=16,
        powers=(3.0,),
        cubes=16,
        waves=32,
        scale=0.5,
        classes=3,
        points=64,
        target_seed=1,
        cubes_seed=1,
        points_seed=1,
    )
    return replace(config, **changes)  # type: ignore[arg-type]


def network(d: int, n: tuple[int, ...], seed: int, fits: int = 100) -> Network:
    return Network(
        d=d,
        n=n,
        cubes=1000,
        fits=fits,
        hidden=(16, 16),
        points=64,
        target_seed=seed,
        cubes_seed=seed,
        points_seed=seed,
    )


# Fits.


def test_a_waves_loss_is_known_on_every_grid():
    """One wave of whole periods: the best constants leave (1 - prod_a sinc^2(w_a s/2)) / 2."""
    w = 2 * np.pi * np.array([[2.0, 1.0]])
    wave = PlaneWaves(w, np.array([0.3]))
    points = gauss(2, 100)
    for n in (2, 3, 8):
        cubes = every_cube(n, 2)
        f = wave.across(cubes.centres, cubes.s, points.u) / wave.amplitude
        rest = fits.rest_by_squares(f, points.basis[:, :1], points.weight)
        L = cubes.share @ (rest**2 @ points.weight)
        sinc = np.sinc(w / (2 * np.pi * n))  # numpy's has a pi of its own: sin(w s/2) / (w s/2)
        centre = np.cos(cubes.centres @ w[0] + 0.3)
        expected = 0.5 - (cubes.share @ centre**2) * (sinc**2).prod()
        assert pytest.approx(expected, rel=1e-9) == L


@pytest.mark.parametrize("d", [1, 3])
def test_quadratics_are_missed_by_the_closed_forms_on_every_grid(d: int):
    rng = np.random.default_rng(d)
    H = rng.normal(size=(d, d))
    H = H + H.T

    def across(centres, s, u):
        x = centres[:, None] + s * u
        return 0.5 * np.einsum("cpa,ab,cpb->cp", x, H, x)

    exact, spread = gauss(d, 27), sobol(d, 4096, 0)
    for n in (1, 4):
        cubes = cubes_about(rng.random((5, d)), n)
        at, s = cubes.centres, cubes.s
        linear = fits.rest_by_squares(across(at, s, exact.u), exact.basis, exact.weight)
        assert linear**2 @ exact.weight == pytest.approx(manifold.linear_loss(H, s), rel=1e-9)
        joined = fits.rest_of_interpolant(
            across(at, s, spread.u), lambda u, at=at, s=s: across(at, s, u), spread
        )
        assert joined**2 @ spread.weight == pytest.approx(manifold.interpolant_loss(H, s), rel=0.01)


@pytest.mark.parametrize(("p", "rel"), [(1.0, 3e-3), (1.5, 1e-6), (3.0, 1e-9), (4.0, 1e-9)])
def test_the_fit_by_p_is_what_a_general_optimiser_finds(p: float, rel: float):
    points = sobol(2, 64, 0)
    cubes = cubes_about(np.random.default_rng(0).random((2, 2)), 2)
    f = plane_waves(2, 8, 0.5, np.random.default_rng(1)).across(cubes.centres, cubes.s, points.u)
    rest = fits.rest_by_power(f, points.basis, points.weight, p)
    squares = fits.rest_by_squares(f, points.basis, points.weight)
    for values, mine, its in zip(f, rest, squares, strict=True):

        def loss(c, values=values):
            return points.weight @ np.abs(values - points.basis @ c) ** p

        options = {"xatol": 1e-10, "fatol": 1e-16, "maxiter": 4000}
        best = minimize(loss, points.basis.T @ values / 64, method="Nelder-Mead", options=options)
        L = points.weight @ np.abs(mine) ** p
        assert best.fun * (1 + rel) >= L
        assert points.weight @ np.abs(its) ** p > L  # least squares is another fit


def test_kl_is_at_its_least_and_like_a5():
    points = gauss(2, 64)
    rng = np.random.default_rng(2)
    waves = [plane_waves(2, 16, 0.5, rng) for _ in range(3)]
    x = rng.random((1, 2))
    for n, rel in ((2, None), (128, 1e-3)):
        cubes = cubes_about(x, n)
        logits = np.stack([f.across(cubes.centres, cubes.s, points.u) for f in waves])
        (L,) = fits.kl_of_linear_logits(logits, points.basis, points.weight)
        if rel:
            q = fits.softmax(
                np.stack([f.across(cubes.centres, 0, points.u[:1])[:, 0] for f in waves])
            )
            H = np.stack([f.hessian(cubes.centres) for f in waves], axis=1)
            assert manifold.kl_loss(q.T, H, cubes.s)[0] == pytest.approx(L, rel=rel)
            continue

        def loss(c, logits=logits):
            linear = np.stack([points.basis @ of for of in [*c.reshape(2, 3), np.zeros(3)]])
            f, q = fits.softmax(logits[:, 0]), fits.softmax(linear)
            return ((f * np.log(f / q)).sum(0)) @ points.weight

        assert pytest.approx(minimize(loss, np.zeros(6), tol=1e-12).fun, rel=1e-6) == L


# Targets and points.


def test_derivatives_are_those_of_finite_differences():
    f = plane_waves(3, 8, 0.5, np.random.default_rng(0))
    x, h = np.random.default_rng(1).random((2, 3)), 1e-5

    def at(x):
        return f.across(x, 0, np.zeros((1, 3)))[:, 0]

    for a, e in enumerate(h * np.eye(3)):
        assert f.gradient(x)[:, a] == pytest.approx((at(x + e) - at(x - e)) / (2 * h), rel=1e-6)
        along = (f.gradient(x + e) - f.gradient(x - e)) / (2 * h)
        assert f.hessian(x)[:, a] == pytest.approx(along, rel=1e-6)


def test_a_cube_without_a_kink_is_one_where_the_network_is_linear():
    target, cubes = (
        relu_network(3, (16, 16), 0),
        cubes_about(np.random.default_rng(0).random((300, 3)), 16),
    )
    points = sobol(3, 256, 0)
    f = target.across(cubes.centres, cubes.s, points.u)
    rest = np.abs(fits.rest_by_squares(f, points.basis, points.weight)).max(axis=1)
    kinked = target.kinked(cubes.centres, cubes.s)
    assert 0.1 < kinked.mean() < 0.9
    assert rest[~kinked].max() < 1e-13
    assert (rest[kinked] > 1e-13).mean() > 0.9  # but for kinks between the points, or of no weight


def test_some_of_the_kinked_cubes_stand_for_all():
    """The mean over networks of the loss with a tenth of the cubes fitted is that with all."""
    ratios = []
    for seed in range(24):
        few, every = (
            run_network(network(2, (16,), seed, fits=fits))[0]["L"] for fits in (20, 1000)
        )
        ratios.append(few / every)  # type: ignore[operator]
    assert abs(np.mean(ratios) - 1) < 4 * np.std(ratios) / np.sqrt(len(ratios))
    assert np.std(ratios) > 0.05


def test_cubes_are_drawn_alike_and_lie_in_the_coarser_ones():
    x = np.random.default_rng(0).random((4000, 1))
    coarse, fine = cubes_about(x, 4), cubes_about(x, 8)
    assert coarse.centres[:, 0] == pytest.approx([1 / 8, 3 / 8, 5 / 8, 7 / 8])
    assert coarse.share == pytest.approx(fine.share.reshape(4, 2).sum(axis=1))
    assert coarse.share == pytest.approx(0.25, abs=4 * np.sqrt(3 / 16 / 4000))


# Cells.


def test_a_cell_finds_the_exponents_of_a_smooth_function():
    rows = run_smooth(smooth(2))
    assert run_smooth(smooth(2)) == rows
    assert run_smooth(smooth(2, target_seed=2)) != rows
    found = Losses(rows, (16, 64))
    for fit, loss, expected in (
        ("constant", "mse", 2),
        ("linear", "mse", 4),
        ("continuous", "mse", 4),
        ("linear", "kl", 4),
        ("constant", "p=3", 3),
        ("linear", "p=3", 6),
    ):
        slope = found.exponent_between(Case("smooth", fit, loss, 2), 16, 64)
        assert slope.value == pytest.approx(expected, rel=0.01)  # type: ignore[union-attr]


def test_networks_cost_three_and_not_four():
    """The control: no smooth function, and no fault of the fits, gives 3."""
    rows = [row for seed in range(6) for row in run_network(network(2, (16, 64), seed))]
    for fit in ("linear", "continuous"):
        alpha_d = Losses(rows, (16, 64)).exponent_between(Case("network", fit, "mse", 2), 16, 64)
        assert abs(alpha_d.value - 3) < 4 * alpha_d.stderr  # type: ignore[union-attr]
        assert 4 - alpha_d.value > 6 * alpha_d.stderr  # type: ignore[union-attr]


# Claims.


def rows_of(slope: Callable[[str, str, str, int], float], off: float = 1.0) -> list[Row]:
    """Rows as cells give them, with these alpha d and L `off` times the closed form."""
    rng = np.random.default_rng(0)
    rows: list[Row] = []
    n = [2, 8, 16, 64, 256]
    cases = [("smooth", fit, "mse") for fit in ("constant", "linear", "continuous")]
    cases += [("smooth", "linear", "kl"), ("network", "linear", "mse")]
    cases += [("smooth", fit, f"p={p:g}") for fit in POWERS for p in SETTINGS.powers]
    for target, fit, loss in cases:
        for d in SETTINGS.dims:
            for seed in range(4):
                alpha_d = slope(target, fit, loss, d) + 0.001 * rng.normal()
                for at in n:
                    L = at**-alpha_d
                    row: Row = {"target": target, "fit": fit, "loss": loss, "d": d, "seed": seed}
                    rows.append(row | {"n": at, "N": at**d, "L": L, "closed": L / off})
    return rows


def expected(target: str, fit: str, loss: str, d: int) -> float:
    p = float(loss[2:]) if loss.startswith("p=") else 2
    return 3 if target == "network" else p * (1 if fit == "constant" else 2)


def verdicts(rows: list[Row]) -> dict[str, Verdict]:
    return {j.claim.id: j.verdict for j in analyse(rows, SETTINGS, Budget.QUICK).claims}


def test_the_papers_exponents_agree():
    found = analyse(rows_of(expected), SETTINGS, Budget.QUICK)
    assert [j.claim for j in found.claims] == list(CLAIMS)
    assert {j.verdict for j in found.claims} == {Verdict.AGREES}
    assert len(found.figures) == 4


@pytest.mark.parametrize(
    ("id", "case"),
    [
        ("constant", ("smooth", "constant", "mse")),
        ("linear", ("smooth", "linear", "mse")),
        ("continuous", ("smooth", "continuous", "mse")),
        ("kl-linear", ("smooth", "linear", "kl")),
        ("p-loss-constant", ("smooth", "constant", "p=4")),
        ("p-loss-linear", ("smooth", "linear", "p=1")),
        ("relu-target", ("network", "linear", "mse")),
    ],
)
def test_one_exponent_off_at_one_d_differs(id: str, case: tuple[str, str, str]):
    def slope(target: str, fit: str, loss: str, d: int) -> float:
        return expected(target, fit, loss, d) * (
            0.9 if ((target, fit, loss), d) == (case, 3) else 1
        )

    found = verdicts(rows_of(slope))
    assert found.pop(id) is Verdict.DIFFERS
    powers = {"constant": "p-loss-constant", "linear": "p-loss-linear"}.get(id, "")
    found.pop(powers, None)  # p = 2 is one of the powers
    assert set(found.values()) == {Verdict.AGREES}


def test_a_network_with_the_exponent_of_smooth_functions_differs():
    rows = rows_of(lambda target, *of: 4 if target == "network" else expected(target, *of))
    assert verdicts(rows)[NETWORKS.id] is Verdict.DIFFERS


def test_a_prefactor_off_by_a_twentieth_differs():
    assert verdicts(rows_of(expected, off=1.05))["prefactors"] is Verdict.DIFFERS


def test_a_law_that_bends_widens_the_interval():
    """Slope 4 in the finer half of the window and 3.5 in the coarser."""
    case = Case("smooth", "linear", "mse", 3)
    rows = rows_of(expected)
    for row in rows:
        if row["n"] < 64:  # type: ignore[operator]
            row["L"] *= (row["n"] / 64) ** 0.5  # type: ignore[operator]
    alpha_d = Losses(rows, (16, 256)).exponent(case)
    assert alpha_d is not None
    assert 0.2 < 4 - alpha_d.value < 0.3
    assert alpha_d.hi > 4


def test_networks_without_kinks_and_absent_rows_are_said_not_raised():
    rows = rows_of(expected)
    for row in rows:
        if (row["target"], row["d"], row["seed"]) == ("network", 1, 0):
            row["L"] = 0.0
    judged = analyse(rows, SETTINGS, Budget.QUICK).claims[-1]
    assert judged.claim is NETWORKS
    assert judged.reason == "1 networks bend in none of the cubes drawn, and are left out"
    nothing = analyse([], SETTINGS, Budget.QUICK)
    assert {j.verdict for j in nothing.claims} == {Verdict.INCONCLUSIVE}
    part = [row for row in rows if row["target"] == "network"]
    assert len(analyse(part, SETTINGS, Budget.QUICK).tables) == 2


def test_a_cell_is_a_function_and_its_key_its_seeds():
    made = EXPERIMENT.cells(SMOKE)
    assert len(made) == len(SMOKE.dims) * (SMOKE.functions + SMOKE.networks)
    assert len({cell.key for cell in made}) == len(made)
    more = EXPERIMENT.cells(replace(SMOKE, functions=5, networks=7))
    assert {cell.key for cell in made} < {cell.key for cell in more}
    assert get("toy-regression") is EXPERIMENT


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dims", ()),
        ("dims", (2, 2)),
        ("dims", (8,)),
        ("n_min", 128),
        ("n_max", 100),
        ("powers", (2.0,)),
        ("powers", (0.5,)),
        ("functions", 0),
        ("classes", 1),
        ("scale", 0.0),
        ("hidden", ()),
        ("points", 100),
        ("seed", -1),
    ],
)
def test_settings_that_no_function_can_meet_are_refused(field: str, value: object):
    with pytest.raises(BadInput, match=rf"toy-regression needs .*{field}"):
        EXPERIMENT.cells(replace(Settings(), **{field: value}))
