"""Every law: its derivatives, its inverse, its recovery. Written once, for all laws there are."""

import math
import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime, differential_evolution

from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.laws import LAWS, Law, Power, PowerConstant, fit, register
from scalinglaws.laws.fitting.optimise import Problem
from scalinglaws.laws.fitting.status import FitStatus, statuses
from scalinglaws.laws.forms.additive import Additive
from scalinglaws.laws.forms.kaplan import Kaplan
from scalinglaws.laws.forms.log_power import LogPower
from scalinglaws.laws.forms.m3 import M3
from scalinglaws.laws.forms.m4 import M4
from scalinglaws.laws.forms.shifted import Shifted
from scalinglaws.laws.forms.variance import Variance
from scalinglaws.laws.law import Kind
from scalinglaws.laws.registry import CHOSEN_FROM, law_named

N = np.geomspace(1e6, 1e10, 24)
D = 20 * N[np.random.default_rng(3).permutation(len(N))]
EXAMPLES: list[Law] = [
    Power(A=20.0, alpha=0.1),
    Power(A=0.03, alpha=1.7),
    PowerConstant(E=1.69, A=406.4, alpha=0.34),
    PowerConstant(E=1e-3, A=5.0, alpha=0.5),
    PowerConstant(E=3.0, A=1e9, alpha=2.0),
    Shifted(E=1.69, A=406.4, B=3e7, alpha=0.34),
    Shifted(E=0.0, A=20.0, B=3e7, alpha=0.1),
    M3(A=50.0, B=3e-9, alpha=0.2),
    M4(E=1.2, L0=10.8, A=900.0, alpha=0.4),
    Variance(L_inf=0.3, c=4e5),
    LogPower(A=40.0, alpha=0.5, q=1.5),
    LAWS["broken"](0.0, 20.0, 0.1, 1e8, 0.2, 0.5),  # pyright: ignore
    LAWS["broken"](1.1, 900.0, 0.4, 2e8, -0.25, 1.0),  # pyright: ignore
    LAWS["broken-2"](0.5, 20.0, 0.1, 2e7, 0.3, 0.4, 6e8, -0.2, 0.4),  # pyright: ignore
    Additive(E=1.82, A=482.0, alpha=0.348, B=2085.4, beta=0.366),
    Kaplan(N_c=6.4e13, alpha_N=0.076, D_c=1.8e13, alpha_D=0.103),
]


def columns(law: Law) -> dict[str, np.ndarray]:
    x = dict(zip(("N", "D")[: law.variables], (N, D), strict=False))
    return {**x, "loss": law.predict(*x.values())}


def fitted(law: Law, name: str | None = None):
    return fit(columns(law), name or law.name, x=("N", "D")[: law.variables])


examples = pytest.mark.parametrize("law", EXAMPLES, ids=str)


@examples
def test_derivatives_agree_with_finite_differences(law: Law):
    log_X = np.log(np.stack([N, D])[: law.variables])
    free = np.isfinite(law.theta)

    def log_loss(values: np.ndarray) -> np.ndarray:
        theta = law.theta
        theta[free] = values
        return law.log_loss(theta, log_X)

    numeric = approx_fprime(law.theta[free], log_loss, 1e-8)
    analytic = law.log_loss_gradient(law.theta, log_X)
    np.testing.assert_allclose(analytic[:, free], numeric, atol=1e-5)
    # The default of a law that gives none, and many coordinates at once.
    default = Law.log_loss_gradient.__func__(type(law), law.theta, log_X)
    np.testing.assert_allclose(default[:, free], analytic[:, free], atol=1e-7)
    many = np.stack([law.theta, law.theta])[..., None].swapaxes(0, 1)
    np.testing.assert_array_equal(law.log_loss_gradient(many, log_X)[1], analytic)
    np.testing.assert_array_equal(law.log_loss(many, log_X)[1], law.log_loss(law.theta, log_X))


@examples
@given(log_x=st.floats(14, 23), variable=st.integers(0, 1))
@settings(deadline=None, max_examples=30)
def test_invert_undoes_predict(law: Law, log_x: float, variable: int):
    variable = min(variable, law.variables - 1)
    given_x = [3e9] * (law.variables - 1)
    x = math.exp(log_x)
    at = np.insert(np.log(given_x), variable, log_x)[:, None]
    loss = float(np.exp(law.log_loss(law.theta, at)[0]))
    # Where the loss hardly moves it holds few digits of x: allow for its rounding.
    moved = law.log_loss(law.theta, at + 1e-3 * (np.arange(law.variables) == variable)[:, None])
    slope = abs(float(moved[0]) - math.log(loss)) / 1e-3
    slack = 1e-14 * max(abs(math.log(loss)), 1) / max(slope, 1e-300)
    assert law.invert(loss, variable=variable, given=given_x) == pytest.approx(
        x, rel=1e-8 + 10 * slack
    )


@examples
def test_parameters_come_back_without_noise(law: Law):
    found = fitted(law)
    for name in law.parameters():
        assert found.params[name].value == pytest.approx(getattr(law, name), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("law", [law for law in EXAMPLES if law.name in CHOSEN_FROM], ids=str)
def test_auto_recognises_the_law_without_noise(law: Law):
    assert fitted(law, "auto").law.name == law.name


def test_a_global_optimiser_finds_nothing_better_than_the_fit():
    """8 noisy tables: differential evolution over E, A, alpha never beats our least squares."""
    rng = np.random.default_rng(0)
    truth = PowerConstant(E=1.69, A=406.4, alpha=0.34)
    for _ in range(8):
        loss = truth.predict(N) * np.exp(0.05 * rng.normal(size=len(N)))
        problem = Problem(PowerConstant, np.log(N)[None], np.log(loss))
        ours = fit({"N": N, "loss": loss}, "power+constant").objective.value
        rival = differential_evolution(
            problem.F, [(-12, 1.2), (0, 15), (0, 2)], rng=1, tol=1e-10, maxiter=150, popsize=10
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


def test_a_user_adds_a_law_in_ten_lines():
    @register
    @dataclass(frozen=True)
    class Curved(Law):
        """L = A exp(-b log(x)^2)."""

        A: float
        b: float
        name, equation, source = "curved", "L = A exp(-b log(x)^2)", "nobody, arXiv:0"
        kinds = (Kind.POSITIVE, Kind.EXPONENT)

        @staticmethod
        def log_loss(theta, log_X):
            return theta[0] - theta[1] * log_X[0] ** 2

        @staticmethod
        def starts(log_X, log_L):
            return [np.array([log_L[0], 0.0])]

    try:
        truth = Curved(A=30.0, b=0.01)
        found = fitted(truth)
        assert found.params["b"].value == pytest.approx(0.01, rel=1e-6)
        assert found.solve(float(truth.predict(1e8))).x.value == pytest.approx(1e8, rel=1e-6)
        assert "A = 30" in found.law.formula("N")
        with pytest.raises(BadInput, match="called 'curved' already"):
            register(Curved)
    finally:
        del LAWS["curved"]


def test_an_unknown_law_gets_the_nearest_name():
    with pytest.raises(UnknownName, match="did you mean 'power'"):
        law_named("powr")


@examples
def test_a_law_survives_being_pickled(law: Law):
    assert pickle.loads(pickle.dumps(law)) == law


def test_every_law_says_what_it_is():
    for name, law in LAWS.items():
        assert law.name == name
        assert law.equation.startswith("L = ")
        assert "arXiv" in law.source
        assert len(law.kinds) == len(law.parameters())


def test_a_break_sharper_than_the_table_can_show_is_a_law_still():
    """Two straight pieces: f runs to zero, where nothing depends on it."""
    loss = 20 * N**-0.1 * np.maximum(N / 1e8, 1) ** -0.2
    found = fit({"N": N, "loss": loss}, "broken")
    assert found.params["x1"].value == pytest.approx(1e8, rel=0.1)
    assert 0 < found.params["f1"].value < 0.2
    assert found.objective.value < 1e-4


def test_a_parameter_beyond_double_precision_is_refused():
    x = np.geomspace(1e200, 1e205, 6)
    with pytest.raises(BadInput, match="another unit"):
        fit({"N": x, "loss": (x / 1e200) ** -2.0}, "power")


def test_a_loss_that_no_double_reaches_has_no_x():
    assert math.isnan(M3(A=2.0, B=1e-9, alpha=0.003).invert(20.0))


@pytest.mark.parametrize("law", ["power+constant", "shifted", "m3", "m4"])
def test_intervals_do_not_depend_on_the_unit_of_x(law: str):
    truth = M3(A=60.0, B=1e-9, alpha=0.15)
    loss = truth.predict(N) * np.exp(0.01 * np.random.default_rng(0).standard_normal(len(N)))
    one, other = (fit({"N": N / unit, "loss": loss}, law) for unit in (1.0, 1e6))
    for name, kind in zip(one.law.parameters(), one.law.kinds, strict=True):
        own, scaled = one.params[name], other.params[name]
        if kind in (Kind.EXPONENT, Kind.CONSTANT) or name == "L0":
            power = 0
        elif name == "B" and law == "m3":
            power = 1
        elif name == "B":
            power = -1
        else:
            continue  # the unit of A has the exponent in it
        for end in ("lo", "hi"):
            here, there = getattr(own, end), getattr(scaled, end) / 1e6**power
            assert there == pytest.approx(here, rel=2e-3), (name, end)


def test_a_forecast_below_where_the_law_is_defined_is_refused():
    loss = LogPower(A=3.0, alpha=0.15, q=0.8).predict(N)
    with pytest.raises(BadInput, match=r"N above 1, not 0\.5"):
        fit({"N": N, "loss": loss}, "log-power").predict(0.5)


def test_a_candidate_beyond_double_precision_leaves_the_field_to_the_others():
    N12 = np.geomspace(1e6, 1e9, 12)
    loss = 1.6 + 50 * N12**-0.3
    loss[-1] = 50.0
    found = fit({"N": N12, "loss": loss})
    assert found.law.name == "power"
    assert any("left out: power+constant" in note for note in found.notes)


def test_n_and_d_that_rise_together_are_said_not_to_be_told_apart():
    D = 20 * N
    loss = Additive(E=1.7, A=400.0, alpha=0.34, B=2000.0, beta=0.36).predict(N, D)
    loss = loss * np.exp(0.003 * np.random.default_rng(0).standard_normal(len(N)))
    found = fit({"N": N, "D": D, "loss": loss}, "additive", x=("N", "D"))
    assert FitStatus.COLLINEAR in statuses(found.candidates[0], found.params)
    assert any("rise together" in note for note in found.notes)
