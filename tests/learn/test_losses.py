"""The losses against scipy, autograd and finite differences; the best constant by an optimiser."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import rel_entr, softmax

from scalinglaws.learn.losses import AnyLoss, Loss, Power, evaluate, gradient_, target, zero_skill

B = 12
POWERS = [Power(p) for p in (1, 1.5, 2, 3, 4)]
each_loss = pytest.mark.parametrize("loss", [*Loss, *POWERS])
logits = st.lists(st.floats(-20, 20), min_size=2, max_size=5)


def outputs(loss: AnyLoss, *shape: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 2 * torch.randn(*shape, loss.n_out, generator=generator, dtype=torch.float64)


def row(values: list[float]) -> torch.Tensor:
    return torch.tensor([values], dtype=torch.float64)


def kl(student: list[float], teacher: list[float]) -> float:
    return evaluate(Loss.KL, row(student), row(teacher)).item()


def test_kl_is_scipy_s_relative_entropy_of_the_softmaxes():
    Y, teacher = (outputs(Loss.KL, 200, seed=seed) for seed in (0, 1))
    p, q = softmax(teacher.numpy(), 1), softmax(Y.numpy(), 1)
    expected = rel_entr(p, q).sum(1)
    np.testing.assert_allclose(evaluate(Loss.KL, Y, teacher).numpy(), expected, rtol=1e-9)
    # The other direction is another number: p is the teacher's.
    assert np.abs(rel_entr(q, p).sum(1) / expected - 1).max() > 0.1


def test_mse_is_the_square_of_the_distance():
    Y, teacher = (outputs(Loss.MSE, 200, seed=seed) for seed in (0, 1))
    expected = (Y.numpy() - teacher.numpy())[:, 0] ** 2
    np.testing.assert_allclose(evaluate(Loss.MSE, Y, teacher).numpy(), expected, rtol=1e-12)


@given(logits, st.floats(-100, 100))
def test_kl_is_zero_where_the_softmax_is_the_same(teacher: list[float], shift: float):
    """Logits that differ by a constant are one distribution."""
    assert abs(kl([x + shift for x in teacher], teacher)) < 1e-12


@given(logits, st.data())
def test_kl_is_positive_where_the_softmax_differs(teacher: list[float], data: st.DataObject):
    n = len(teacher)
    student = data.draw(st.lists(st.floats(-20, 20), min_size=n, max_size=n))
    p, q = softmax(teacher), softmax(student)
    # Pinsker: KL >= |p - q|_1^2 / 2. Rounding is some 1e-16 times the logs, 40 at most.
    assert kl(student, teacher) >= np.abs(p - q).sum() ** 2 / 2 - 1e-13


def test_kl_of_logits_whose_probabilities_underflow_is_exact():
    """q = e^-2000 is 0 in float64; from logits the divergence is 2000 all the same."""
    with np.errstate(divide="ignore"):
        assert math.isinf(rel_entr(softmax([1000.0, -1000.0]), softmax([-1000.0, 1000.0])).sum())
    assert kl([-1000.0, 1000.0], [1000.0, -1000.0]) == pytest.approx(2000, rel=1e-12)


def mean_loss(loss: AnyLoss, Y: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """(students, n_out, B) and (B, n_out) -> the sum over students of each one's mean loss."""
    return torch.stack([evaluate(loss, y.T, teacher).mean() for y in Y]).sum()


def gradient(loss: AnyLoss, Y: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    return gradient_(loss, Y.clone(), target(loss, teacher.T), B)


@each_loss
def test_the_gradient_is_autograd_s(loss: AnyLoss):
    Y, teacher = outputs(loss, 3, B, seed=2).mT.contiguous(), outputs(loss, B, seed=3)
    Y.requires_grad_()
    mean_loss(loss, Y, teacher).backward()
    torch.testing.assert_close(gradient(loss, Y.detach(), teacher), Y.grad, rtol=1e-12, atol=1e-15)


@each_loss
def test_the_gradient_is_the_limit_of_differences_quadratic_in_the_step(loss: AnyLoss):
    """Central differences err as h^2: for KL the error falls a hundredfold from h to h/10."""
    Y, teacher = outputs(loss, 2, B, seed=4).mT.contiguous(), outputs(loss, B, seed=5)
    direction = torch.randn(Y.shape, generator=torch.Generator().manual_seed(6), dtype=Y.dtype)
    slope = (gradient(loss, Y, teacher) * direction).sum().item()

    def error(h: float) -> float:
        up, down = (mean_loss(loss, Y + s * h * direction, teacher).item() for s in (1, -1))
        return abs((up - down) / (2 * h) - slope)

    if loss in (Loss.MSE, Power(1), Power(2)):  # no third derivative: differences are exact
        assert error(1e-2) < 1e-12 * abs(slope) / 1e-2
    elif loss == Power(1.5):
        # The third derivative has no bound near r = 0, at which these few points do not lie.
        assert error(1e-4) < 1e-6 * abs(slope)
    else:
        order = math.log10(error(1e-1) / error(1e-2))
        assert order == pytest.approx(2, abs=0.1)


@each_loss
def test_the_gradient_vanishes_at_the_teacher_and_takes_the_memory_of_y(loss: AnyLoss):
    teacher = outputs(loss, B, seed=7)
    Y = teacher.T[None].clone()
    out = gradient_(loss, Y, target(loss, teacher.T), B)
    assert out.data_ptr() == Y.data_ptr()
    torch.testing.assert_close(out, torch.zeros_like(out), rtol=0, atol=1e-16)


def test_the_square_of_the_distance_is_mse_and_other_powers_are_numpy_s():
    Y, teacher = (outputs(Loss.MSE, 200, seed=seed) for seed in (0, 1))
    torch.testing.assert_close(evaluate(Power(2), Y, teacher), evaluate(Loss.MSE, Y, teacher))
    assert zero_skill(Power(2), teacher) == pytest.approx(zero_skill(Loss.MSE, teacher), rel=1e-12)
    r = np.abs(Y.numpy() - teacher.numpy())[:, 0]
    for loss in POWERS:
        np.testing.assert_allclose(evaluate(loss, Y, teacher).numpy(), r**loss.p, rtol=1e-12)


@pytest.mark.parametrize("p", [0.5, math.inf, math.nan])
def test_a_power_below_1_or_infinite_is_refused(p: float):
    with pytest.raises(ValueError, match="power p"):
        Power(p)


def test_kl_from_a_label_is_the_cross_entropy_of_its_class():
    """A label is a teacher of logits 0 and -inf; the other class must not give nan."""
    Y, label = outputs(Loss.KL, 30, seed=11), torch.arange(30) % 2
    certain = torch.full((30, 2), -math.inf, dtype=torch.float64)
    certain[torch.arange(30), label] = 0
    expected = torch.nn.functional.cross_entropy(Y, label, reduction="none")
    torch.testing.assert_close(evaluate(Loss.KL, Y, certain), expected)
    Y.requires_grad_()
    torch.nn.functional.cross_entropy(Y, label).backward()
    found = gradient_(Loss.KL, Y.detach().T[None].clone(), target(Loss.KL, certain.T), 30)
    torch.testing.assert_close(found[0].T, Y.grad)
    # Half the labels each: the best constant is a coin's entropy.
    assert zero_skill(Loss.KL, certain) == pytest.approx(math.log(2), rel=1e-12)


def test_the_target_of_kl_is_a_probability_per_point_and_that_of_mse_the_value():
    teacher = outputs(Loss.KL, B, seed=8)
    p = target(Loss.KL, teacher.T)
    np.testing.assert_allclose(p.numpy(), softmax(teacher.numpy(), 1).T, rtol=1e-14)
    value = outputs(Loss.MSE, B, seed=8).T
    assert target(Loss.MSE, value) is value


@each_loss
def test_zero_skill_is_the_least_loss_of_any_constant(loss: AnyLoss):
    """The minimum that scipy finds without being told where it lies."""
    teacher = outputs(loss, 300, seed=9)
    teacher[:, 0] += 1

    def constant(y: np.ndarray) -> float:
        return evaluate(loss, torch.tensor(y).expand_as(teacher), teacher).mean().item()

    found = minimize(constant, np.zeros(loss.n_out), method="BFGS", options={"gtol": 1e-8})
    assert zero_skill(loss, teacher) == pytest.approx(found.fun, rel=1e-10)
    assert zero_skill(loss, teacher) < 0.99 * constant(np.zeros(loss.n_out))


@each_loss
def test_a_teacher_that_is_constant_leaves_nothing_to_a_student(loss: AnyLoss):
    teacher = outputs(loss, 1, seed=10).expand(50, loss.n_out)
    assert abs(zero_skill(loss, teacher)) < 1e-14
