"""A watched training is the same training, keeps its best weights, and goes on after a kill."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from thirds import classifier, problem
from torch import nn

from scalinglaws.learn.checkpoint import Checkpoint
from scalinglaws.learn.classify import BATCH, score, train_classifier
from scalinglaws.learn.course import Course, train_watched
from scalinglaws.learn.networks import named_generator

IMAGES = 70  # three batches, the last one smaller


def test_a_watched_training_is_the_same_training_and_keeps_its_best_weights():
    train, held_out = problem(1), problem(2)
    net, watched = classifier(), classifier()
    train_classifier(net, *train, 4, named_generator(3))
    course = train_watched(watched, *train, {"held out": held_out}, 4, named_generator(3))
    assert (net[1].weight == watched[1].weight).all()
    losses = [scores.L for scores in course.watched["held out"]]
    assert len(losses) == len(course.L_running) == 4
    assert losses[-1] == score(net, *held_out).L
    stop = course.stops["held out"]
    assert min(losses) == stop.score.L
    assert losses[stop.epoch - 1] == stop.score.L
    other = classifier()
    other.load_state_dict(dict(stop.weights))
    assert score(other, *held_out) == stop.score


def test_weights_are_kept_from_the_epoch_where_the_watched_loss_was_least():
    """Trained on wrong labels, it only gets worse on the right ones: the first epoch is kept."""
    X, y = problem(1)
    net = classifier()
    course = train_watched(net, X, (y + 1) % 3, {"right": (X, y)}, 3, named_generator(3))
    losses = [scores.L for scores in course.watched["right"]]
    assert losses == sorted(losses)
    assert course.stops["right"].epoch == 1
    assert (course.stops["right"].weights["1.weight"] != net[1].weight).any()


def test_running_losses_are_means_over_images_before_their_steps():
    """Every step on the same image: the losses before 1, ..., 3 steps, the last batch lighter."""
    X, y = torch.ones(IMAGES, 1, 6, 6), torch.zeros(IMAGES).long()
    course = train_watched(classifier(), X, y, {}, 1, named_generator(0))
    net = classifier()
    before: list[float] = []
    adam = torch.optim.Adam(net.parameters())
    for size in (BATCH, BATCH, IMAGES - 2 * BATCH):
        before.append(size * score(net, X, y).L)
        nn.functional.cross_entropy(net(X), y).backward()
        adam.step()
        adam.zero_grad()
    assert math.isclose(course.L_running[0], sum(before) / IMAGES, rel_tol=1e-5)


class Killed(Exception):
    pass


class Watched:
    """Four epochs, watched on two sets, with a checkpoint after each in `folder`."""

    def __init__(self, folder: Path | None, *, calls: int = 10**9, seed: int = 1, epochs: int = 4):
        """calls: of the network, before the process ends."""
        self.net, self.calls = classifier(), 0

        def count(*_: object) -> None:
            self.calls += 1
            if self.calls > calls:
                raise Killed

        self.net.register_forward_pre_hook(count)
        (X, y), order = problem(seed), named_generator(3)
        sets = {"right": problem(2), "wrong": (X, (y + 1) % 3)}
        checkpoint = folder and Checkpoint(folder, [order], every_s=0)
        self.course: Course = train_watched(self.net, X, y, sets, epochs, order, checkpoint)


def same(found: Course, expected: Course) -> bool:
    """In every bit."""
    return (
        found.L_running == expected.L_running
        and found.watched == expected.watched
        and all(
            found.stops[name].epoch == stop.epoch
            and found.stops[name].score == stop.score
            and all(torch.equal(found.stops[name].weights[k], w) for k, w in stop.weights.items())
            for name, stop in expected.stops.items()
        )
    )


@pytest.mark.parametrize("calls", [5, 30, 60, 83])
def test_a_watched_training_that_was_killed_goes_on_bit_for_bit(tmp_path: Path, calls: int):
    with pytest.raises(Killed):
        Watched(tmp_path, calls=calls)
    whole, resumed = Watched(None), Watched(tmp_path)
    assert same(resumed.course, whole.course)
    assert torch.equal(resumed.net[1].weight, whole.net[1].weight)
    each_epoch = whole.calls // 4
    assert resumed.calls == whole.calls - calls // each_epoch * each_epoch
    assert {stop.epoch for stop in whole.course.stops.values()} == {1, 4}


def test_a_watched_training_of_other_images_begins_anew(tmp_path: Path):
    with pytest.raises(Killed):
        Watched(tmp_path, calls=60)
    assert same(Watched(tmp_path, seed=5).course, Watched(None, seed=5).course)
