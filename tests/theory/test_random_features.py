"""The closed form: exact cases, its own derivatives, and simulation."""

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalinglaws.errors import BadInput
from scalinglaws.learn import linear
from scalinglaws.theory import random_features as theory

ALPHAS = (0.4, 0.8, 1.2)
spectra = st.lists(st.floats(1e-12, 1e6), min_size=3, max_size=40).map(np.array)
fractions = st.floats(0.01, 0.99)


def test_equal_eigenvalues_have_an_exact_ridge():
    # S lambda / (lambda + kappa) = m
    for m in (0.5, 3, 9.5):
        assert theory.effective_ridge(np.full(10, 7.0), m) == pytest.approx(7 * (10 / m - 1))


@settings(deadline=None)
@given(spectra, fractions)
def test_the_ridge_solves_its_equation(spectrum: np.ndarray, fraction: float):
    m = fraction * len(spectrum)
    kappa = theory.effective_ridge(spectrum, m)
    assert (spectrum / (spectrum + kappa)).sum() == pytest.approx(m, rel=1e-9)


@settings(deadline=None)
@given(spectra, fractions, st.floats(1e-200, 1e200))
def test_the_ridge_scales_with_the_spectrum(spectrum: np.ndarray, fraction: float, c: float):
    m = fraction * len(spectrum)
    scaled = theory.effective_ridge(c * spectrum, m)
    assert scaled == pytest.approx(c * theory.effective_ridge(spectrum, m), rel=1e-9)


def test_a_million_eigenvalues_take_less_than_a_second():
    spectrum = theory.power_spectrum(10**6, 0.4)
    theory.effective_ridge(spectrum[:10], 2)  # imports scipy
    before = time.process_time()
    theory.effective_ridge(spectrum, 300)
    assert time.process_time() - before < 1


@settings(deadline=None)
@given(st.floats(1, 60), st.floats(1, 60))
def test_data_and_projections_exchange_roles(D: float, P: float):
    spectrum = theory.power_spectrum(64, 0.8)
    assert theory.loss(spectrum, D, P) == theory.loss(spectrum, P, D)


def test_the_loss_diverges_at_interpolation_and_vanishes_when_all_is_known():
    spectrum = theory.power_spectrum(64, 0.8)
    assert theory.loss(spectrum, 20, 20) == math.inf
    assert theory.loss(spectrum, 64, math.inf) == 0
    assert theory.loss(spectrum, math.inf, math.inf) == 0
    finite, limit = theory.loss(spectrum, 20, 1e9), theory.loss(spectrum, 20, math.inf)
    assert finite == pytest.approx(limit, rel=1e-7)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_the_local_slope_is_the_derivative_of_the_loss(alpha: float):
    spectrum, n, h = theory.power_spectrum(1000, alpha), 50.0, 1e-4
    up, down = (theory.loss(spectrum, n * math.exp(s), math.inf) for s in (h, -h))
    slope = (math.log(up) - math.log(down)) / (2 * h)
    assert theory.local_slope(spectrum, n) == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("n", [100, 1000])
def test_finite_sizes_leave_the_asymptote_as_predicted(alpha: float, n: int):
    """Corrections (1 + alpha)/(2 n) and (1 + alpha)(n/S)^alpha/(alpha c), to first order."""
    S = 10**6
    finite = theory.loss(theory.power_spectrum(S, alpha), n, math.inf)
    asymptote = theory.asymptotic_loss(S, alpha, n)
    c = 2 * S * asymptote * n**alpha
    first_order = (1 + alpha) * (1 / (2 * n) + (n / S) ** alpha / (alpha * c))
    assert math.log(asymptote / finite) == pytest.approx(first_order, rel=0.1)


@pytest.mark.parametrize(("D", "P"), [(40, 120), (120, 40), (40, math.inf), (math.inf, 40)])
def test_simulated_students_lose_what_the_closed_form_says(D: float, P: float):
    """Within 4 standard errors and the known bias at m = 40, 2/m at most."""
    S, alpha, draws = 240, 0.8, 40
    spectrum = theory.power_spectrum(S, alpha)
    root = np.sqrt(spectrum)
    rng = np.random.default_rng(1)

    def simulated() -> float:
        X, G = (rng.standard_normal((120, S)) for _ in range(2))
        T = np.diag(root)
        if math.isinf(P):
            return linear.full_student_loss(X[: int(D)] * root, T)
        if math.isinf(D):
            return linear.full_data_loss(G[: int(P)], T)
        return linear.student_losses(X * root, G, T, [(int(D), int(P))])[0]

    ratios = np.array([simulated() for _ in range(draws)]) / theory.loss(spectrum, D, P)
    stderr = ratios.std(ddof=1) / draws**0.5
    assert abs(ratios.mean() - 1) < 2 / 40 + 4 * stderr
    assert stderr < 0.02


@pytest.mark.parametrize("m", [0, -1, 10, 11, math.nan])
def test_a_ridge_needs_fewer_examples_than_positive_eigenvalues(m: float):
    with pytest.raises(BadInput, match="below 10"):
        theory.effective_ridge(np.append(np.ones(10), 0.0), m)


@pytest.mark.parametrize("bad", [[], [[1.0]], [-1.0, 1.0], [math.nan, 1.0], [0.0], [math.inf]])
def test_what_is_no_spectrum_is_refused(bad: list[float]):
    with pytest.raises(BadInput, match="spectrum"):
        theory.effective_ridge(np.array(bad), 0.5)
