"""Vetting finds the least linear teacher: what the score means, and what the race may miss."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression

from scalinglaws.data.teachers import Teacher, cube
from scalinglaws.data.vetting import r2, score, scores, slices, vet
from scalinglaws.learn.networks import Activation, Init, Shape, initialise, named_generator

K = 3


def candidate(number: int, activation: Activation = Activation.RELU) -> Teacher:
    init = Init.TEACHER if activation is Activation.RELU else Init.AUTHORS
    layers = initialise(Shape(5, (12, 12), 3), init, named_generator(1, number))
    return Teacher(layers, 6.0, activation)


def cuts(rounds: int, seed: int = 0, k: int = K):
    return slices(k, rounds, 10, named_generator(seed))


def test_a_slice_runs_along_one_axis_through_a_random_point_of_the_cube():
    X = cuts(40)
    assert X.shape == (40, K, 10, K)
    for axis in range(K):
        moving, fixed = X[:, axis, :, axis], X[:, axis].clone()
        assert torch.equal(moving, moving[:1].expand_as(moving))
        assert (moving[0].min(), moving[0].max()) == pytest.approx((-0.45, 0.45))
        fixed[:, :, axis] = 0
        assert torch.equal(fixed, fixed[:, :1].expand_as(fixed))
    centres = X[:, 0, 0, 1:]
    assert centres.abs().max() <= 0.5
    # Uniform, of variance 1/12, whose mean square has deviation 1/sqrt(180 n).
    n = centres.numel()
    assert float((centres**2).mean()) == pytest.approx(1 / 12, abs=4 / (180 * n) ** 0.5)


def test_a_linear_function_scores_1_and_so_does_a_constant():
    W = torch.tensor([[1.0, -2.0], [0.3, 4.0], [5.0, 0.1]])
    assert score(lambda X: X @ W + 7, cuts(20)) == pytest.approx(1, abs=1e-6)
    assert score(lambda X: torch.ones(len(X), 2), cuts(20)) == 1


def test_a_symmetric_parabola_scores_0():
    assert score(lambda X: (X**2).sum(1, keepdim=True), cuts(20)) == pytest.approx(0, abs=1e-6)


def test_the_score_falls_as_a_function_bends_and_knows_no_scale():
    def bent(c: float, scale: float = 1.0):
        return score(lambda X: scale * (X + c * X**2).sum(1, keepdim=True) + scale, cuts(20))

    found = [bent(c) for c in (0.0, 0.5, 1.0, 2.0, 4.0)]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == len(found)
    assert bent(1.0, scale=-30.0) == pytest.approx(bent(1.0), rel=1e-4)


def test_r2_is_that_of_scikit_learn():
    y = torch.randn(6, 10, generator=named_generator(3), dtype=torch.float64)
    x = np.linspace(-0.45, 0.45, 10)[:, None]
    expected = [LinearRegression().fit(x, row).score(x, row) for row in y.numpy()]
    np.testing.assert_allclose(r2(y).numpy(), expected, rtol=1e-6)


@pytest.mark.parametrize("activation", [Activation.RELU, Activation.TANH])
def test_many_at_once_score_as_each_alone(activation, monkeypatch):
    monkeypatch.setattr("scalinglaws.data.vetting._UNITS", 12 * 600 * 4)  # several batches
    X, logits = cuts(20), slice(1, None)
    together = scores(lambda i: candidate(i, activation), range(9), X, logits)
    alone = [score(candidate(i, activation), X, logits) for i in range(9)]
    assert together.tolist() == pytest.approx(alone, rel=1e-5)


def test_layers_that_are_fed_by_others_are_refused():
    with pytest.raises(ValueError, match="feed the next alone"):
        scores(lambda i: candidate(i, Activation.RESIDUAL), range(2), cuts(2))


def test_the_race_finds_nearly_the_best_of_the_full_vetting():
    """On slices that neither has seen the winner is as good, to the error of 200 rounds."""
    X, n = cuts(200), 300
    full = scores(candidate, range(n), X)
    raced = vet(candidate, n, X, heat=10, finalists=30)
    assert raced.score == pytest.approx(float(full[raced.number]), rel=1e-6)
    order = full.argsort().tolist()
    assert order.index(raced.number) < 3
    # Ten rounds alone are not enough: the scores of the heat are those of luck as well.
    assert int(raced.heat.argmin()) != order[0]
    assert float(full[int(raced.heat.argmin())]) > raced.score


def test_vetting_lowers_the_score_on_other_slices():
    raced = vet(candidate, 100, cuts(50), heat=10, finalists=10)
    others = scores(candidate, range(100), cuts(200, seed=9))
    assert score(raced.teacher, cuts(200, seed=9)) < float(others.quantile(0.1))


def test_the_same_seed_vets_the_same_teacher():
    first, second = (vet(candidate, 40, cuts(20), heat=5, finalists=5) for _ in range(2))
    assert (first.number, first.score) == (second.number, second.score)
    assert torch.equal(first.heat, second.heat)
    X = cube(20, K, named_generator(4))
    assert torch.equal(first.teacher(X), candidate(first.number)(X))
