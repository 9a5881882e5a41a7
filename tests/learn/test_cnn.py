"""The networks of Sharma & Kaplan's tables 2 and 3: their shapes, their counts, their start."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from scalinglaws.learn.activations import capture
from scalinglaws.learn.cnn import Cnn, build, table_2, table_3
from scalinglaws.learn.networks import named_generator


def network(cnn: Cnn, seed: int = 0) -> nn.Sequential:
    return build(cnn, named_generator(seed))


def images(cnn: Cnn, count: int = 3) -> torch.Tensor:
    return torch.rand(count, cnn.colours, cnn.side, cnn.side, generator=named_generator(7))


@pytest.mark.parametrize("n", [1, 5, 13])
@pytest.mark.parametrize(
    ("cnn", "N"),
    [
        (table_2, lambda n: 54 * n**2 + 4640 * n + 714),
        (table_3, lambda n: 9 * n**2 + 1163 * n + 362),
        (lambda n: table_3(n, side=32, colours=3), lambda n: 9 * n**2 + 1597 * n + 362),
    ],
    ids=["CIFAR-10", "MNIST", "SVHN"],
)
def test_parameters_are_as_many_as_the_paper_counts(n: int, cnn, N):
    assert cnn(n).n_parameters == N(n)
    assert sum(p.numel() for p in network(cnn(n)).parameters()) == N(n)


def test_outputs_have_the_shapes_of_the_tables():
    n = 4
    assert _shapes(table_2(n)) == {
        "conv1": (n, 32, 32),
        "pool1": (n, 16, 16),
        "conv2": (2 * n, 16, 16),
        "pool2": (2 * n, 8, 8),
        "conv3": (2 * n, 6, 6),
        "dense": (64,),
        "output": (10,),
    }
    assert _shapes(table_3(n)) == {
        "conv1": (n, 28, 28),
        "pool1": (n, 14, 14),
        "conv2": (n, 12, 12),
        "pool2": (n, 6, 6),
        "dense": (32,),
        "output": (10,),
    }


def _shapes(cnn: Cnn) -> dict[str, tuple[int, ...]]:
    """What every layer with weights, and every pooling, gives."""
    shapes: dict[str, tuple[int, ...]] = {}
    X = images(cnn)
    for name, module in network(cnn).named_children():
        X = module(X)
        if isinstance(module, nn.Conv2d | nn.MaxPool2d | nn.Linear):
            shapes[name] = tuple(X.shape[1:])
    return shapes


def test_it_computes_what_the_paper_s_order_of_relu_and_pooling_does():
    cnn = table_2(3)
    net, X = network(cnn), images(cnn)
    h = X
    for i, pooled in ((1, True), (2, True), (3, False)):
        conv = net.get_submodule(f"conv{i}")
        h = torch.relu(
            functional.conv2d(h, conv.weight, conv.bias, padding="same" if i < 3 else "valid")
        )
        h = functional.max_pool2d(h, 2) if pooled else h
    h = torch.relu(net.get_submodule("dense")(h.flatten(1)))
    torch.testing.assert_close(net(X), net.get_submodule("output")(h))


@pytest.mark.parametrize("cnn", [table_2(5), table_3(5)])
def test_hidden_layers_are_named_before_and_after_their_relu(cnn: Cnn):
    pairs = cnn.hidden
    names = [name for pair in pairs for name in pair]
    found = capture(network(cnn), [images(cnn) - 0.5], names)
    assert len(pairs) == len(cnn.convolutions) + 1
    for before, after in pairs:
        assert (found[before] < 0).any()
        torch.testing.assert_close(torch.relu(found[before]), found[after])


def test_weights_start_as_keras_draws_them():
    """Glorot's uniform: bounds +-sqrt(6 / (fan_in + fan_out)), a fan of 9 per channel."""
    cnn = table_2(40)
    fans = {"conv1": 9 * (3 + 40), "conv2": 9 * (40 + 80), "conv3": 9 * 160}
    fans |= {"dense": 36 * 80 + 64, "output": 64 + 10}
    net = network(cnn)
    for name, fan in fans.items():
        layer = net.get_submodule(name)
        bound = math.sqrt(6 / fan)
        assert (layer.bias == 0).all()
        assert 0.9 * bound < layer.weight.abs().max() <= bound
        # The variance of a uniform sample's variance: bound^4 (1/5 - 1/9) / count.
        count = layer.weight.numel()
        spread = bound**2 * math.sqrt((1 / 5 - 1 / 9) / count)
        assert abs(layer.weight.square().mean() - bound**2 / 3) < 4 * spread


def test_a_network_is_its_generator_s_alone():
    cnn = table_3(3)
    before = torch.random.get_rng_state()
    first, again, other = network(cnn, 1), network(cnn, 1), network(cnn, 2)
    assert (torch.random.get_rng_state() == before).all()
    for name, weight in first.state_dict().items():
        assert (weight == again.state_dict()[name]).all()
    assert (first.get_submodule("dense").weight != other.get_submodule("dense").weight).all()
