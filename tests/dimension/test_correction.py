"""The bias of few points, and its correction by the sphere: right on it, stated elsewhere."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ks_2samp

from scalinglaws import dimension
from scalinglaws.data import manifolds
from scalinglaws.dimension import Dimension, corrected, mle, neighbors, twonn
from scalinglaws.dimension.correction import SETS
from scalinglaws.dimension.reference import on_member, on_sphere, on_spheres
from scalinglaws.errors import BadInput


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def mean_mle(family: manifolds.Family, d: int, seeds: int = 3) -> tuple[float, float]:
    """Raw and corrected, of 2500 points and k = 20. `benchmarks/dimension_correction.py` has ten
    seeds and more manifolds."""
    found = [corrected(mle(family(2500, d, rng(seed)), 20), points=10_000) for seed in range(seeds)]
    return float(np.mean([c.raw.d for c in found])), float(np.mean([c.d for c in found]))


def test_a_sphere_of_ten_dimensions_is_put_right():
    raw, d = mean_mle(manifolds.sphere, 10)
    assert raw < 9.1
    assert abs(d - 10) < 0.3


def test_a_gaussian_of_twenty_dimensions_is_put_right():
    raw, d = mean_mle(manifolds.gaussian, 20)
    assert raw < 15.6
    assert abs(d - 20) < 1


def test_a_cube_stays_low():
    """A sphere has no boundary to correct for."""
    raw, d = mean_mle(manifolds.cube, 20)
    assert raw < 14.6
    assert raw + 2 < d < 19


@pytest.mark.parametrize(("d", "n", "k"), [(1, 40, 5), (3, 200, 5), (12, 100, 99)])
def test_the_exact_law_of_a_spheres_neighbours_is_what_a_search_finds(d: int, n: int, k: int):
    law = on_sphere(2000, n, d, k, rng(0)).r
    # Of each set a few points only: all would share neighbours.
    sets = [on_member(manifolds.sphere, 5, n, d, k, rng(seed)).r for seed in range(1, 201)]
    searched = np.concatenate(sets)
    for j in (0, k // 2, k - 1):
        assert ks_2samp(law[:, j], searched[:, j]).pvalue > 1e-3
    assert ks_2samp(law[:, -1] / law[:, 0], searched[:, -1] / searched[:, 0]).pvalue > 1e-3
    # Off the sphere's d the same test fails: the negative control.
    other = on_sphere(2000, n, 1.3 * d, k, rng(0)).r
    assert ks_2samp(other[:, -1] / other[:, 0], searched[:, -1] / searched[:, 0]).pvalue < 1e-3


@pytest.mark.parametrize(
    "estimator",
    [
        dimension.twonn,
        dimension.twonn_line,
        lambda X: dimension.knn(X, 4),
        lambda X: dimension.mle(X, 5),
        lambda X: dimension.mle_harmonic(X, 10),
        lambda X: dimension.gride(X, 4),
    ],
)
def test_every_estimator_is_put_right_on_the_sphere_within_its_interval(estimator):
    """Ten sets of 400 points of S^8. The simulation's own error is shared by all ten."""
    found = [
        corrected(estimator(manifolds.sphere(400, 8, rng(seed))), points=4000) for seed in range(10)
    ]
    raw, d = np.mean([c.raw.d for c in found]), np.mean([c.d for c in found])
    stderr = np.sqrt(np.mean([c.stderr**2 for c in found]) / len(found))
    simulation = np.sqrt(np.mean([c.stderr**2 for c in found]) * 400 / 4000)
    assert abs(d - 8) < 4 * np.hypot(stderr, simulation)
    assert raw < 7.7  # uncorrected it is off by more than one of these errors
    assert sum(c.lo < 8 < c.hi for c in found) >= 7  # 1e-3 to fall short, at .95


@pytest.mark.parametrize(("n", "estimator"), [(10, dimension.twonn_line), (10, dimension.knn)])
def test_the_bias_of_a_handful_of_points_is_in_what_a_sphere_reads(n: int, estimator):
    """The line's own: on many points as far from their neighbours it reads a fifth lower."""
    d, sets = 5, 600
    read = [estimator(manifolds.sphere(n, d, rng(seed))) for seed in range(sets)]
    mean = float(np.mean([one.d for one in read]))
    spread = float(np.std([one.d for one in read])) / d
    found = corrected(replace(read[0], d=mean, stderr=0.1, lo=mean - 0.2, hi=mean + 0.2))
    assert abs(found.d / d - 1) < 4 * spread * np.hypot(1 / sets**0.5, 1 / SETS**0.5)
    many = estimator(on_sphere(20_000, n, d, 2, rng(0)))
    assert mean / many.d - 1 > 4 * spread * np.hypot(1 / sets**0.5, 1 / 20_000**0.5)


def test_data_sets_of_a_sphere_drawn_together_are_of_one_law():
    one = on_sphere(300, 50, 4, 3, rng(0))
    (same,) = on_spheres(1, 300, 50, 4, 3, rng(0))
    np.testing.assert_array_equal(same.r, one.r)
    parts = list(on_spheres(3, 100, 50, 4, 3, rng(0)))
    np.testing.assert_array_equal(np.vstack([part.r for part in parts]), one.r)
    assert {(part.n, len(part.queries), part.index.max() < 100) for part in parts} == {
        (5000, 100, True)
    }


@pytest.mark.parametrize("points", [-1, 0, 1, 99])
@pytest.mark.parametrize("reference", ["sphere", manifolds.torus])
def test_too_few_simulated_points_are_refused(points: int, reference):
    with pytest.raises(BadInput, match=f"100 simulated points or more, got points = {points}"):
        corrected(raw_d(5.0), reference, points=points)


def test_flat_points_are_left_alone():
    """On a circle, and on a torus of two dimensions, a few hundred points have no bias to see."""
    for d in (1, 2):
        found = corrected(mle(manifolds.torus(400, d, rng(0)), 10))
        assert abs(found.d - found.raw.d) < found.raw.stderr
        assert found.notes == ()


def raw_d(d: float, stderr: float = 0.1, n: int = 2500, method: str = "mle") -> Dimension:
    return Dimension(d, stderr, d - 2 * stderr, d + 2 * stderr, n, 20, method, 1.0)


def test_the_bias_falls_with_the_number_of_points_and_any_number_is_quick():
    found = [corrected(raw_d(12.0, n=n), points=4000).d for n in (300, 2500, 100_000, 100_000_000)]
    assert (np.diff(found) < 0).all()
    assert 12 < found[-1] < 12.3


def test_the_interval_is_the_raw_one_carried_over_and_wider_by_the_simulation():
    raw = raw_d(15.0)
    one, few = corrected(raw, points=4000), corrected(raw, points=300)
    assert one.lo < one.d < one.hi
    # The bias grows with d, so does what a step of raw d means.
    assert one.stderr > raw.stderr * one.d / raw.d
    assert few.stderr > 1.5 * one.stderr
    lo, hi = (
        corrected(replace(raw, d=end, lo=end, hi=end), points=4000) for end in (raw.lo, raw.hi)
    )
    # Each arm is that to the raw end, and what the simulation adds.
    assert one.d - lo.d < one.d - one.lo < 1.2 * (one.d - lo.d)
    assert hi.d - one.d < one.hi - one.d < 1.2 * (hi.d - one.d)
    assert one.estimate.level == raw.level


def test_other_families_put_themselves_right_where_the_sphere_does_not():
    """A torus of many dimensions is curved as a sphere is not."""
    raw = mle(manifolds.torus(800, 30, rng(1)), 20)
    torus, sphere = corrected(raw, manifolds.torus, points=800), corrected(raw)
    assert abs(torus.d - 30) < 4 * torus.stderr
    assert sphere.d > 30 + 4 * sphere.stderr
    assert (torus.reference, sphere.reference) == ("torus", "sphere")


def test_the_simulation_never_draws_the_data_again():
    """numpy gives the same stream for the seeds 0, [0] and [0, 0]."""
    raw = mle(manifolds.gaussian(200, 10, rng(0)), 20)
    again = corrected(raw, manifolds.gaussian, seed=0, points=200)
    assert abs(again.d - 10) > 1e-6


def test_a_correction_that_says_more_of_the_sphere_than_of_the_data_says_so():
    (note,) = corrected(raw_d(40.0, 0.5), points=1000).notes
    assert "more than 1.5 times the raw d" in note


def test_what_the_sphere_never_reads_has_no_upper_end():
    found = corrected(replace(raw_d(12.0), hi=1e5), points=1000)
    assert found.hi == np.inf
    assert 12 < found.d < 20
    assert "no upper end" in found.notes[-1]


def test_an_interval_down_to_nothing_stays_one():
    found = corrected(replace(raw_d(1.2, 0.8), k=5, n=30), points=4000)
    assert found.lo == 0
    assert found.d == pytest.approx(1.2, rel=0.1)


def test_what_is_not_simulated_is_refused():
    with pytest.raises(BadInput, match="no correction for pca, only for twonn, "):
        corrected(raw_d(5.0, method="pca"))
    with pytest.raises(BadInput, match=r"reference 'torus' is neither 'sphere' nor a function"):
        corrected(raw_d(5.0), "torus")
    with pytest.raises(BadInput, match="does not read higher the larger d"):
        corrected(raw_d(9.0), lambda n, d, rng: manifolds.sphere(n, 5, rng), points=500)


def test_the_same_seed_gives_the_same_numbers():
    raw = twonn(neighbors(manifolds.sphere(300, 6, rng(0)), 2))
    assert corrected(raw, points=1000) == corrected(raw, points=1000)
    assert corrected(raw, points=1000, seed=1) != corrected(raw, points=1000)


@pytest.mark.parametrize("d", [0.0, -1.0, np.inf, np.nan])
def test_a_raw_d_that_is_none_is_refused(d: float):
    with pytest.raises(BadInput, match="positive and finite"):
        corrected(replace(raw_d(5.0), d=d))


def test_what_no_sphere_reads_is_infinite_with_an_infinite_error():
    found = corrected(raw_d(1e6, stderr=0.0), points=300)
    assert (found.d, found.stderr, found.hi) == (np.inf, np.inf, np.inf)


def test_a_line_of_another_discard_is_not_corrected_as_the_default():
    X = manifolds.sphere(400, 8, rng(0))
    other = dimension.twonn_line(X, 0.3)
    assert dimension.twonn_line(X).notes == ()
    assert other.notes == ("discard 0.3, not 0.1",)
    with pytest.raises(BadInput, match=r"at its default only, this one has discard 0\.3"):
        corrected(other)


def test_a_family_too_large_to_draw_is_refused_before_it_is_drawn():
    drawn: list[int] = []

    def counted(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
        drawn.append(n * d)
        return manifolds.torus(n, d, rng)

    with pytest.raises(BadInput, match="too costly: 154 data sets of 130 points in 20000 columns"):
        corrected(raw_d(10_000.0, n=130), counted)
    assert sum(drawn) <= 10_000


def test_a_leap_to_the_interval_changes_no_correction():
    """Where the reference reads far below the data: as by nodes a tenth apart throughout."""
    raw = raw_d(40.0, 0.5)
    found = corrected(raw, points=4000)
    # The same from a lower interval, whose nodes are a tenth apart all the way.
    wide = corrected(replace(raw, lo=1.0), points=4000)
    assert found.d == pytest.approx(wide.d, rel=2e-3)
    assert found.d > 1.5 * raw.d
