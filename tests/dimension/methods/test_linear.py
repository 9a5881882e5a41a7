"""The linear baselines against spectra that are known."""

from collections.abc import Callable

import numpy as np
import pytest

from scalinglaws import dimension
from scalinglaws.errors import BadInput

ESTIMATORS = {"pr": dimension.participation_ratio, "pca": dimension.pca_count}
each_estimator = pytest.mark.parametrize("estimator", ESTIMATORS.values(), ids=ESTIMATORS)


def cross(half_axes: list[float], columns: int) -> np.ndarray:
    """The points +-a_i e_i: their covariance is diag(a_i^2) up to a factor."""
    A = np.zeros((len(half_axes), columns))
    A[:, : len(half_axes)] = np.diag(half_axes)
    return np.vstack([A, -A])


@pytest.mark.parametrize("columns", [4, 40], ids=["tall", "wide"])
def test_a_known_spectrum_gives_its_ratio_and_counts(columns: int):
    X = cross([4.0, 2.0, 1.0, 1.0], columns)  # variances 16 : 4 : 1 : 1
    assert dimension.participation_ratio(X).d == pytest.approx(22**2 / (256 + 16 + 1 + 1))
    counts = {0.5: 1, 0.727: 1, 0.728: 2, 0.909: 2, 0.91: 3, 0.95: 3, 0.96: 4}
    assert {share: dimension.pca_count(X, share).d for share in counts} == counts
    scale = np.sqrt(2 * 22 / 8)  # root mean square distance from the mean
    assert dimension.participation_ratio(X).scale == pytest.approx(scale)


@pytest.mark.parametrize("shape", [(300, 12), (12, 300)], ids=["tall", "wide"])
def test_singular_values_give_the_same(shape: tuple[int, int]):
    """An independent route, far from the origin."""
    rng = np.random.default_rng(0)
    X = 1e3 + rng.normal(size=shape) * np.exp(-np.arange(shape[1]) / 4)
    variances = np.linalg.svd(X - X.mean(axis=0), compute_uv=False) ** 2
    pr = variances.sum() ** 2 / (variances**2).sum()
    assert dimension.participation_ratio(X).d == pytest.approx(pr, rel=1e-10)
    count = 1 + np.argmax(np.cumsum(variances) >= 0.9 * variances.sum())
    assert dimension.pca_count(X, 0.9).d == count


def test_the_error_of_the_ratio_is_its_spread():
    repeats, width = 300, np.exp(-np.arange(8) / 3)
    found = [
        dimension.participation_ratio(np.random.default_rng(seed).normal(size=(400, 8)) * width)
        for seed in range(repeats)
    ]
    spread = np.std([one.d for one in found], ddof=1)
    claimed = np.sqrt(np.mean([one.stderr**2 for one in found]))
    assert claimed / spread == pytest.approx(1, abs=4 / np.sqrt(2 * repeats))


def test_the_interval_of_the_count_covers_that_of_the_law():
    """Ten Gaussian variances, each 0.7 of the one before: the first 7 hold 94.43 % of the sum,
    which 300 points do not tell from 94.4 %."""
    repeats, variances = 300, 0.7 ** np.arange(10)
    S = np.cumsum(variances) / variances.sum()
    assert S[5] < 0.944 < S[6] < 0.945
    found = [
        dimension.pca_count(
            np.random.default_rng(seed).normal(size=(300, 10)) * np.sqrt(variances), 0.944
        )
        for seed in range(repeats)
    ]
    covered = np.mean([one.lo <= 7 <= one.hi for one in found])
    assert covered > 0.95 - 4 * np.sqrt(0.95 * 0.05 / repeats)
    # The control: the count alone misses more often than 5 %, and the intervals are not idle.
    assert np.mean([one.d == 7 for one in found]) < 0.9
    assert np.mean([one.hi - one.lo for one in found]) < 2
    assert all(one.stderr == pytest.approx((one.hi - one.lo) / 2 / 1.96, rel=1e-4) for one in found)


def test_it_sees_the_span_of_a_manifold_not_its_dimension(sphere: Callable):
    X = sphere(5, 1000, 0)
    assert dimension.pca_count(X).d == 6
    assert dimension.participation_ratio(X).d == pytest.approx(6, rel=0.05)
    assert dimension.twonn(X).d < 5.5


@each_estimator
@pytest.mark.parametrize("c", [1e-300, 1e-150, 1e150, 1e300])
def test_units_axes_order_and_repeats_do_not_matter(estimator: Callable, c: float):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 6)) * np.arange(1, 7)
    plain = estimator(X)
    rotated = X[rng.permutation(100)] @ np.linalg.qr(rng.normal(size=(6, 6)))[0]
    found = estimator(np.vstack([rotated, rotated[:30]]) * c)
    for part in ("d", "stderr", "lo", "hi", "n", "k"):
        assert getattr(found, part) == pytest.approx(getattr(plain, part), rel=1e-9)
    assert found.scale == pytest.approx(plain.scale * c, rel=1e-9)


@each_estimator
def test_what_has_no_spread_is_refused(estimator: Callable):
    with pytest.raises(BadInput, match="three distinct points, got 2"):
        estimator(np.array([[0.0, 1], [1, 0], [1, 0]]))
    with pytest.raises(BadInput, match="less than 1e-150 of their largest coordinate"):
        estimator(np.array([[0.0, 1], [1e-200, 1], [2e-200, 1]]))
    with pytest.raises(BadInput, match="1 row: 1"):
        estimator(np.array([[0.0, 1], [np.nan, 0], [1, 0]]))


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0, float("nan")])
def test_a_share_is_a_share(share: float):
    with pytest.raises(BadInput, match="between 0 and 1"):
        dimension.pca_count(np.eye(3), share)
