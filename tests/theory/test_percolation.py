"""Percolation constants, and the exact size law of Bethe-lattice clusters."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalinglaws.errors import BadInput
from scalinglaws.theory import percolation as pc


def exact_size_pmf(s: int, z: int, p: float) -> float:
    """The law by whole-number arithmetic: trees counted by Lagrange inversion."""
    n = (z - 1) * (s - 1) + z
    return z / n * math.comb(n, s - 1) * p ** (s - 1) * (1 - p) ** ((z - 2) * s + 2)


@pytest.mark.parametrize(("z", "p"), [(3, 0.3), (4, 1 / 3), (200, 1 / 199)])
def test_the_size_law_counts_trees(z: int, p: float):
    s = np.arange(1, 40)
    exact = [exact_size_pmf(int(i), z, p) for i in s]
    np.testing.assert_allclose(pc.size_pmf(s, z, p), exact, rtol=1e-10)


@pytest.mark.parametrize(("z", "share"), [(3, 0.5), (7, 0.7), (200, 0.8)])
def test_below_p_c_the_size_law_sums_to_one_with_the_exact_mean(z: int, share: float):
    p = share * pc.bethe_threshold(z)
    s = np.arange(1, 20_000)
    P = pc.size_pmf(s, z, p)
    assert P.sum() == pytest.approx(1, abs=1e-10)
    assert (s * P).sum() == pytest.approx(pc.size_mean(z, p), rel=1e-10)


def test_the_size_law_is_smooth_where_its_two_evaluations_meet_and_up_to_1e8():
    """P(s) s^3/2 (1 + O(1/s)) -> z/(z-1) [(z-1)/(z-2)]^1/2 (2 pi)^-1/2 at p_c."""
    z = 200
    constant = z / (z - 1) * math.sqrt((z - 1) / (z - 2) / (2 * math.pi))
    s = np.array([1e6, 1e7, 1e8])
    # The correction is of order 1/s; rounding of s - np in 64 bits adds 1e-9 at 1e8.
    np.testing.assert_allclose(pc.size_pmf(s, z, 1 / (z - 1)) * s**1.5, constant, rtol=2e-6)
    around = pc.log_size_pmf(np.arange(990.0, 1012.0), z, 1 / (z - 1))
    assert np.abs(np.diff(around, 3)).max() < 1e-7  # 3/2 * 2 / s^3 = 3e-9, and rounding


def test_log_gammas_alone_would_lose_the_size_law():
    """Negative control: at s = 1e8 the naive formula is off by more than 1e-5."""
    from scipy.special import gammaln

    z, s = 200, 1e8
    p, n = 1 / (z - 1), (z - 1) * (s - 1) + z
    naive = math.log(z / n) + gammaln(n + 1) - gammaln(s) - gammaln(n - s + 2)
    naive += (s - 1) * math.log(p) + ((z - 2) * s + 2) * math.log1p(-p)
    assert abs(naive - float(pc.log_size_pmf(s, z, p))) > 1e-5


@given(
    edges=st.lists(st.integers(1, 30_000), min_size=2, max_size=6, unique=True).map(sorted),
    z=st.sampled_from([3, 10, 200]),
)
@settings(deadline=None, max_examples=30)
def test_class_probabilities_are_sums_of_the_size_law(edges: list[int], z: int):
    p = pc.bethe_threshold(z)
    P = pc.size_pmf(np.arange(1, 30_001), z, p)
    summed = [P[a - 1 : b - 1].sum() for a, b in itertools.pairwise(edges)]
    np.testing.assert_allclose(pc.size_probability(edges, z, p), summed, rtol=2e-6)


def test_the_critical_tail_has_slope_minus_one_half():
    """P(S >= s) s^1/2 is constant: 2 x the constant of P(s) s^3/2."""
    p = pc.bethe_threshold(200)
    tail = [1 - pc.size_probability([1, s], 200, p)[0] for s in (10**4, 10**6)]
    slope = math.log(tail[1] / tail[0]) / math.log(100)
    assert slope == pytest.approx(-0.5, abs=1e-4)
    assert tail[1] * 1e3 == pytest.approx(math.sqrt(2 / math.pi), rel=0.01)


def test_zipf_exponents_and_ratios_of_the_dimensions():
    """Brill 2024, figure 4: alpha, (c/D)/alpha and (c/D)/(alpha/(1+alpha)) for d = 2..7."""
    alpha = [pc.zipf_exponent(lattice.tau) for lattice in pc.LATTICES]
    np.testing.assert_allclose(alpha, [17.2, 4.285, 2.183, 1.387, 1.053, 1], atol=0.02)
    tau = [lattice.tau if lattice.d != 6 else 2.5 for lattice in pc.LATTICES]
    exponents = [(pc.zipf_exponent(t), x.D_f_brill) for t, x in zip(tau, pc.LATTICES, strict=True)]
    top = [2 / D / a for a, D in exponents]
    bottom = [2 / D / (a / (1 + a)) for a, D in exponents]
    np.testing.assert_allclose(top, [0.061, 0.184, 0.299, 0.407, 0.5, 0.5], atol=6e-4)
    np.testing.assert_allclose(bottom, [1.116, 0.975, 0.953, 0.972, 1, 1], atol=6e-4)


@pytest.mark.parametrize("lattice", pc.LATTICES, ids=lambda x: f"Z{x.d}")
def test_hyperscaling_ties_tau_to_the_fractal_dimension(lattice: pc.Lattice):
    """tau = 1 + d/D_f up to the upper critical dimension 6; site p_c > bond p_c; p_c > 1/(2d-1)."""
    if lattice.d < 6:
        assert lattice.tau == pytest.approx(1 + lattice.d / lattice.D_f, abs=1.5e-3)
    assert 1 / (2 * lattice.d - 1) < lattice.bond_p_c < lattice.site_p_c


def test_percolation_refuses_what_has_no_meaning():
    with pytest.raises(BadInput, match="z >= 3"):
        pc.size_pmf(1, 2, 0.5)
    with pytest.raises(BadInput, match=r"\(0, 1\)"):
        pc.size_pmf(1, 3, 0.0)
    with pytest.raises(BadInput, match="start at 1"):
        pc.size_pmf([0, 1], 3, 0.5)
    with pytest.raises(BadInput, match="diverges"):
        pc.size_mean(3, 0.5)
    with pytest.raises(BadInput, match="increasing"):
        pc.size_probability([3, 3], 3, 0.5)
