"""Shapes, counts, initialisations, schedules."""

from __future__ import annotations

import math

import pytest
import torch

from scalinglaws.learn.networks import Init, Shape, initialise, named_generator
from scalinglaws.learn.schedule import Schedule, stages


@pytest.mark.parametrize("n", [8, 49])
@pytest.mark.parametrize("k", [2, 8])
def test_counts_are_the_paper_s_formulae(n, k):
    shape = Shape(20, (n, n), 1)
    assert shape.n_parameters() == n * n + 23 * n + 1
    assert shape.n_parameters(k) == n * n + (k + 3) * n + 1


@pytest.mark.parametrize(
    ("init", "sd_W", "sd_b"),
    [
        (Init.TEACHER, 1 / math.sqrt(400), 0.0),
        (Init.AUTHORS, 1 / math.sqrt(400), 0.5),
        (Init.HE, math.sqrt(2 / 400), 0.0),
        (Init.TORCH, 1 / math.sqrt(3 * 400), 1 / math.sqrt(3 * 400)),
    ],
)
def test_initialisations_have_their_stated_deviations(init, sd_W, sd_b):
    [_, (W, b), _] = initialise(Shape(20, (400, 400), 1), init, named_generator(5))
    # The sample sd of m draws has a relative standard error below 1/sqrt(2m).
    assert W.std().item() == pytest.approx(sd_W, rel=4 / math.sqrt(2 * W.numel()))
    assert b.std().item() == pytest.approx(sd_b, rel=4 / math.sqrt(2 * b.numel()))


def test_a_named_stream_does_not_depend_on_the_others_and_differs_from_them():
    def draw(*names: int):
        return torch.rand(4, generator=named_generator(*names))

    assert torch.equal(draw(1, 0, 8), draw(1, 0, 8))
    assert not torch.equal(draw(1, 0, 8), draw(2, 0, 8))
    assert not torch.equal(draw(1, 0), draw(1, 0, 1))


@pytest.mark.parametrize("steps", [24, 500, 60_000, 240_001])
@pytest.mark.parametrize("schedule", list(Schedule))
def test_a_schedule_has_exactly_its_steps(schedule, steps):
    assert sum(stage.steps for stage in stages(schedule, steps)) == steps


def test_table_1_is_reached_at_the_paper_s_240_000_steps():
    first, second, third = stages(Schedule.TABLE1, 240_000)
    assert (first.steps, first.batch, first.rate) == (200_000, 200, 0.01)
    assert (second.steps, second.batch, second.rate) == (20_000, 1000, 0.01)
    assert (third.steps, third.batch, third.rate) == (20_000, 4000, 0.001)


def test_too_few_steps_for_a_schedule_are_refused():
    with pytest.raises(ValueError, match="24"):
        stages(Schedule.SETTLED, 23)
