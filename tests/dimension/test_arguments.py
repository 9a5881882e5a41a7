"""Counts are whole numbers, wherever a caller gives them."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch

from scalinglaws import dimension
from scalinglaws.dimension.arguments import whole
from scalinglaws.errors import BadInput

X = np.random.default_rng(0).normal(size=(60, 3))

ENTRIES: dict[str, Callable[[object], object]] = {
    "neighbors k": partial(dimension.neighbors, X),
    "neighbors queries": lambda value: dimension.neighbors(X, 3, queries=value),
    "knn k": partial(dimension.knn, X),
    "mle k": partial(dimension.mle, X),
    "mle_harmonic k": partial(dimension.mle_harmonic, X),
    "gride n1": partial(dimension.gride, X),
    "gride_scan k": partial(dimension.gride_scan, X),
    "corrint k1": lambda value: dimension.corrint(X, k1=value),
    "corrint k2": lambda value: dimension.corrint(X, k2=value),
    "local_dimension k": partial(dimension.local_dimension, X),
    "against_radius k": partial(dimension.against_radius, X),
    "against_points smallest": lambda value: dimension.against_points(X, smallest=value),
    "corrected points": lambda value: dimension.corrected(dimension.twonn(X), points=value),
}


@pytest.mark.parametrize("value", [2.5, 12.0, "3", True, None, np.array([4, 5])], ids=repr)
@pytest.mark.parametrize("entry", ENTRIES)
def test_what_is_no_whole_number_is_refused_in_one_line(entry: str, value: object):
    if entry == "neighbors queries" and value is None:
        return  # all points
    with pytest.raises(BadInput) as refused:
        ENTRIES[entry](value)
    name = entry.split()[1]
    assert str(refused.value) == f"{name} is a whole number, got {name} = {value!r}"


SEEDED: dict[str, Callable[[object], object]] = {
    "neighbors": lambda seed: dimension.neighbors(X, 3, queries=10, seed=seed),
    "neighbors of all": lambda seed: dimension.neighbors(X, 3, seed=seed),
    "against_points": lambda seed: dimension.against_points(X, smallest=20, seed=seed),
    "corrected": lambda seed: dimension.corrected(dimension.twonn(X), points=100, seed=seed),
}


@pytest.mark.parametrize("seed", [-1, np.int64(-3), None, 1.5, "a", True], ids=repr)
@pytest.mark.parametrize("entry", SEEDED)
def test_a_seed_is_a_whole_number_from_nought_on(entry: str, seed: object):
    with pytest.raises(BadInput, match=r"seed .*got seed = "):
        SEEDED[entry](seed)
    SEEDED[entry](np.uint32(3))


@pytest.mark.parametrize("value", [12, np.int64(12), np.uint8(12), np.array(12), torch.tensor(12)])
def test_any_librarys_whole_number_will_do(value: object):
    assert type(whole("k", value)) is int
    assert dimension.mle(X, value) == dimension.mle(X, 12)


@pytest.mark.parametrize(
    "value",
    [
        np.zeros((90, 90)),
        torch.ones(4, 4),
        "k\n" * 100,
        np.bool_(1),
        torch.tensor(True),
        torch.tensor([4]),
        np.array(True),
    ],
)
def test_whatever_is_given_the_message_is_a_short_line(value: object):
    with pytest.raises(BadInput) as refused:
        whole("k", value)
    assert len(str(refused.value)) < 90
    assert "\n" not in str(refused.value)
