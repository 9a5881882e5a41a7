"""The ensemble is many single networks: same outputs, same gradients, same training."""

from __future__ import annotations

import pytest
import torch

from scalinglaws.learn import ensemble as ensemble_module
from scalinglaws.learn.ensemble import Ensemble
from scalinglaws.learn.losses import Loss, evaluate, gradient_, target, zero_skill
from scalinglaws.learn.networks import (
    Activation,
    Init,
    Shape,
    forward,
    initialise,
    named_generator,
)
from scalinglaws.learn.schedule import Stage
from scalinglaws.learn.train import Lesson, train

K, B = 3, 40


each_activation = pytest.mark.parametrize("activation", list(Activation))


def _ensemble(loss: Loss, depth: int = 2, activation: Activation = Activation.RELU):
    shapes = [Shape(20, (n,) * depth, loss.n_out) for n in (4, 4, 7)]
    students = [initialise(s, Init.AUTHORS, named_generator(1, i)) for i, s in enumerate(shapes)]
    return Ensemble(shapes, students, K, "cpu", activation), students


def _points(seed: int = 0):
    return torch.rand(B, K, generator=torch.Generator().manual_seed(seed)) - 0.5


@pytest.mark.parametrize("loss", list(Loss))
@each_activation
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_an_ensemble_outputs_what_each_student_outputs_alone(loss, depth, activation):
    ensemble, students = _ensemble(loss, depth, activation)
    X = _points()
    Y = ensemble.outputs(X, ensemble.buffers(B))
    for y, layers in zip(Y, students, strict=True):
        torch.testing.assert_close(y.T, forward(layers, X, activation)[-1])


def test_an_activation_is_what_it_is_called():
    """Against autograd-free formulas; a residual layer is fed what its own layer before gave."""
    x = torch.linspace(-3, 3, 50, dtype=torch.float64)
    normal = torch.distributions.Normal(torch.tensor(0.0).double(), torch.tensor(1.0).double())
    torch.testing.assert_close(Activation.GELU(x), x * normal.cdf(x))
    torch.testing.assert_close(Activation.TANH(x), 1 - 2 / (1 + (2 * x).exp()))
    _, [layers, *_] = _ensemble(Loss.MSE, 3)
    (W1, b1), (W2, b2), (W3, b3), (W4, b4) = layers
    X = _points()
    h1 = torch.relu(X @ W1[:, :K].T + b1)
    h2 = h1 + torch.relu(h1 @ W2.T + b2)
    h3 = h2 + torch.relu(h2 @ W3.T + b3)
    found = forward(layers, X, Activation.RESIDUAL)
    torch.testing.assert_close(found[-2], h2 @ W3.T + b3)
    torch.testing.assert_close(found[-1], h3 @ W4.T + b4)


@pytest.mark.parametrize("units", [600, 1])
@pytest.mark.parametrize("loss", list(Loss))
@each_activation
@pytest.mark.parametrize("depth", [1, 2, 4])
def test_the_gradient_is_autograd_s(loss, depth, units, activation, monkeypatch):
    monkeypatch.setattr(ensemble_module, "_STACK", units)
    ensemble, students = _ensemble(loss, depth, activation)
    assert len(ensemble.stacks) == (1 if units == 600 else 3)
    X, answers = _points(), torch.randn(B, loss.n_out)
    t = target(loss, answers.T)
    ensemble.add_gradient(X, lambda Y: gradient_(loss, Y, t, B), ensemble.buffers(B))
    ensemble.mask_gradient()
    with torch.inference_mode():
        ensemble.theta.copy_(ensemble.grad)  # read the gradient through the weights' own layout
    for got, layers in zip(ensemble.students(), students, strict=True):
        for W, b in layers:
            W.requires_grad_()
            b.requires_grad_()
        evaluate(loss, forward(layers, X, activation)[-1], answers).mean().backward()
        for (dW, db), (W, b) in zip(got, layers, strict=True):
            live = dW.shape[1]
            torch.testing.assert_close(dW, W.grad[:, :live], rtol=1e-4, atol=1e-6)
            torch.testing.assert_close(db, b.grad, rtol=1e-4, atol=1e-6)


def test_training_together_is_training_alone():
    ensemble, students = _ensemble(Loss.MSE)
    batches = [_points(seed) for seed in range(60)]

    def sampler():
        stream = iter(batches)

        def sample(n: int):
            X = torch.cat([next(stream) for _ in range(n // B)])
            return X, X.square().sum(1, keepdim=True)

        return sample

    # A block of labelled points is 25 batches of 40: two blocks serve 50 steps.
    train([Lesson(ensemble, Loss.MSE, [Stage(50, B, 1e-2)])], sampler())
    layers = students[2]
    parameters = [p.requires_grad_() for pair in layers for p in pair]
    adam = torch.optim.Adam(parameters, lr=1e-2)
    for X in batches[:50]:
        adam.zero_grad()
        evaluate(
            Loss.MSE, forward(layers, X)[-1], X.square().sum(1, keepdim=True)
        ).mean().backward()
        adam.step()
    for (W, b), (W_alone, b_alone) in zip(ensemble.students()[2], layers, strict=True):
        torch.testing.assert_close(W, W_alone.detach()[:, : W.shape[1]], rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(b, b_alone.detach(), rtol=1e-3, atol=1e-4)


def test_a_batch_fed_in_pieces_has_the_whole_batch_s_gradient():
    ensemble, _ = _ensemble(Loss.KL)
    X, t = _points(), target(Loss.KL, torch.randn(2, B))
    whole, half = ensemble.buffers(B), ensemble.buffers(B // 2)
    ensemble.add_gradient(X, lambda Y: gradient_(Loss.KL, Y, t, B), whole)
    expected = ensemble.grad.clone()
    with torch.inference_mode():
        ensemble.grad.zero_()
    for piece in (slice(0, B // 2), slice(B // 2, B)):
        part = t[:, piece]
        ensemble.add_gradient(X[piece], lambda Y, part=part: gradient_(Loss.KL, Y, part, B), half)
    torch.testing.assert_close(ensemble.grad, expected, rtol=1e-4, atol=1e-6)


@each_activation
def test_constant_units_stay_constant(activation):
    ensemble, _ = _ensemble(Loss.MSE, activation=activation)

    def sample(n: int):
        X = _points()[:1].expand(n, K)
        return X, torch.ones(n, 1)

    train([Lesson(ensemble, Loss.MSE, [Stage(30, B, 0.05)])], sample)
    for group in ensemble.groups:
        for W in group.W[:-1]:
            m_in = W.shape[-1]
            assert (W[:, -1] == torch.eye(m_in)[-1]).all()


def test_zero_skill_is_the_variance_and_no_constant_does_better():
    answers = torch.randn(500, 1, dtype=torch.float64) * 3
    assert zero_skill(Loss.MSE, answers) == pytest.approx(answers.var(correction=0).item())
    logits = torch.randn(500, 2, dtype=torch.float64)
    best = zero_skill(Loss.KL, logits)
    for shift in (-0.1, 0.1):
        p = torch.softmax(logits, 1).mean(0)
        other = torch.log(p) + torch.tensor([shift, 0.0])
        assert evaluate(Loss.KL, other.expand_as(logits), logits).mean() > best


def test_widths_that_differ_inside_a_student_are_refused():
    shape = Shape(20, (4, 5), 1)
    student = initialise(shape, Init.HE, named_generator(0))
    with pytest.raises(ValueError, match="one width"):
        Ensemble([shape], [student], K, "cpu")
