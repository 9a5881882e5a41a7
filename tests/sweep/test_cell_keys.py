"""A cell's key is what the cell is, and nothing else."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalinglaws.sweep import Cell


@dataclass(frozen=True)
class Config:
    seed: int = 0
    widths: tuple[int, ...] = (4, 8)
    scale: float = 6.0
    init: str = "authors"


CELL = Cell("module:task", 1, Config())


@settings(deadline=None)
@given(cost=st.floats(0, 1e9))
def test_key_ignores_cost(cost: float):
    assert replace(CELL, cost=cost).key == CELL.key


@settings(deadline=None)
@given(seed=st.integers(1, 2**63), scale=st.floats(allow_nan=False, allow_infinity=False))
def test_key_depends_on_every_value(seed: int, scale: float):
    assert replace(CELL, config=Config(seed=seed)).key != CELL.key
    same = replace(CELL, config=Config(scale=scale)).key == CELL.key
    assert same == (scale == 6.0)


@pytest.mark.parametrize(
    "other",
    [
        replace(CELL, task="module:other"),
        replace(CELL, version=2),
        replace(CELL, threads=2),
        replace(CELL, config=Config(widths=(4, 8, 16))),
        replace(CELL, config=Config(init="he")),
    ],
)
def test_key_depends_on_every_field(other: Cell):
    assert other.key != CELL.key


def test_key_is_the_same_in_every_version_of_the_package():
    # A stored cell is found again only while this holds; a change needs a new store schema.
    assert CELL.canonical == (
        b'{"config":{"init":"authors","scale":6.0,"seed":0,"widths":[4,8]},'
        b'"task":"module:task","threads":1,"version":1}'
    )
