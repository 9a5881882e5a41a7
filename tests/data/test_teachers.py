"""Teachers: one network for every k, the same function however it is computed."""

from __future__ import annotations

import pytest
import torch

from scalinglaws.data import teachers
from scalinglaws.data.teachers import Teacher, cube, random_teacher, stream
from scalinglaws.learn.networks import Shape, named_generator


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


def test_the_cube_is_centred_with_unit_side():
    X = cube(40_000, 2, named_generator(0))
    assert X.abs().max() <= 0.5
    # A uniform variable of unit range: mean sd .2887/sqrt(n); E x^2 = 1/12 with sd .0745/sqrt(n).
    assert X.mean(0).abs().max() < 4 * 0.2887 / 200
    assert (X.square().mean(0) - 1 / 12).abs().max() < 4 * 0.0745 / 200
