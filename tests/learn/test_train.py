"""The training loop is plain Adam on plain networks, whatever the pieces it feeds them in."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch

from scalinglaws.learn.ensemble import Buffers, Ensemble, OutputGradient
from scalinglaws.learn.losses import Loss, Power, evaluate
from scalinglaws.learn.networks import Activation, Init, Layers, Shape, initialise, named_generator
from scalinglaws.learn.schedule import Stage
from scalinglaws.learn.train import Lesson, train

K = 3
STAGES = (Stage(6, 200, 1e-2), Stage(4, 1000, 1e-2), Stage(4, 4000, 1e-3))


def teacher(loss: Loss, X: torch.Tensor) -> torch.Tensor:
    """Smooth answers that a student of few units does not reach."""
    value = torch.sin(3 * X).sum(1, keepdim=True)
    return value if loss is Loss.MSE else torch.cat([value, X[:, :1] ** 2 - value], 1)


def sampler(loss: Loss, seed: int = 0):
    generator = torch.Generator().manual_seed(seed)

    def sample(n: int) -> tuple[torch.Tensor, torch.Tensor]:
        X = torch.rand(n, K, generator=generator) - 0.5
        return X, teacher(loss, X)

    return sample


def ensemble(loss: Loss) -> tuple[Ensemble, list[Layers]]:
    shapes = [Shape(K, (n, n), loss.n_out) for n in (4, 7, 7)]
    students = [initialise(s, Init.AUTHORS, named_generator(3, i)) for i, s in enumerate(shapes)]
    return Ensemble(shapes, students, K, "cpu"), students


def seen_by(trained: Ensemble, monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    """Every piece that the ensemble is fed from now on."""
    pieces: list[torch.Tensor] = []
    add_gradient = trained.add_gradient

    def spy(X: torch.Tensor, dL_dY: OutputGradient, buffers: Buffers) -> None:
        pieces.append(X.clone())
        add_gradient(X, dL_dY, buffers)

    monkeypatch.setattr(trained, "add_gradient", spy)
    return pieces


def batches(pieces: Sequence[torch.Tensor], stages: Sequence[Stage]) -> list[list[torch.Tensor]]:
    """The pieces joined to whole batches, per stage."""
    X = torch.cat(list(pieces))
    assert len(X) == sum(stage.steps * stage.batch for stage in stages)
    per_stage = X.split([stage.steps * stage.batch for stage in stages])
    return [list(x.split(stage.batch)) for x, stage in zip(per_stage, stages, strict=True)]


def sequential(layers: Layers) -> torch.nn.Sequential:
    """The same network as PyTorch's users write it."""
    modules: list[torch.nn.Module] = []
    for W, b in layers:
        linear = torch.nn.Linear(W.shape[1], W.shape[0])
        with torch.no_grad():
            linear.weight.copy_(W)
            linear.bias.copy_(b)
        modules += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*modules[:-1])


def plain(
    loss: Loss, layers: Layers, data: list[list[torch.Tensor]], *, one_adam: bool = True
) -> torch.nn.Sequential:
    """Train alone: a loop as in PyTorch's tutorial."""
    model = sequential(layers)
    adam = torch.optim.Adam(model.parameters())
    for stage, stage_batches in zip(STAGES, data, strict=True):
        if not one_adam:
            adam = torch.optim.Adam(model.parameters())
        adam.param_groups[0]["lr"] = stage.rate
        for X in stage_batches:
            adam.zero_grad()
            evaluate(loss, model(X), teacher(loss, X)).mean().backward()
            adam.step()
    return model


def distance(student: Layers, model: torch.nn.Sequential) -> float:
    """The largest difference between two networks' parameters."""
    flat = [p.detach() for pair in student for p in pair]
    return max(
        (p - q).abs().max().item() for p, q in zip(flat, model.state_dict().values(), strict=True)
    )


@pytest.mark.parametrize("loss", list(Loss))
def test_every_student_is_trained_as_pytorch_s_adam_trains_it_alone(
    loss: Loss, monkeypatch: pytest.MonkeyPatch
):
    """Three stages: rates change, Adam's moments stay, and large batches come in pieces."""
    trained, starts = ensemble(loss)
    pieces = seen_by(trained, monkeypatch)
    train([Lesson(trained, loss, STAGES)], sampler(loss))
    data = batches(pieces, STAGES)
    for student, start in zip(trained.students(), starts, strict=True):
        assert distance(student, sequential(start)) > 0.01  # it has moved
        # Rounding alone: 4e-7 at most over ten other seeds, where a step is up to 1e-2.
        assert distance(student, plain(loss, start, data)) < 1e-5
        # The control: an Adam that forgets between stages ends elsewhere.
        assert distance(student, plain(loss, start, data, one_adam=False)) > 1e-3


@pytest.mark.parametrize("batch", [1, 40, 200, 500, 1000, 4000])
def test_a_step_s_gradient_is_that_of_the_mean_over_its_whole_batch(
    batch: int, monkeypatch: pytest.MonkeyPatch
):
    trained, starts = ensemble(Loss.MSE)
    pieces = seen_by(trained, monkeypatch)
    train([Lesson(trained, Loss.MSE, [Stage(1, batch, 0.0)])], sampler(Loss.MSE))
    [[X]] = batches(pieces, [Stage(1, batch, 0.0)])
    with torch.inference_mode():
        trained.theta.copy_(trained.grad)  # read the gradient through the weights' own layout
    for found, start in zip(trained.students(), starts, strict=True):
        model = sequential(start).double()
        evaluate(Loss.MSE, model(X.double()), teacher(Loss.MSE, X.double())).mean().backward()
        for got, parameter in zip(
            [p for pair in found for p in pair], model.parameters(), strict=True
        ):
            assert parameter.grad is not None
            torch.testing.assert_close(got.double(), parameter.grad, rtol=1e-4, atol=1e-5)


def test_ensembles_trained_together_are_trained_as_alone_by_one_stream():
    """Depths and activations side by side; the sampler is asked as often as for one of them."""

    def ensembles() -> list[Ensemble]:
        found: list[Ensemble] = []
        for depth, activation in ((2, Activation.RELU), (4, Activation.RELU), (3, Activation.GELU)):
            shapes = [Shape(K, (n,) * depth, 1) for n in (4, 6)]
            starts = [
                initialise(s, Init.AUTHORS, named_generator(5, i)) for i, s in enumerate(shapes)
            ]
            found.append(Ensemble(shapes, starts, K, "cpu", activation))
        return found

    together, asked = ensembles(), 0
    own = sampler(Loss.MSE)

    def counted(n: int) -> tuple[torch.Tensor, torch.Tensor]:
        nonlocal asked
        asked += n
        return own(n)

    train([Lesson(each, Loss.MSE, STAGES) for each in together], counted)
    once, asked = asked, 0
    for alone, shared in zip(ensembles(), together, strict=True):
        own, asked = sampler(Loss.MSE), 0
        train([Lesson(alone, Loss.MSE, STAGES)], counted)
        assert torch.equal(alone.theta, shared.theta)
        assert asked == once


def test_lessons_of_other_losses_and_lengths_hear_one_stream_as_if_alone():
    """One output of two each, batches that differ, and one that ends at a third of the other."""

    def both(n: int) -> tuple[torch.Tensor, torch.Tensor]:
        X, value = own(n)
        return X, torch.cat([value, value.square()], 1)

    def lessons() -> list[Lesson]:
        schedules = ((Stage(10, 200, 1e-2), Stage(5, 1000, 1e-3)), (Stage(12, 200, 1e-2),))
        losses = (Loss.MSE, Power(3))
        return [
            Lesson(
                ensemble(Loss.MSE)[0], loss, schedule, lambda answers, i=i: answers[:, i : i + 1]
            )
            for i, (loss, schedule) in enumerate(zip(losses, schedules, strict=True))
        ]

    own = sampler(Loss.MSE)
    together = lessons()
    train(together, both)
    for alone, shared in zip(lessons(), together, strict=True):
        own = sampler(Loss.MSE)
        train([alone], both)
        assert torch.equal(alone.ensemble.theta, shared.ensemble.theta)
    assert not torch.equal(together[0].ensemble.theta, together[1].ensemble.theta)


def test_a_batch_that_its_pieces_do_not_fill_is_refused():
    """Else 500 of 750 points would be fed, and their sum divided by 750."""
    trained, _ = ensemble(Loss.MSE)
    with pytest.raises(ValueError, match="750"):
        Lesson(trained, Loss.MSE, [Stage(1, 750, 1e-2)])


def test_every_batch_is_fresh(monkeypatch: pytest.MonkeyPatch):
    trained, _ = ensemble(Loss.KL)
    pieces = seen_by(trained, monkeypatch)
    train([Lesson(trained, Loss.KL, STAGES)], sampler(Loss.KL))
    X = torch.cat(pieces)
    # Random float32 triples of 24 bits each: two of these 21 200 meet by chance once in 1e13 runs.
    assert len(torch.unique(X, dim=0)) == len(X)


def test_the_same_stream_gives_the_same_bits_whatever_the_global_generator_does():
    found: list[torch.Tensor] = []
    for seed in (0, 1):
        trained, _ = ensemble(Loss.MSE)
        torch.manual_seed(seed)
        train([Lesson(trained, Loss.MSE, STAGES)], sampler(Loss.MSE))
        found.append(trained.theta.clone())
    assert torch.equal(*found)
    trained, _ = ensemble(Loss.MSE)
    train([Lesson(trained, Loss.MSE, STAGES)], sampler(Loss.MSE, seed=1))
    assert not torch.equal(trained.theta, found[0])


def test_training_takes_the_loss_below_what_a_constant_reaches():
    trained, _ = ensemble(Loss.MSE)
    train([Lesson(trained, Loss.MSE, [Stage(400, 200, 1e-2)])], sampler(Loss.MSE))
    X, answers = sampler(Loss.MSE, seed=9)(2000)
    Y = trained.outputs(X, trained.buffers(2000))
    variance = answers.var(correction=0).item()
    for y in Y:
        assert evaluate(Loss.MSE, y.T, answers).mean().item() < 0.1 * variance
