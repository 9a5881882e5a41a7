"""Laws of the nearest neighbours' distances: normalised, consistent, and those of real points."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from scalinglaws import dimension
from scalinglaws.errors import BadInput
from scalinglaws.theory import nearest

D, RHO = 2.5, 3.0


def of_one(density, *x: float) -> float:
    return float(density(np.array([x]))[0])


def distances(n: int, k: int, d: float, seed: int = 0) -> np.ndarray:
    """r_1..r_k of n Poisson processes: volumes between shells are exponential."""
    volumes = np.random.default_rng(seed).exponential(1 / RHO, (n, k)).cumsum(axis=1)
    return (volumes / nearest.ball(d)) ** (1 / d)


def test_counts_are_poisson_and_their_generator_sums_them():
    n = np.arange(60)
    P = nearest.count_probability(n, 2.0, RHO)
    assert P.sum() == pytest.approx(1, rel=1e-12)
    assert P @ n == pytest.approx(2.0 * RHO, rel=1e-12)
    assert P @ 0.7**n == pytest.approx(nearest.count_generator(0.7, 2.0, RHO), rel=1e-12)


def test_the_unit_ball_in_one_two_and_three_dimensions():
    assert [nearest.ball(d) for d in (1, 2, 3)] == pytest.approx([2, math.pi, 4 / 3 * math.pi])


def test_the_nearest_distance_is_normalised_and_has_the_drawn_mean():
    def moment(power: int) -> float:
        def f(r: float) -> float:
            return r**power * float(nearest.nearest_density(np.array([r]), D, RHO)[0])

        return quad(f, 0, 5)[0]

    drawn = distances(100_000, 1, D)[:, 0]
    assert moment(0) == pytest.approx(1, rel=1e-9)
    assert abs(drawn.mean() - moment(1)) < 4 * drawn.std() / math.sqrt(len(drawn))


def test_two_distances_have_the_farther_in_the_exponent():
    """As B.4 is printed, with r_1 there, the integral over r_2 > r_1 has no end."""
    a = RHO * nearest.ball(D)

    def printed(r: np.ndarray) -> np.ndarray:
        return (a * D) ** 2 * np.exp(-a * r[:, 0] ** D) * np.prod(r ** (D - 1), axis=1)

    def total(density, far: float) -> float:
        """Gauss and Legendre, over r_2 < far and r_1 / r_2 < 1."""
        u, w = np.polynomial.legendre.leggauss(80)
        r2, share = (v.ravel() for v in np.meshgrid(far * (u + 1) / 2, (u + 1) / 2))
        weights = np.outer(w, w).ravel() * far / 4 * r2
        return float(weights @ density(np.stack([r2 * share, r2], axis=1)))

    def right(r: np.ndarray) -> np.ndarray:
        return nearest.distances_density(r, D, RHO)

    assert [total(right, far) for far in (3, 4)] == pytest.approx([1, 1], rel=1e-6)
    assert total(printed, 4) > 1.5 * total(printed, 3) > 100


def test_ratios_are_distances_with_the_nearest_integrated_out():
    """B.5 and B.7 from B.4's generalisation, by quadrature."""
    for mu in ([1.3], [1.3, 1.7]):
        ratios = np.array([1.0, *mu])

        def f(r1: float, ratios: np.ndarray = ratios) -> float:
            r = r1 * ratios
            return r1 ** (len(r) - 1) * of_one(lambda r: nearest.distances_density(r, D, RHO), *r)

        expected = of_one(lambda mu: nearest.ratios_density(mu, D), *mu)
        assert quad(f, 0, 5)[0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("k", [2, 3, 5])
def test_the_last_ratio_s_density_is_the_slope_of_its_distribution(k: int):
    def density(mu: float) -> float:
        return float(nearest.ratio_density(np.array([mu]), D, k)[0])

    mu = 1.6
    assert quad(density, 1, np.inf)[0] == pytest.approx(1, rel=1e-8)
    C = float(nearest.ratio_cumulative(np.array([mu]), D, k)[0])
    assert quad(density, 1, mu)[0] == pytest.approx(C, rel=1e-9)
    decades = [quad(lambda m: density(m) * (m**D - 1), 10**i, 10 ** (i + 1))[0] for i in (2, 3)]
    assert min(decades) > 5  # B.14 as printed has a tail mu^-1, equally much in every decade
    assert nearest.dimension_of(np.array([mu]), np.array([C]), k) == pytest.approx(D)


def test_two_ratios_marginalise_to_the_last():
    """B.8 from B.7."""
    mu_3 = 1.8
    both = quad(lambda m: of_one(lambda mu: nearest.ratios_density(mu, D), m, mu_3), 1, mu_3)[0]
    assert both == pytest.approx(float(nearest.ratio_density(np.array([mu_3]), D, 3)[0]), rel=1e-9)


def test_drawn_ratios_follow_the_distribution():
    k, n = 4, 100_000
    r = distances(n, k, D)
    u = nearest.ratio_cumulative(r[:, -1] / r[:, 0], D, k)
    assert abs(np.sort(u) - (np.arange(n) + 0.5) / n).max() < 1.95 / math.sqrt(n)  # p = 1e-3


def test_the_likeliest_d_maximises_the_likelihood_and_is_too_large_in_the_mean():
    k, n = 6, 100_000
    r = distances(n, k, D)
    mu = r[:, 1:] / r[:, :1]
    d = nearest.likeliest_dimension(mu)
    for one, best in zip(mu[:20, None], d[:20], strict=True):
        at = [float(nearest.ratios_density(one, best * f)[0]) for f in (0.999, 1, 1.001)]
        assert at[1] == max(at)
    assert abs(d.mean() - D * (k - 1) / (k - 2)) < 4 * d.std() / math.sqrt(n)


def test_mle_is_the_mean_of_the_likeliest_d_of_points():
    """B.13: k - 2 in place of k - 1."""
    X = np.random.default_rng(0).random((500, 3))
    nb = dimension.neighbors(X, 6)
    d = nearest.likeliest_dimension(nb.r[:, 1:6] / nb.r[:, :1])
    assert dimension.mle(nb, 6).d == pytest.approx(float(d.mean()) * 4 / 5, rel=1e-12)


def test_what_is_no_dimension_is_refused():
    with pytest.raises(BadInput, match="d > 0 and k >= 2"):
        nearest.ratio_density(np.array([2.0]), -1.0)
    with pytest.raises(BadInput, match="d > 0 and k >= 2"):
        nearest.ratio_cumulative(np.array([2.0]), 1.0, 1)
