"""Every law: its derivatives, its inverse, its recovery. Written once, for all laws there are."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime, differential_evolution

from scalinglaws.errors import BadInput, NotYet, UnknownName
from scalinglaws.laws import LAWS, Law, Power, PowerConstant, fit
from scalinglaws.laws.optimise import Problem
from scalinglaws.laws.registry import COMING, law_named

N = np.geomspace(1e6, 1e10, 12)
EXAMPLES: list[Law] = [
    Power(A=20.0, alpha=0.1),
    Power(A=0.03, alpha=1.7),
    PowerConstant(E=1.69, A=406.4, alpha=0.34),
    PowerConstant(E=1e-3, A=5.0, alpha=0.5),
    PowerConstant(E=3.0, A=1e9, alpha=2.0),
]
examples = pytest.mark.parametrize("law", EXAMPLES, ids=str)


@examples
def test_derivatives_agree_with_finite_differences(law: Law):
    log_X = np.log(N)[None]
    numeric = approx_fprime(law.theta, lambda theta: law.log_loss(theta, log_X), 1e-7)
    np.testing.assert_allclose(law.log_loss_gradient(law.theta, log_X), numeric, atol=1e-5)


@examples
@given(log_x=st.floats(0, 20))
@settings(deadline=None, max_examples=30)
def test_invert_undoes_predict(law: Law, log_x: float):
    loss = float(law.predict(math.exp(log_x)))
    # Close to E the loss holds few digits of x: allow for its rounding.
    slack = 1e-14 * loss / max(loss - getattr(law, "E", 0.0), 1e-300)
    assert law.invert(loss) == pytest.approx(math.exp(log_x), rel=1e-9 + 10 * slack)


@examples
def test_parameters_come_back_without_noise(law: Law):
    found = fit({"N": N, "loss": law.predict(N)}, law.name)
    for name in law.parameters():
        assert found.params[name].value == pytest.approx(getattr(law, name), rel=1e-6)


@examples
def test_auto_recognises_the_law_without_noise(law: Law):
    assert fit({"N": N, "loss": law.predict(N)}).law.name == law.name


def test_a_global_optimiser_finds_nothing_better_than_the_fit():
    """8 noisy tables: differential evolution over E, A, alpha never beats our least squares."""
    rng = np.random.default_rng(0)
    truth = PowerConstant(E=1.69, A=406.4, alpha=0.34)
    for _ in range(8):
        loss = truth.predict(N) * np.exp(0.05 * rng.normal(size=len(N)))
        problem = Problem(PowerConstant, np.log(N)[None], np.log(loss))
        ours = fit({"N": N, "loss": loss}, "power+constant").objective.value
        rival = differential_evolution(
            problem.SS, [(-12, 1.2), (0, 15), (0, 2)], rng=1, tol=1e-10, maxiter=150, popsize=10
        )
        assert ours <= rival.fun * (1 + 1e-9)


def test_a_constant_that_helps_nothing_is_exactly_zero():
    """Where the log-log plot bends down, E = 0 is the optimum, and the status says so."""
    loss = 20 * N**-0.1 * np.exp(-0.02 * np.log(N / N[0]) ** 2)
    found = fit({"N": N, "loss": loss}, "power+constant")
    straight = fit({"N": N, "loss": loss}, "power")
    assert found.params["E"].value == 0
    assert found.params["E"].lo == 0
    assert found.objective.value == pytest.approx(straight.objective.value, rel=1e-12)
    assert found.status == "bound-hit"


@pytest.mark.parametrize("name", COMING)
def test_a_law_of_later_work_says_so(name: str):
    with pytest.raises(NotYet, match="not yet in this version"):
        law_named(name)


def test_an_unknown_law_gets_the_nearest_name():
    with pytest.raises(UnknownName, match="did you mean 'power'"):
        law_named("powr")


def test_every_law_says_what_it_is():
    for name, law in LAWS.items():
        assert law.name == name
        assert law.equation.startswith("L = ")
        assert "arXiv" in law.source
        assert len(law.kinds) == len(law.parameters())


def test_a_parameter_beyond_double_precision_is_refused():
    x = np.geomspace(1e200, 1e205, 6)
    with pytest.raises(BadInput, match="another unit"):
        fit({"N": x, "loss": (x / 1e200) ** -2.0}, "power")
