"""The second stage: exact derivatives, exact recovery, and functions that revival leaves alone."""

from __future__ import annotations

import pytest
import torch

from scalinglaws.learn.ensemble import Ensemble
from scalinglaws.learn.losses import Loss, Power, evaluate
from scalinglaws.learn.networks import (
    Activation,
    Init,
    Layers,
    Shape,
    forward,
    initialise,
    named_generator,
    to,
)
from scalinglaws.learn.polish import Method, polish
from scalinglaws.learn.polish.lbfgs import lbfgs
from scalinglaws.learn.polish.lm import jacobian, levenberg_marquardt
from scalinglaws.learn.polish.revival import revive
from scalinglaws.learn.schedule import Stage
from scalinglaws.learn.train import Lesson, train

K, N = 2, 600


def network(n: int = 5, seed: int = 0) -> Layers:
    drawn = initialise(Shape(K, (n, n), 1), Init.AUTHORS, named_generator(seed))
    return to(drawn, torch.float64)


def points(seed: int = 1) -> torch.Tensor:
    generator = named_generator(seed)
    return torch.rand(N, K, generator=generator, dtype=torch.float64) - 0.5


def near(layers: Layers, distance: float) -> Layers:
    generator = named_generator(7)

    def moved(p: torch.Tensor) -> torch.Tensor:
        return p + distance * torch.randn(p.shape, generator=generator, dtype=p.dtype)

    return [(moved(W), moved(b)) for W, b in layers]


def mean_loss(layers: Layers, X: torch.Tensor, y: torch.Tensor) -> float:
    return evaluate(Loss.MSE, forward(layers, X)[-1], y).mean().item()


def test_the_jacobian_is_autograd_s():
    layers, X = network(), points()[:20]
    parameters = [p.requires_grad_() for pair in layers for p in pair]
    outputs = forward(layers, X)[-1][:, 0]
    with torch.no_grad():
        J = jacobian([(W.detach(), b.detach()) for W, b in layers], X)
    for output, row in zip(outputs, J, strict=True):
        grads = torch.autograd.grad(output, parameters, retain_graph=True)
        torch.testing.assert_close(row, torch.cat([g.flatten() for g in grads]))


def test_levenberg_marquardt_comes_home_to_a_student_that_is_the_answer():
    """Quadratic near the end: rounding is reached, where L-BFGS is still on its way."""
    home, X = network(), points()
    y = forward(home, X)[-1]
    start = near(home, 1e-3)
    before = mean_loss(start, X, y)
    by_lm = mean_loss(levenberg_marquardt(start, X, y, 30), X, y)
    by_lbfgs = mean_loss(lbfgs(start, X, y, Loss.MSE, Activation.RELU, 30), X, y)
    assert before > 1e-7
    assert by_lm < 1e-20
    assert by_lm < by_lbfgs < before / 10


def test_levenberg_marquardt_never_ascends():
    X = points()
    y = torch.sin(5 * X).sum(1, keepdim=True)
    found = [mean_loss(levenberg_marquardt(network(), X, y, i), X, y) for i in (0, 3, 12)]
    assert found[0] > found[1] > found[2]


def test_revival_leaves_the_function_and_no_unit_dead():
    X = points()
    layers = network(8)
    for at, dead in ((0, [1, 4]), (1, [0])):
        layers[at][1][dead] = -50.0
    before = forward(layers, X)
    assert [(z > 0).any(0).all().item() for z in before[:-1]] == [False, False]
    after = forward(revive(layers, X), X)
    assert all((z > 0).any(0).all() for z in after[:-1])
    assert all((z < 0).any(0)[[1, 4] if i == 0 else [0]].all() for i, z in enumerate(after[:-1]))
    torch.testing.assert_close(after[-1], before[-1])
    alive = [(W.abs(), b.abs()) for W, b in network(8)]
    for (W, b), (W_same, b_same) in zip(alive, revive(alive, X), strict=True):
        assert torch.equal(W, W_same)
        assert torch.equal(b, b_same)


def sampler(seed: int = 4):
    generator = named_generator(seed)

    def sample(n: int) -> tuple[torch.Tensor, torch.Tensor]:
        X = torch.rand(n, K, generator=generator) - 0.5
        return X, torch.sin(4 * X).sum(1, keepdim=True)

    return sample


def ensemble(activation: Activation = Activation.RELU) -> Ensemble:
    shapes = [Shape(K, (n, n), 1) for n in (5, 7)]
    starts = [initialise(s, Init.AUTHORS, named_generator(2, i)) for i, s in enumerate(shapes)]
    return Ensemble(shapes, starts, K, "cpu", activation)


@pytest.mark.parametrize(
    ("method", "steps"),
    [(Method.DECAY, 100), (Method.REVIVAL, 100), (Method.LBFGS, 30), (Method.LM, 5)],
)
def test_every_method_takes_the_loss_of_fresh_points_down(method: Method, steps: int):
    X, y = (t.double() for t in sampler(5)(2000))
    students = ensemble()
    train([Lesson(students, Loss.MSE, [Stage(150, 200, 1e-2)])], sampler(6))
    before = students.students()
    after = polish(students, sampler(), Loss.MSE, method, steps=steps, points=2000)
    for start, end in zip(before, after, strict=True):
        first, second = (mean_loss(to(layers, torch.float64), X, y) for layers in (start, end))
        assert second < 0.9 * first


@pytest.mark.parametrize(
    ("method", "loss", "activation"),
    [
        (Method.LM, Power(4), Activation.RELU),
        (Method.LM, Loss.MSE, Activation.TANH),
        (Method.REVIVAL, Loss.MSE, Activation.GELU),
    ],
)
def test_what_a_method_is_not_written_for_is_refused(method, loss, activation):
    with pytest.raises(ValueError, match="for"):
        polish(ensemble(activation), sampler(), loss, method, steps=1)
