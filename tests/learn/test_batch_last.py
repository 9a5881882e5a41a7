"""The batch-last form of a network computes what the network computes, and so do its gradients."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from scalinglaws.learn.batch_last import batch_last
from scalinglaws.learn.classify import train_classifier
from scalinglaws.learn.cnn import Cnn, build, table_2, table_3
from scalinglaws.learn.networks import named_generator

CNNS = [table_2(3), table_3(5), table_3(2, side=32, colours=3), table_3(2, side=8)]


def images(cnn: Cnn, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    draw = named_generator(5)
    X = torch.rand(count, cnn.colours, cnn.side, cnn.side, generator=draw)
    X[X < 0.5] = 0.0  # as in real images: pooling then meets equal values
    return X, torch.randint(10, (count,), generator=draw)


@pytest.mark.parametrize("count", [1, 7])
@pytest.mark.parametrize("cnn", CNNS)
def test_loss_and_gradients_are_those_of_the_network(cnn: Cnn, count: int):
    net = build(cnn, named_generator(1))
    X, y = images(cnn, count)
    found: list[list[torch.Tensor]] = []
    for form in (net, batch_last(net)):
        net.zero_grad()
        loss = functional.cross_entropy(form(X), y)
        loss.backward()
        found.append([loss.detach(), *(p.grad.clone() for p in net.parameters())])
    for ours, theirs in zip(*found, strict=True):
        scale = theirs.abs().max()
        assert (ours - theirs).abs().max() <= 1e-5 * scale
        assert scale > 0


def test_equal_values_in_a_block_give_the_gradient_to_the_first():
    net = nn.Sequential(nn.MaxPool2d(2), nn.Flatten())
    X = torch.tensor([[1.0, 1.0], [0.0, 1.0]])[None, None].requires_grad_()
    batch_last(net)(X).sum().backward()
    assert X.grad is not None
    assert X.grad[0, 0].tolist() == [[1, 0], [0, 0]]


def test_training_one_form_trains_the_other():
    cnn = table_3(2, side=8)
    nets = [build(cnn, named_generator(3)) for _ in range(2)]
    X, y = images(cnn, 70)
    train_classifier(nets[0], X, y, 2, named_generator(4))
    train_classifier(batch_last(nets[1]), X, y, 2, named_generator(4))
    start = build(cnn, named_generator(3)).state_dict()
    for name, weight in nets[0].state_dict().items():
        moved = (weight - start[name]).abs().max()
        assert (weight - nets[1].state_dict()[name]).abs().max() < 1e-3 * moved


@pytest.mark.parametrize(
    "module", [nn.Conv2d(1, 1, 5), nn.Conv2d(1, 1, 3, stride=2), nn.MaxPool2d(3), nn.Tanh()]
)
def test_other_modules_are_refused(module: nn.Module):
    with pytest.raises(ValueError, match="no batch-last form"):
        batch_last(nn.Sequential(module))


def test_pooling_an_odd_side_is_refused():
    with pytest.raises(ValueError, match="even sides, not 5 x 6"):
        batch_last(nn.Sequential(nn.MaxPool2d(2)))(torch.zeros(1, 1, 5, 6))
