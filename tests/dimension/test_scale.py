"""d against scale: plateaus where there is one, and the reason where there is none."""

from dataclasses import replace
from itertools import product
from math import isfinite

import numpy as np
import pytest

from scalinglaws import dimension
from scalinglaws.data import manifolds
from scalinglaws.dimension import against_points, against_radius
from scalinglaws.dimension.plateau import RISK, constant, longest_constant
from scalinglaws.errors import BadInput


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def noisy(X: np.ndarray, sigma: float, columns: int, seed: int) -> np.ndarray:
    X = np.pad(X, ((0, 0), (0, columns - X.shape[1])))
    return X + sigma * rng(seed).normal(size=X.shape)


@pytest.mark.parametrize("profile", [against_points, against_radius])
def test_a_round_sphere_is_one_plateau(profile):
    """On S^2 the area of a cap goes as its chord squared: d is 2 at every scale, exactly."""
    found = profile(manifolds.sphere(3000, 2, rng(0)))
    plateau = found.plateau
    assert abs(plateau.d.value - 2) < 4 * plateau.d.stderr
    assert plateau.d.stderr < 0.04
    assert plateau.n[1] >= 8 * plateau.n[0]
    assert plateau.radius[0] < plateau.radius[1]
    assert found.sentence.startswith(f"d = {plateau.d.value:.3f} ± {plateau.d.stderr:.3f} over")


def test_a_torus_is_flat_at_small_scales_and_curved_at_large():
    found = against_radius(manifolds.torus(8000, 3, rng(0)), k=256)
    assert found.plateau.n[1] >= 4000
    assert abs(found.plateau.d.value - 3) < 0.1
    assert found.points[-1].d > 3.15
    assert "curvature" in found.sentence


def test_a_line_thickened_by_noise_is_a_plane_close_by_and_a_line_from_afar():
    line = np.pad(rng(0).random((3000, 1)), ((0, 0), (0, 1)))
    found = against_radius(noisy(line, 0.001, 2, seed=1), k=192)
    near, far = found.points[0], found.points[-1]
    assert abs(near.d - 2) < 4 * near.stderr
    assert abs(far.d - 1) < 0.05
    assert (near.n, far.n) == (3000, 3000 // 64)
    assert near.radius < 0.002 < 0.01 < far.radius
    assert "noise or quantised coordinates at small scales" in found.sentence


@pytest.mark.parametrize("profile", [against_points, against_radius])
def test_noise_in_many_columns_leaves_no_plateau_and_is_named(profile):
    found = profile(noisy(manifolds.sphere(2000, 2, rng(0)), 0.03, 12, seed=1))
    d = [point.d for point in found.points]
    assert d == sorted(d, reverse=True)
    assert d[0] > 2 * d[-1]
    assert found.plateau is None
    assert found.sentence.startswith("No plateau: d falls from")
    assert "noise" in found.sentence


def test_a_fall_that_few_points_explain_is_not_called_noise():
    found = against_radius(manifolds.gaussian(2000, 20, rng(0)))
    assert "as on a sphere of d = " in found.sentence
    assert "noise" not in found.sentence


def test_a_d_that_no_sphere_reads_is_too_large_for_so_few_points():
    found = against_radius(rng(0).normal(size=(130, 20_000)), k=32)
    assert found.plateau is None
    assert "too few points for so large a d, which no sphere tried reads" in found.sentence


def test_the_turns_of_a_spiral_are_told_apart_only_at_small_scales():
    found = against_radius(manifolds.BENCHMARK["M13b"].sample(6000, rng(0)))
    assert abs(found.plateau.d.value - 1) < 4 * found.plateau.d.stderr
    assert found.plateau.n[1] == 6000
    assert found.points[-1].d > 1.3
    assert "; at larger scales" in found.sentence
    assert "folds" in found.sentence


def test_points_in_pairs_are_seen_as_such():
    X = manifolds.sphere(1000, 2, rng(0))
    found = against_radius(np.vstack([X, X + 1e-4 * rng(1).normal(size=X.shape)]))
    assert found.points[0].d < 0.5
    assert abs(found.points[-1].d - 2) < 0.1
    assert found.plateau is None or found.plateau.n[1] <= 1000
    assert "pairs" in found.sentence


GRID = np.array(list(product(range(8), repeat=3)), dtype=float)
TURNS = 2 * np.pi / 8 * GRID
LATTICES = {
    "grid": GRID,  # some scales without an error
    "torus": np.hstack([np.cos(TURNS), np.sin(TURNS)]),  # all of them
    "corners": np.array(list(product(range(2), repeat=6)), dtype=float),
}


@pytest.mark.parametrize("name", LATTICES)
@pytest.mark.parametrize(
    "profile",
    [
        against_radius,
        lambda X: against_points(X, lambda X: dimension.mle_harmonic(X, 20), smallest=40),
    ],
)
def test_scales_at_which_all_points_say_the_same_are_in_no_plateau(name: str, profile):
    """Warnings are errors here: no infinite error is multiplied by nothing."""
    found = profile(LATTICES[name])
    silent = [p for p in found.points if not isfinite(p.stderr)]
    assert silent or profile is not against_radius
    assert "nan" not in found.sentence
    assert ("no error: all points say the same" in found.sentence) == bool(silent)
    if found.plateau is not None:
        lo, hi = found.plateau.radius
        assert isfinite(found.plateau.d.value)
        assert not any(lo <= p.radius <= hi for p in silent)
    if len(silent) == len(found.points):
        assert found.sentence.startswith("No plateau: d has no error at any scale. At radi")


def test_a_plateau_beside_a_scale_without_error_names_that_scale():
    def silent_at_2000(X: np.ndarray) -> dimension.Dimension:
        found = dimension.twonn(X)
        return replace(found, d=9.0, stderr=np.inf) if len(X) == 2000 else found

    found = against_points(manifolds.sphere(2000, 2, rng(0)), silent_at_2000)
    assert found.plateau.n == (125, 1000)
    assert abs(found.plateau.d.value - 2) < 4 * found.plateau.d.stderr
    at = found.points[0].radius
    assert found.sentence.endswith(
        f". At radius {at:.3g} d carries no error: all points say the same there, as on a lattice."
    )
    assert "at smaller scales" not in found.sentence  # nor is its d compared


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_what_is_not_a_number_is_not_constant(bad: float):
    y, C = np.full(5, 3.0), 1e-4 * np.eye(5)
    assert constant(y, C, X, 0.95) is not None
    unknown = C.copy()
    unknown[2, 2] = bad
    assert constant(y, unknown, X, 0.95) is None
    run, _ = longest_constant(y, unknown, np.exp(X), 2, 0.95)
    assert run == slice(0, 2)
    y[2] = bad
    assert constant(y, C, X, 0.95) is None


def test_few_points_give_few_scales_and_say_so():
    found = against_points(manifolds.torus(250, 2, rng(0)))
    assert [point.n for point in found.points] == [250, 125]
    assert found.plateau is None
    assert "250 points give too few scales" in found.sentence
    with pytest.raises(BadInput, match="parts of 100 points or more need as many, got 99"):
        against_points(manifolds.torus(99, 2, rng(0)))


def test_the_whole_is_the_estimate_and_a_part_the_mean_of_its_parts():
    X = manifolds.cube(400, 3, rng(0))
    found = against_points(X, lambda X: dimension.mle(X, 10), seed=5)
    whole = dimension.mle(X, 10)
    first = found.points[0]
    assert (first.d, first.lo, first.radius, first.k) == pytest.approx(
        (whole.d, whole.lo, whole.scale, 10)
    )
    halves = [dimension.mle(X[part], 10) for part in np.array_split(rng(5).permutation(400), 2)]
    second = found.points[1]
    assert second.n == 200
    assert second.d == pytest.approx(np.mean([half.d for half in halves]))
    assert second.stderr == pytest.approx(np.hypot(*(half.stderr for half in halves)) / 2)


def test_repeated_rows_are_removed_before_the_points_are_parted():
    X = manifolds.torus(400, 2, rng(0))
    assert against_points(np.vstack([X, X[:100]])) == against_points(X)


def test_of_many_parts_some_are_measured():
    calls: list[int] = []

    def count(X: np.ndarray) -> dimension.Dimension:
        calls.append(len(X))
        return dimension.twonn(X)

    found = against_points(rng(0).random((2560, 1)), count, smallest=10)
    assert [point.n for point in found.points] == [2560, 1280, 640, 320, 160, 80, 40, 20, 10]
    assert [calls.count(n) for n in (2560, 40, 20, 10)] == [1, 64, 64, 64]


def test_halves_are_correlated_with_the_whole_as_assumed():
    seeds = range(150)
    profiles = [against_points(rng(seed).random((200, 2)), seed=seed) for seed in seeds]
    whole, halves = np.array([[point.d for point in found.points] for found in profiles]).T
    found = np.corrcoef(whole, halves)[0, 1]
    error = (1 - 0.5**2) / np.sqrt(len(seeds))
    assert abs(found - 1 / 2) < 4 * error
    assert found > 4 * error  # not independent


def correlated(rho: float, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws of five values about 10 with error 1/2 and correlation rho^|i-j|."""
    C = 0.25 * rho ** np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
    return 10 + rng(0).multivariate_normal(np.zeros(5), C, size=draws), C


X = np.log([1600.0, 800, 400, 200, 100])


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_constant_values_are_called_changing_as_rarely_as_stated(rho: float):
    draws, C = correlated(rho, 600)
    means = [constant(y, C, X, 0.95) for y in draws]
    kept = [m for m in means if m is not None]
    # Two tests share the risk; the 1 % that counts as none makes them a little milder.
    assert 0.05 < 1 - len(kept) / 600 < RISK + 4 * np.sqrt(RISK * (1 - RISK) / 600)
    spread = np.std([m.value for m in kept])
    assert spread == pytest.approx(kept[0].stderr, rel=0.1)
    if rho:  # errors wrongly taken as independent: too narrow an interval of the mean
        independent = np.diag(np.diag(C))
        assert constant(np.full(5, 10.0), independent, X, 0.95).stderr < 0.75 * spread


def test_a_drift_is_seen_sooner_than_as_large_a_scatter():
    """Twice an error up at one end and down at the other, against the same in no order."""
    draws, C = correlated(0.0, 300)
    off = np.array([1.0, 0.5, 0, -0.5, -1.0])
    drift, scatter = (
        np.mean([constant(y, C, X, 0.95) is None for y in draws + off[order]])
        for order in ([0, 1, 2, 3, 4], [1, 4, 2, 0, 3])
    )
    assert drift > 0.9
    assert scatter < drift - 0.1


def test_a_change_of_less_than_a_percent_is_none():
    y = np.array([10, 10.05, 10.1, 10.05, 10.0])
    assert constant(y, 1e-10 * np.eye(5), X, 0.95) is not None
    assert constant(2 * y - 10 + np.linspace(0, 2, 5), 1e-10 * np.eye(5), X, 0.95) is None


def test_the_longest_run_is_found_and_must_span_its_factor():
    y = np.array([5.0, 3, 3, 3, 3, 9])
    C, n = 1e-4 * np.eye(6), 2.0 ** np.arange(10, 4, -1)
    run, common = longest_constant(y, C, n, 4, 0.95)
    assert run == slice(1, 5)
    assert common.value == pytest.approx(3)
    assert longest_constant(y, C, n, 16, 0.95) is None
