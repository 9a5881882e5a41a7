"""A classifier sees every image once an epoch, in an order of its own, and learns."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

from scalinglaws.learn.classify import BATCH, Bytes, score, train_classifier, train_watched
from scalinglaws.learn.networks import named_generator

COUNT = 70  # three batches, the last one smaller


class Recorder(nn.Module):
    """Remembers which images came; image i is the constant i."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.batches: list[list[int]] = []

    def forward(self, X: Tensor) -> Tensor:
        self.batches.append(X[:, 0, 0, 0].int().tolist())
        return self.scale * X[:, 0, 0, :2]


def constant_images() -> Tensor:
    return torch.arange(COUNT).float()[:, None, None, None].expand(COUNT, 1, 2, 2)


def test_an_epoch_is_every_image_once_in_an_order_of_its_own():
    net = Recorder()
    train_classifier(net, constant_images(), torch.zeros(COUNT).long(), 2, named_generator(0))
    assert [len(batch) for batch in net.batches] == 2 * [BATCH, BATCH, COUNT - 2 * BATCH]
    first, second = (
        [i for batch in own for i in batch] for own in (net.batches[:3], net.batches[3:])
    )
    assert sorted(first) == sorted(second) == list(range(COUNT))
    assert first != second != list(range(COUNT))


def problem(seed: int) -> tuple[Tensor, Tensor]:
    """Three classes, told by which third of the image is bright."""
    draw = named_generator(seed)
    y = torch.randint(3, (600,), generator=draw)
    X = torch.rand(600, 1, 6, 6, generator=draw)
    X += (torch.arange(6) // 2 == y[:, None])[:, None, :, None]
    return X, y


def classifier() -> nn.Sequential:
    net = nn.Sequential(nn.Flatten(), nn.utils.skip_init(nn.Linear, 36, 3))
    for parameter in net.parameters():
        nn.init.zeros_(parameter)
    return net


def test_training_beats_chance_on_images_it_has_not_seen():
    net = classifier()
    before = score(net, *problem(2))
    train_classifier(net, *problem(1), 5, named_generator(0))
    after = score(net, *problem(2))
    assert math.isclose(before.L, math.log(3), rel_tol=1e-12)
    assert after.L < 0.5 * before.L
    assert after.accuracy > 0.95


def test_the_same_order_gives_the_same_bits_and_no_epoch_changes_nothing():
    nets = [classifier() for _ in range(3)]
    for net, epochs in zip(nets, (2, 2, 0), strict=True):
        train_classifier(net, *problem(1), epochs, named_generator(3))
    trained, again, untouched = (net[1].weight for net in nets)
    assert (trained == again).all()
    assert (untouched == 0).all()


def test_scores_are_the_mean_cross_entropy_and_the_share_that_is_right():
    net, (X, y) = classifier(), problem(1)
    train_classifier(net, X, y, 1, named_generator(0))
    with torch.no_grad():
        z = net(X).double().numpy()
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    found = score(net, X, y)
    expected = -np.log(p[np.arange(len(y)), y.numpy()]).mean()
    assert math.isclose(found.L, expected, rel_tol=1e-12)
    assert found.accuracy == (z.argmax(1) == y.numpy()).mean()


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
    X, y = torch.ones(COUNT, 1, 6, 6), torch.zeros(COUNT).long()
    course = train_watched(classifier(), X, y, {}, 1, named_generator(0))
    net = classifier()
    before: list[float] = []
    adam = torch.optim.Adam(net.parameters())
    for size in (BATCH, BATCH, COUNT - 2 * BATCH):
        before.append(size * score(net, X, y).L)
        nn.functional.cross_entropy(net(X), y).backward()
        adam.step()
        adam.zero_grad()
    assert math.isclose(course.L_running[0], sum(before) / COUNT, rel_tol=1e-5)


def test_bytes_become_floats_from_nought_to_one_and_floats_stay():
    X = torch.tensor([0, 51, 255], dtype=torch.uint8)[:, None, None, None]
    assert torch.equal(Bytes()(X).flatten(), torch.tensor([0, 51, 255]) / 255)
    assert Bytes()(Bytes()(X)).equal(Bytes()(X))
