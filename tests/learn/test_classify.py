"""A classifier sees every image once an epoch, in an order of its own, and learns."""

from __future__ import annotations

import math

import numpy as np
import torch
from thirds import classifier, problem
from torch import Tensor, nn

from scalinglaws.learn.classify import BATCH, Bytes, score, train_classifier
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


def test_bytes_become_floats_from_nought_to_one_and_floats_stay():
    X = torch.tensor([0, 51, 255], dtype=torch.uint8)[:, None, None, None]
    assert torch.equal(Bytes()(X).flatten(), torch.tensor([0, 51, 255]) / 255)
    assert Bytes()(Bytes()(X)).equal(Bytes()(X))
