"""Estimators of d against exact laws, other programs' values, and known manifolds."""

from collections.abc import Callable

import numpy as np
import pytest

from scalinglaws import dimension
from scalinglaws.dimension import Neighbors
from scalinglaws.errors import BadInput

Draw = Callable[..., np.ndarray]
Law = Callable[..., Neighbors]


ESTIMATORS = {
    "twonn": dimension.twonn,
    "twonn-line": dimension.twonn_line,
    "knn k=2": lambda X: dimension.knn(X, 2),
    "knn k=4": lambda X: dimension.knn(X, 4),
    "knn k=20": lambda X: dimension.knn(X, 20),
    "mle k=5": lambda X: dimension.mle(X, 5),
    "mle k=20": lambda X: dimension.mle(X, 20),
    "mle-harmonic k=20": lambda X: dimension.mle_harmonic(X, 20),
    "gride n1=2": lambda X: dimension.gride(X, 2),
    "gride n1=10": lambda X: dimension.gride(X, 10),
}
each_estimator = pytest.mark.parametrize("name", ESTIMATORS)


@each_estimator
@pytest.mark.parametrize("d", [1.0, 5.0, 40.0])
def test_the_exact_law_gives_back_its_d(name: str, d: float, poisson: Law):
    found = ESTIMATORS[name](poisson(40_000, 20, d, seed=1))
    assert abs(found.d - d) < 4 * found.stderr
    assert found.stderr < 0.02 * d


def test_twonn_is_unbiased_on_few_exact_pareto_ratios(poisson: Law):
    d, n, repeats = 5.0, 10, 4000
    found = np.array([dimension.twonn(poisson(n, 2, d, seed)).d for seed in range(repeats)])
    stderr = d / np.sqrt(n - 2) / np.sqrt(repeats)  # Gamma(n, 1/d): deviation d / sqrt(n-2)
    assert abs(found.mean() - d) < 4 * stderr
    # The maximum of the likelihood itself is high by d/(n-1), here 22 standard errors.
    assert abs(found.mean() * n / (n - 1) - d) > 10 * stderr


@each_estimator
def test_the_mean_and_the_spread_are_those_claimed_on_the_exact_law(name: str, poisson: Law):
    repeats = 300
    found = [ESTIMATORS[name](poisson(500, 20, 5.0, seed)) for seed in range(repeats)]
    spread = np.std([f.d for f in found], ddof=1)
    assert abs(np.mean([f.d for f in found]) - 5.0) < 4 * spread / np.sqrt(repeats)
    claimed = np.sqrt(np.mean([f.stderr**2 for f in found]))
    assert claimed / spread == pytest.approx(1, abs=4 / np.sqrt(2 * repeats))


@pytest.mark.parametrize(
    ("method", "points", "d"),
    [  # DADApy 0.3 and the R package intrinsicDimension 1.2, as scikit-dimension's fixtures
        ("twonn", "ball5_in_10", 4.113138917298),
        ("twonn", "sphere4_in_5", 3.328071611007),
        ("mle-harmonic", "ball5_in_10", 4.43582345694),
        ("mle-harmonic", "sphere4_in_5", 3.77125056455),
        ("mle-harmonic k=5", "ball5_in_10", 4.39211347128),
        ("mle-harmonic k=5", "sphere4_in_5", 3.75045176965),
        # R's arithmetic mean is of (k-1)/S; eq. B.13 has k-2
        ("mle", "ball5_in_10", 4.67110085488 * 18 / 19),
        ("mle", "sphere4_in_5", 4.01317929537 * 18 / 19),
    ],
)
def test_other_programs_give_the_same_d(
    method: str, points: str, d: float, references: dict[str, np.ndarray]
):
    estimators = {
        "twonn": dimension.twonn,
        "mle": dimension.mle,
        "mle-harmonic": dimension.mle_harmonic,
        "mle-harmonic k=5": lambda X: dimension.mle_harmonic(X, 5),
    }
    assert estimators[method](references[points]).d == pytest.approx(d, rel=1e-6)


@pytest.mark.parametrize("k", [2, 3, 20])
def test_knn_is_the_slope_of_a_line_through_the_origin(k: int, poisson: Law):
    """An independent route: the relation point by point, the slope by numpy's least squares."""
    nb = poisson(500, k, 5.0, seed=2)
    mu = sorted((nb.r[:, -1] / nb.r[:, 0]).tolist())[: int(0.9 * 498)]
    y = [-np.log(1 - (i / 500) ** (1 / (k - 1))) for i in range(1, len(mu) + 1)]
    slope = np.linalg.lstsq(np.log(mu)[:, None], np.array(y), rcond=None)[0][0]
    assert dimension.knn(nb, k).d == pytest.approx(slope, rel=1e-10)


def test_twonn_reads_a_torus_right_and_a_cube_low():
    """A cube has a boundary, a torus has none: the difference is the boundary's."""
    seeds, d, n = range(4), 5, 4000
    torus, cube = [], []
    for seed in seeds:
        u = np.random.default_rng(seed).uniform(size=(n, d))
        angle = 2 * np.pi * u
        torus.append(dimension.twonn(np.hstack([np.cos(angle), np.sin(angle)])))
        cube.append(dimension.twonn(u))
    stderr = np.sqrt(sum(f.stderr**2 for f in torus)) / len(seeds)
    assert abs(np.mean([f.d for f in torus]) - d) < 4 * stderr
    assert np.mean([f.d for f in cube]) < d - 3 * stderr


def test_a_wider_level_gives_a_wider_interval(poisson: Law):
    nb = poisson(500, 4, 3.0, seed=0)
    narrow, wide = dimension.twonn(nb, level=0.68), dimension.twonn(nb, level=0.99)
    assert wide.lo < narrow.lo < narrow.d == wide.d < narrow.hi < wide.hi
    assert wide.estimate.level == 0.99


def test_points_and_their_neighbors_give_the_same(sphere: Draw):
    X = sphere(3, 200, 0)
    assert dimension.knn(X, 3) == dimension.knn(dimension.neighbors(X, 20), 3)


@pytest.mark.parametrize("k", [2, 3])
def test_mle_is_refused_below_four_neighbours_with_the_reason(k: int, sphere: Draw):
    with pytest.raises(BadInput, match=r"k >= 4, got k = \d: .*infinite variance at k = 3"):
        dimension.mle(sphere(2, 50, 0), k)


def test_too_few_neighbors_are_refused(sphere: Draw):
    with pytest.raises(BadInput, match=r"hold 2 per point, k = 5 needs neighbors\(X, 5\)"):
        dimension.mle(dimension.neighbors(sphere(2, 50, 0), 2), 5)


def test_a_lattice_has_no_twonn_and_says_so(lattice: np.ndarray):
    with pytest.raises(BadInput, match="each of 144 points are equally far, as on a lattice"):
        dimension.twonn(lattice)


def test_a_lattice_names_the_rows_where_the_local_d_is_infinite(lattice: np.ndarray):
    inner = [12 * i + j for i in range(1, 11) for j in range(1, 11)]
    with pytest.raises(BadInput, match=f"100 rows: {inner[0]}, {inner[1]}, .*use larger k"):
        dimension.mle(lattice, 4)
    assert 1.5 < dimension.mle(lattice, 12).d < 2.5


def test_quantised_points_read_high_with_few_neighbours():
    X = np.round(np.random.default_rng(0).normal(size=(3000, 5)) * 2)
    nb = dimension.neighbors(X, 20)
    assert nb.tied > 0.5
    assert dimension.twonn(nb).d > 7 > 6 > dimension.mle(nb, 20).d


def test_units_axes_order_and_repeats_change_no_estimate(sphere: Draw):
    X = sphere(4, 300, 0) * np.arange(1, 6)
    rng = np.random.default_rng(0)
    rotated = X[rng.permutation(300)] @ np.linalg.qr(rng.normal(size=(5, 5)))[0]
    estimators = {**ESTIMATORS, "corrint": dimension.corrint}
    plain = {name: estimator(X) for name, estimator in estimators.items()}
    for c in (1e-150, 1e-16, 1e150):
        for name, estimator in estimators.items():
            found = estimator(np.vstack([rotated, rotated[:30]]) * c)
            for part in ("d", "stderr", "lo", "hi"):
                assert getattr(found, part) == pytest.approx(getattr(plain[name], part), rel=1e-9)
            assert found.scale == pytest.approx(plain[name].scale * c, rel=1e-9)
            assert (found.n, found.k) == (300, plain[name].k)
