"""Gride against its own law, TwoNN, MLE's relatives and DADApy."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import betaln

from scalinglaws import dimension
from scalinglaws.dimension import Neighbors
from scalinglaws.errors import BadInput

Law = Callable[..., Neighbors]

DADAPY = {  # version 0.3, printed to five decimals
    "ball5_in_10": (4.11314, 4.66693, 4.31244, 4.39828, 4.27531, 3.83847),
    "sphere4_in_5": (3.32807, 3.97115, 3.88788, 3.81371, 3.73310, 3.58914),
}


@pytest.mark.parametrize("points", DADAPY)
def test_dadapy_gives_the_same_d_at_every_scale(points: str, references: dict[str, np.ndarray]):
    found = dimension.gride_scan(references[points])
    assert [one.k for one in found] == [1, 2, 4, 8, 16, 32]
    assert tuple(round(one.d, 5) for one in found) == DADAPY[points]


def test_at_its_smallest_scale_it_is_twonn(poisson: Law):
    nb = poisson(300, 2, 6.0, 0)
    gride, twonn = dimension.gride(nb, 1), dimension.twonn(nb)
    assert gride.d == pytest.approx(twonn.d, rel=1e-14)
    assert gride.stderr == pytest.approx(twonn.stderr, rel=1e-6)


@pytest.mark.parametrize("n1", [1, 3, 16])
def test_it_is_where_the_likelihood_is_largest(n1: int, poisson: Law):
    """An independent route: the density as printed, its likelihood climbed by search."""
    n, n2 = 400, 2 * n1
    nb = poisson(n, 32, 4.0, 1)
    mu = nb.r[:, n2 - 1] / nb.r[:, n1 - 1]

    def minus_log_likelihood(d: float) -> float:
        log_f = np.log(d) + (n2 - n1 - 1) * np.log(mu**d - 1) - betaln(n2 - n1, n1)
        # n-1 for n in front of log d: the convention that makes n1 = 1 unbiased
        return -(log_f - (d * (n2 - 1) + 1) * np.log(mu)).sum() + np.log(d)

    best = minimize_scalar(minus_log_likelihood, bounds=(1, 20), options={"xatol": 1e-9})
    assert dimension.gride(nb, n1).d == pytest.approx(best.x, rel=1e-6)


@pytest.mark.parametrize("d", [0.3, 1.0, 300.0])
def test_a_dimension_of_any_size_is_solved(d: float, poisson: Law):
    for found in dimension.gride_scan(poisson(3000, 64, d, 2)):
        assert abs(found.d - d) < 4 * found.stderr < d


def test_it_is_no_worse_than_matching_the_mean_of_log_mu(poisson: Law):
    """d log mu is a sum of independent exponentials of means 1/j, j = n1..n2-1 (Renyi 1953)."""
    n, n1, d, repeats = 1000, 8, 5.0, 40
    found = [dimension.gride(poisson(n, 2 * n1, d, seed), n1).d for seed in range(repeats)]
    j = np.arange(n1, 2 * n1)
    by_mean = d * np.sqrt((1 / j**2).sum()) / (1 / j).sum() / np.sqrt(n)
    assert abs(np.mean(found) - d) < 4 * by_mean / np.sqrt(repeats)
    assert np.std(found, ddof=1) < by_mean * (1 + 3 / np.sqrt(2 * repeats))


def test_a_scan_goes_as_far_as_the_neighbours(sphere: Callable):
    X = sphere(2, 40, 0)
    assert [one.k for one in dimension.gride_scan(X)] == [1, 2, 4, 8, 16]  # 39 neighbours
    assert [one.k for one in dimension.gride_scan(X, 7)] == [1, 2]
    nb = dimension.neighbors(X, 9)
    found = dimension.gride_scan(nb)
    assert [one.scale for one in found] == [np.median(nb.r[:, 2 * n1 - 1]) for n1 in (1, 2, 4)]


def test_boundaries_are_seen_more_the_larger_the_scale():
    X = np.random.default_rng(0).random((4000, 5))
    d = [one.d for one in dimension.gride_scan(X)]
    assert d[1] > d[3] > d[5]


def test_a_scale_where_all_are_tied_is_left_out_or_refused(lattice: np.ndarray):
    # Neighbours 1 and 2 are equally far everywhere, 2 and 4 not at the edge.
    assert [one.k for one in dimension.gride_scan(lattice, 8)] == [2, 4]
    with pytest.raises(BadInput, match="1 to 2 of every one of 144 points are equally far"):
        dimension.gride(lattice, 1)
    with pytest.raises(BadInput, match="no scale gives a d: with 2 neighbours"):
        dimension.gride_scan(lattice, 2)


def test_what_it_cannot_use_is_refused(sphere: Callable):
    X = sphere(2, 30, 0)
    with pytest.raises(BadInput, match="n1 >= 1, got n1 = 0"):
        dimension.gride(X, 0)
    with pytest.raises(BadInput, match=r"hold 9 per point, k = 10"):
        dimension.gride(dimension.neighbors(X, 9), 5)
    with pytest.raises(BadInput, match="40 neighbours need at least 41 distinct points, got 30"):
        dimension.gride(X, 20)
