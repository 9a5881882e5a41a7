"""The second stage: exact derivatives, exact recovery, and functions that revival leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from scalinglaws.learn.checkpoint import Checkpoint
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
from scalinglaws.learn.polish import Method, flop_of, points_drawn, polish, second_stage
from scalinglaws.learn.polish.lbfgs import lbfgs
from scalinglaws.learn.polish.lm import jacobian, levenberg_marquardt
from scalinglaws.learn.polish.revival import revive
from scalinglaws.learn.schedule import Stage
from scalinglaws.learn.train import Lesson, Sampler, train

K, N = 2, 600
LM = "levenberg_marquardt"


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


class Killed(Exception):
    pass


def sampler(seed: int = 4, generator: torch.Generator | None = None, calls: int = 10**9) -> Sampler:
    """Fresh points; the end of the process after so many calls."""
    generator = generator or named_generator(seed)

    def sample(n: int) -> tuple[torch.Tensor, torch.Tensor]:
        nonlocal calls
        calls -= 1
        if calls < 0:
            raise Killed
        X = torch.rand(n, K, generator=generator) - 0.5
        return X, torch.sin(4 * X).sum(1, keepdim=True)

    return sample


def ensemble(activation: Activation = Activation.RELU) -> Ensemble:
    shapes = [Shape(K, (n, n), 1) for n in (5, 7)]
    starts = [initialise(s, Init.AUTHORS, named_generator(2, i)) for i, s in enumerate(shapes)]
    return Ensemble(shapes, starts, K, "cpu", activation)


@pytest.mark.parametrize(
    ("method", "steps"),
    [
        (Method.DECAY, 100),
        (Method.REVIVAL, 100),
        (Method.CYCLES, 300),
        (Method.LBFGS, 30),
        (Method.LM, 5),
    ],
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


def _polished(method: Method, folder: Path | None, calls: int = 10**9) -> list[torch.Tensor]:
    """All weights of two students after a second stage, kept after every block or student."""
    points = named_generator(8)
    kept = folder and Checkpoint(folder, [points], "polish.safetensors", every_s=0)
    drawn = sampler(generator=points, calls=calls)
    steps = {Method.LBFGS: 4, Method.LM: 4, Method.CYCLES: 120}.get(method, 40)
    done = polish(ensemble(), drawn, Loss.MSE, method, steps=steps, points=500, checkpoint=kept)
    return [w for layers in done for pair in layers for w in pair]


def _same(found: list[torch.Tensor], expected: list[torch.Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    ("method", "needed"),  # batches that show which units are dead
    [(Method.DECAY, 0), (Method.REVIVAL, 1), (Method.CYCLES, 3)],
)
def test_a_second_stage_of_adam_that_was_killed_goes_on_bit_for_bit(
    tmp_path: Path, method: Method, needed: int
):
    with pytest.raises(Killed):
        _polished(method, tmp_path, calls=20)
    whole = _polished(method, None)
    assert _same(_polished(method, tmp_path), whole)
    assert _same(_polished(method, tmp_path, calls=needed), whole)


@pytest.mark.parametrize("method", [Method.LBFGS, Method.LM])
def test_students_that_were_done_at_a_kill_are_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: Method
):
    whole, name = _polished(method, None), "lbfgs" if method is Method.LBFGS else LM
    descend = getattr(second_stage, name)
    widths: list[int] = []

    def killed(layers: Layers, *rest: object) -> Layers:
        widths.append(len(layers[0][1]))
        if len(widths) == 2:
            raise Killed
        return descend(layers, *rest)

    monkeypatch.setattr(second_stage, name, killed)
    with pytest.raises(Killed):
        _polished(method, tmp_path)
    assert _same(_polished(method, tmp_path), whole)
    assert widths == [5, 7, 7]


@pytest.mark.parametrize(
    ("method", "steps"),
    [
        (Method.DECAY, 460),
        (Method.REVIVAL, 460),
        (Method.CYCLES, 9000),
        (Method.LBFGS, 2),
        (Method.LM, 2),
    ],
)
def test_what_a_second_stage_draws_is_what_its_cost_counts(method: Method, steps: int):
    """But for what is left of a block where one stage of a schedule ends."""
    drawn = 0
    inner = sampler()

    def counted(n: int) -> tuple[torch.Tensor, torch.Tensor]:
        nonlocal drawn
        drawn += n
        return inner(n)

    polish(ensemble(), counted, Loss.MSE, method, steps=steps, points=500)
    assert 1 <= drawn / points_drawn(method, steps, 500) < 1.13
    per_step = flop_of(method, [50], 2 * steps) / flop_of(method, [50], steps)
    assert per_step == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize(
    ("method", "loss", "activation"),
    [
        (Method.LM, Power(4), Activation.RELU),
        (Method.LM, Loss.MSE, Activation.TANH),
        (Method.REVIVAL, Loss.MSE, Activation.GELU),
        (Method.CYCLES, Loss.MSE, Activation.TANH),
    ],
)
def test_what_a_method_is_not_written_for_is_refused(method, loss, activation):
    with pytest.raises(ValueError, match="for"):
        polish(ensemble(activation), sampler(), loss, method, steps=1)
