"""Teachers: one network for every k, the same function however it is computed."""

from __future__ import annotations

import pytest
import torch

from scalinglaws.data import teachers
from scalinglaws.data.teachers import (
    Teacher,
    cube,
    finite,
    labels,
    noise,
    random_teacher,
    stream,
)
from scalinglaws.learn.networks import Activation, Init, Shape, named_generator


def _teacher(n_out: int = 2):
    return random_teacher(Shape(20, (60, 60), n_out), 6.0, seed=3)


@pytest.mark.parametrize("onednn", [True, False])
@pytest.mark.parametrize("n_out", [1, 2])
def test_the_stream_s_float32_teacher_is_the_float64_one(n_out, onednn, monkeypatch):
    monkeypatch.setattr(teachers, "_onednn_is_faster", lambda: onednn)
    teacher = random_teacher(Shape(20, (60, 60), n_out), 6.0, seed=3)
    # Biases too, which a teacher may have though the paper's are zero.
    layers = [(W, torch.linspace(-0.5, 0.5, len(b))) for W, b in teacher.layers]
    teacher = Teacher(layers, teacher.scale)
    X, answers = stream(teacher, 4, named_generator(1))(200)
    exact = teacher(X.double())
    # Sums of 60 float32 products: relative rounding of some 1e-7 each.
    torch.testing.assert_close(answers.double(), exact, rtol=1e-4, atol=1e-5)


def test_fewer_features_are_the_same_network_with_zero_inputs():
    teacher = _teacher()
    X = cube(50, 3, named_generator(2)).double()
    padded = torch.cat([X, torch.zeros(50, 17, dtype=torch.float64)], 1)
    torch.testing.assert_close(teacher(X), teacher(padded))


def test_zero_biases_make_a_teacher_homogeneous():
    teacher, X = _teacher(), cube(50, 5, named_generator(2)).double()
    torch.testing.assert_close(teacher(0.25 * X), 0.25 * teacher(X))


@pytest.mark.parametrize("activation", [Activation.TANH, Activation.GELU, Activation.RELU])
def test_teachers_of_a_class_share_their_weights_and_their_stream_answers_as_they_do(activation):
    plain = _teacher()
    biased = random_teacher(Shape(20, (60, 60), 2), 6.0, 3, Init.AUTHORS, activation)
    for (W, b), (W_biased, b_biased) in zip(plain.layers, biased.layers, strict=True):
        assert torch.equal(W, W_biased)
        assert not b.any()
        assert b_biased.all()
    X, answers = stream(biased, 4, named_generator(1))(200)
    torch.testing.assert_close(answers.double(), biased(X.double()), rtol=1e-4, atol=1e-5)
    assert (biased(X) - plain(X)).abs().max() > 0.1


def test_labels_are_drawn_with_the_teacher_s_probabilities():
    logits = torch.tensor([[0.0, 1.0, -1.0]])
    n = 20_000
    draw = labels(named_generator(4))
    p = torch.softmax(logits[0], 0)
    one_hot = torch.softmax(draw(logits.expand(n, 3)), 1)
    assert ((one_hot == 0) | (one_hot == 1)).all()
    assert (one_hot.sum(1) == 1).all()
    assert ((one_hot.mean(0) - p).abs() < 4 * (p * (1 - p) / n).sqrt()).all()


def test_noise_has_its_deviation_and_no_mean():
    n, sigma = 20_000, 0.3
    answers = cube(n, 1, named_generator(6))
    added = noise(sigma, named_generator(7))(answers) - answers
    assert added.std().item() == pytest.approx(sigma, abs=4 * sigma / (2 * n) ** 0.5)
    assert abs(added.mean().item()) < 4 * sigma / n**0.5


@pytest.mark.parametrize(("D", "n"), [(50, 40), (50, 50), (50, 125)])
def test_a_finite_data_set_comes_whole_before_any_of_it_comes_again(D, n):
    source = stream(_teacher(), 4, named_generator(1))
    X_all, answers_all = stream(_teacher(), 4, named_generator(1))(D)
    sample = finite(source, D, named_generator(2))
    answer = {tuple(x.tolist()): y.tolist() for x, y in zip(X_all, answers_all, strict=True)}
    (X, answers), (again, _) = sample(n), sample(n)
    for part in X.split(D):
        assert len(torch.unique(part, dim=0)) == len(part)
    assert [answer[tuple(x.tolist())] for x in X] == answers.tolist()
    assert not torch.equal(X, again)  # shuffled anew


def test_the_cube_is_centred_with_unit_side():
    X = cube(40_000, 2, named_generator(0))
    assert X.abs().max() <= 0.5
    # A uniform variable of unit range: mean sd .2887/sqrt(n); E x^2 = 1/12 with sd .0745/sqrt(n).
    assert X.mean(0).abs().max() < 4 * 0.2887 / 200
    assert (X.square().mean(0) - 1 / 12).abs().max() < 4 * 0.0745 / 200
