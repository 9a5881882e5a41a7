"""Brill's scaling laws against tabulated values, brute-force optimisation and their limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy.integrate import fixed_quad
from scipy.optimize import minimize

from scalinglaws.errors import BadInput
from scalinglaws.theory import quanta
from scalinglaws.theory.quanta import Closure

AT = np.array([1, 10, 100, 1e3, 1e4, 3e4])
# L(N)/L(1) and L(D) at alpha = 1, to the digits known.
MODEL = {
    0.1: "1 .913 .772 .628 .503 .452",
    0.5: "1 .685 .334 .133 .0478 .0287",
    1.0: "1 .539 .167 .0369 .0067 .00283",
    2.0: "1 .411 .0810 .0110 .00126 .00044",
}
DATA = {
    0.1: "1 .914 .764 .619 .495 .444",
    0.5: "1 .680 .330 .141 .0561 .0355",
    1.0: "1 .532 .190 .0622 .0199 .0115",  # at 1000: 2 / 1000^.5 - 1/1000 = .06225
    2.0: "1 .418 .133 .0422 .0133 .0077",
}
alphas = st.floats(0.2, 5.0)
ratios = st.floats(0.05, 10.0)
budgets = st.floats(1e-3, 1e8)


def assert_digits(L: np.ndarray, table: str):
    """Every number agrees to half a unit of the last digit given; the unit is exact."""
    for value, digits in zip(L, table.split(), strict=True):
        places = len(digits.partition(".")[2])
        assert abs(value - float(digits)) <= (0.5 * 10**-places if places else 1e-12), digits


@pytest.mark.parametrize("r", MODEL)
def test_model_law_has_the_tabulated_values(r: float):
    assert_digits(quanta.model_loss(AT, 1, r) / quanta.model_loss(1, 1, r), MODEL[r])


@pytest.mark.parametrize("r", DATA)
def test_data_law_has_the_tabulated_values(r: float):
    assert_digits(quanta.data_loss(AT, 1, r), DATA[r])


def test_the_closures_differ_as_the_paper_leaves_out():
    """N = 500, alpha = 1: the paper's n_{k_br} = 1 is not the optimum (1.6 % and 14 % off)."""
    assert quanta.break_rank(500, 1, 0.5) == pytest.approx(58.0, abs=0.05)
    assert quanta.break_rank(500, 1, 0.5, Closure.OPTIMUM) == pytest.approx(33.4, abs=0.05)
    assert quanta.model_loss(500, 1, 0.5) == pytest.approx(0.1657, abs=5e-5)
    assert quanta.model_loss(500, 1, 0.5, Closure.OPTIMUM) == pytest.approx(0.1630, abs=5e-5)
    gain = quanta.model_loss(500, 1, 2, Closure.OPTIMUM) / quanta.model_loss(500, 1, 2)
    assert gain == pytest.approx(0.86, abs=0.005)


@given(N=budgets, alpha=alphas, r=ratios, closure=st.sampled_from(Closure))
@hypothesis_settings(deadline=None)
def test_break_rank_inverts_the_sum_of_shares(N: float, alpha: float, r: float, closure: Closure):
    k_br = quanta.break_rank(N, alpha, r, closure)
    assert k_br >= 1
    # k_br - 1 ~ N holds N's digits only as far as 1 + N does.
    assert quanta.parameters_for(k_br, alpha, r, closure) == pytest.approx(N, rel=1e-9, abs=1e-12)


@given(N=st.floats(1, 1e6), alpha=alphas, r=ratios, closure=st.sampled_from(Closure))
@hypothesis_settings(deadline=None, max_examples=50)
def test_model_law_is_the_integral_of_what_the_shares_leave(
    N: float, alpha: float, r: float, closure: Closure
):
    """Independent: shares from `allocate`, integrated over log rank by quadrature."""
    k_br = float(quanta.break_rank(N, alpha, r, closure))
    share = lambda u: quanta.allocate(N, np.exp(u), alpha, r, closure)  # noqa: E731
    top = np.log(k_br) * (1 - 1e-12)
    # Exponentials of u: 200 Gauss nodes integrate them to rounding.
    dof, _ = fixed_quad(lambda u: share(u) * np.exp(u), 0, top, n=200)
    left, _ = fixed_quad(lambda u: alpha * np.exp(-alpha * u) * share(u) ** -r, 0, top, n=200)
    assert dof == pytest.approx(N, rel=1e-6)
    assert left + k_br**-alpha == pytest.approx(quanta.model_loss(N, alpha, r, closure), rel=1e-6)


@given(N=st.floats(2, 1e6), alpha=st.floats(0.2, 3), r=st.floats(0.2, 10))
@hypothesis_settings(deadline=None, max_examples=50)
def test_only_the_optimum_closure_is_stationary_in_k_br(N: float, alpha: float, r: float):
    """L(k_br) at fixed N, all shares scaled to spend N: its slope is 0 at the optimum's k_br."""

    def loss(log_k: float) -> float:
        k_br = np.exp(log_k)
        last = N / quanta.parameters_for(k_br, alpha, r)  # n_{k_br}
        return k_br**-alpha * (alpha * last ** -(1 + r) * N / k_br + 1)

    def slope(log_k: float, step: float = 1e-4) -> float:
        return (np.log(loss(log_k + step)) - np.log(loss(log_k - step))) / (2 * step)

    optimum = float(np.log(quanta.break_rank(N, alpha, r, Closure.OPTIMUM)))
    paper = float(np.log(quanta.break_rank(N, alpha, r)))
    assert loss(optimum) < loss(paper)
    assert slope(paper) > 0  # the paper learns too many clusters
    assert abs(slope(optimum)) < 0.01 * slope(paper)


@pytest.mark.parametrize("r", [0.5, 1.0, 2.0])
def test_no_other_allocation_over_whole_ranks_beats_the_optimum_exponent(r: float):
    """Brute force: minimise sum p_k n_k^-r over the shares of 20 learnt ranks directly."""
    k = np.arange(1, 21)
    p = k**-2.0

    def loss(log_n: np.ndarray) -> float:
        n = 100 * np.exp(log_n) / np.exp(log_n).sum()
        return float((p * n**-r).sum())

    found = minimize(loss, np.zeros(len(k)), method="BFGS", options={"gtol": 1e-10})
    n = np.exp(found.x)
    slope = np.polyfit(np.log(k), np.log(n), 1)[0]
    assert slope == pytest.approx(quanta.allocation_exponent(1, r) - 1, abs=1e-4)


@pytest.mark.parametrize(("alpha", "r"), [(1, 0.1), (1, 0.5), (1, 2), (1, 20), (0.5, 2), (3, 1)])
def test_exponents_are_the_smaller_of_the_two(alpha: float, r: float):
    """alpha_N = min(alpha, c/D_f), alpha_D = min(alpha/(1+alpha), c/D_f), and the prefactors."""
    far = np.array([1e30, 1e31])
    for law, limit, exponent in (
        (quanta.model_loss, quanta.model_limit, min(alpha, r)),
        (quanta.data_loss, quanta.data_limit, min(alpha / (1 + alpha), r)),
    ):
        if law is quanta.data_loss and r == alpha / (1 + alpha):
            continue  # marginal: below
        L = law(far, alpha, r)
        assert np.log10(L[0] / L[1]) == pytest.approx(exponent, abs=2e-3)
        np.testing.assert_allclose(L, limit(far, alpha, r), rtol=2e-3)


def test_marginal_laws_carry_logarithms():
    """c/D_f = alpha: (log N)^2/N, slowly; c/D_f = alpha/(1+alpha): D^-1/2 (1 + log(D)/2)."""
    N = 1e60
    assert quanta.model_loss(N, 1, 1) / quanta.model_limit(N, 1, 1) == pytest.approx(1, abs=0.1)
    D = np.array([1e2, 1e6])
    np.testing.assert_allclose(quanta.data_loss(D, 1, 0.5), D**-0.5 * (1 + np.log(D) / 2))
    np.testing.assert_allclose(
        quanta.data_loss(D, 1, 0.5 * (1 + 1e-14)), quanta.data_loss(D, 1, 0.5), rtol=1e-12
    )


@given(alpha=alphas, r=ratios, closure=st.sampled_from(Closure))
@hypothesis_settings(deadline=None)
def test_laws_start_at_one_and_fall(alpha: float, r: float, closure: Closure):
    x = np.geomspace(1e-3, 1e8, 40)
    for L in (quanta.model_loss(x, alpha, r, closure), quanta.data_loss(x, alpha, r)):
        assert ((L > 0) & (L <= 1 + 1e-12)).all()
        assert (np.diff(L) <= 1e-15).all()


def test_how_far_K_clusters_carry_the_laws():
    assert quanta.parameters_for(100, 1, 0.5) == pytest.approx(1090, rel=0.005)
    assert quanta.parameters_for(316, 1, 0.5) == pytest.approx(5500, rel=0.005)
    D = quanta.examples_for(100, 1)
    np.testing.assert_allclose(D, 1e4)  # p_100 = 100^-2


def test_the_shares_over_whole_ranks_exceed_N():
    """The paper's N is the integral of the shares from rank 1: at N = 1 rank 1 gets 2.04."""
    n = quanta.allocate(1, np.arange(1, 10), 1, 0.5)
    assert n[0] == pytest.approx(2.04, abs=0.005)
    assert (n[1:] == 0).all()


def test_realised_loss_on_ideal_clusters_exceeds_the_data_law_by_eulers_constant():
    """Sizes s_k ~ k^-2: zeta(2) L = (H_k + 1)/k with k = k_br; the integral has log k for H_k."""
    p = np.arange(1, 10**6) ** -2.0
    for k_br in (100, 1000):
        D = k_br**2 * np.pi**2 / 6
        L = quanta.realised_loss(p, D * p / p.sum(), 0.5) * np.pi**2 / 6
        expected = (np.log(k_br) + np.euler_gamma + 1) / k_br
        np.testing.assert_allclose(L, expected, rtol=2e-3)
        assert quanta.data_loss(k_br**2, 1, 0.5) == pytest.approx((np.log(k_br) + 1) / k_br)
    assert quanta.realised_loss(p, np.zeros(len(p)), 0.5) == pytest.approx(1)


def test_quanta_refuses_what_has_no_meaning():
    with pytest.raises(BadInput, match="N must be positive"):
        quanta.break_rank(0, 1, 0.5)
    with pytest.raises(BadInput, match="alpha must be positive"):
        quanta.data_loss(1, -1, 0.5)
    with pytest.raises(BadInput, match="ranks start at 1"):
        quanta.parameters_for(0.5, 1, 0.5)
    with pytest.raises(BadInput, match="number of DOF"):
        quanta.realised_loss(np.ones(3), np.ones(2), 0.5)
