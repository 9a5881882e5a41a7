"""The compute-optimal allocation against the closed form, other rules, and laws without one."""

from dataclasses import dataclass

import numpy as np
import pytest

from scalinglaws.errors import BadInput
from scalinglaws.laws.compute.compute_optimal import compute_optimal
from scalinglaws.laws.compute.flops import FLOP_RULES, flop_rule, with_attention

C = np.geomspace(1e17, 1e26, 10)


@dataclass(frozen=True)
class Surface:
    """E + A/N^alpha + B/D^beta; the defaults are Hoffmann et al.'s."""

    E: float = 1.6934
    A: float = 406.4
    B: float = 410.7
    alpha: float = 0.339171
    beta: float = 0.284908

    def predict(self, N, D):
        return self.E + self.A / N**self.alpha + self.B / D**self.beta


def closed_form(law, C):
    """Hoffmann et al. 2022, eq. 4."""
    G = (law.alpha * law.A / (law.beta * law.B)) ** (1 / (law.alpha + law.beta))
    return G * (C / 6) ** (law.beta / (law.alpha + law.beta))


@pytest.mark.parametrize(
    "law", [Surface(), Surface(1.8172, 482.01, 2085.43, 0.3478, 0.3658), Surface(0, 2, 9, 1.5, 0.2)]
)
def test_the_optimum_is_the_closed_form_of_the_additive_law(law):
    best = compute_optimal(law, C)
    # Near its minimum the loss is flat: N* is known to the square root of the loss's rounding.
    N = closed_form(law, C)
    np.testing.assert_allclose(best.N, N, rtol=3e-6)
    np.testing.assert_allclose(6 * best.N * best.D, C, rtol=1e-13)
    np.testing.assert_allclose(best.L, law.predict(N, C / (6 * N)), rtol=1e-13)
    assert best.flops == "6ND"
    assert best.notes == ()


def test_any_cost_may_be_given_and_a_dearer_one_buys_less():
    law = Surface()
    twelve = compute_optimal(law, C, flops=lambda N, D: 12 * N * D)
    np.testing.assert_allclose(twelve.N, closed_form(law, C / 2), rtol=3e-6)
    rule = with_attention(n_ctx=2048, aspect=100)
    dear = compute_optimal(law, C, flops=rule)
    assert (dear.L > compute_optimal(law, C).L).all()
    np.testing.assert_allclose(rule.C(dear.N, dear.D), C, rtol=1e-12)
    assert "n_ctx 2048" in dear.flops


def test_attention_costs_what_a_network_written_out_costs():
    """6 (N + n_layer n_ctx d_model) per token at 24 layers of width 2400: aspect 100."""
    n_layer, d_model, n_ctx = 24, 2400, 2048
    N = 12 * n_layer * d_model**2
    assert with_attention(n_ctx, d_model / n_layer).C(N, 10) == pytest.approx(
        10 * (6 * N + 6 * n_layer * n_ctx * d_model), rel=1e-12
    )


def test_a_law_without_an_optimum_gives_nan_and_a_note():
    best = compute_optimal(Surface(B=0), 1e20)
    assert np.isnan(best.N)
    assert "no least loss" in best.notes[0]


def test_the_range_of_N_is_kept():
    best = compute_optimal(Surface(), [1e18, 1e24], N_range=(1e7, 1e9))
    assert np.isfinite(best.N).tolist() == [True, False]


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: compute_optimal(Surface(), -1.0), "positive"),
        (lambda: compute_optimal(Surface(), 1e20, N_range=(2, 1)), "ascending"),
        (lambda: flop_rule("6NDD"), "known: 6ND"),
        (lambda: flop_rule(lambda N, D: N * D**2), "linear in D"),
        (lambda: with_attention(0, 100), "positive"),
    ],
)
def test_what_costs_nothing_sensible_is_refused(call, match):
    with pytest.raises(BadInput, match=match):
        call()


def test_every_rule_names_its_source():
    assert all(rule.source and name == rule.name for name, rule in FLOP_RULES.items())
