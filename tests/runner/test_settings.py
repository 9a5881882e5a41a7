"""What a user gives as text becomes a setting of its field's type, or is refused with the field."""

from __future__ import annotations

import math
import shlex
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalinglaws import experiments
from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.result import Budget
from scalinglaws.runner.artifacts import command_line
from scalinglaws.runner.settings import budget_of, changes, override


@dataclass(frozen=True)
class Settings:
    draws: int = 3
    rate: float = 0.5
    label: str = "a"
    centred: bool = False
    limit: float | None = 2.0
    window: tuple[int, int] = (1, 2)
    init_seeds: tuple[int, ...] = (0,)
    losses: tuple[Literal["mse", "kl"], ...] = ("mse",)
    schedule: Literal["settled", "table1"] = "settled"
    parts: tuple[int, ...] | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.draws < 1:
            raise ValueError(f"draws must be at least 1, not {self.draws}")
        if self.rate < 0:
            raise BadInput(f"rate must not be negative, not {self.rate}")


def overridden(name: str, value: object) -> Any:
    return getattr(override(Settings(), {name: value}), name)


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("draws", "500", 500),
        ("draws", "1e3", 1000),  # an exact integer, however it is written
        ("draws", 500, 500),
        ("seed", "-1", -1),
        ("rate", "1", 1.0),
        ("rate", "1e-3", 1e-3),
        ("rate", 2, 2.0),
        ("rate", "inf", math.inf),
        ("label", "1,2", "1,2"),  # a text is taken as it is
        ("label", "null", "null"),
        ("centred", "true", True),
        ("centred", "False", False),
        ("limit", "null", None),
        ("limit", "NULL", None),
        ("limit", None, None),
        ("limit", "3", 3.0),
        ("window", "3,4", (3, 4)),
        ("window", "(3, 4)", (3, 4)),
        ("window", "[3,4]", (3, 4)),
        ("window", [3, 4], (3, 4)),
        ("init_seeds", "7", (7,)),
        ("init_seeds", "(7,)", (7,)),
        ("init_seeds", "()", ()),
        ("init_seeds", ("1", "2"), (1, 2)),
        ("losses", "kl,mse", ("kl", "mse")),
        ("schedule", "table1", "table1"),
        ("parts", "1,2", (1, 2)),
        ("parts", "null", None),
    ],
)
def test_a_value_is_read_by_the_type_of_its_field(name: str, given: object, value: object):
    found = overridden(name, given)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "given", "why"),
    [
        ("draws", "1.5", "int"),
        ("draws", 1.5, "int"),
        ("draws", "three", "int"),
        ("draws", "null", "int"),
        ("draws", "true", "int"),
        ("draws", True, "int"),
        ("draws", "", "int"),
        ("draws", "1,2", "int"),
        ("rate", "fast", "float"),
        ("rate", "null", "float"),
        ("rate", "1e400", "out of range"),
        ("centred", "2", "bool"),
        ("centred", "maybe", "bool"),
        ("limit", "big", "float | null"),
        ("window", "3", "length 2"),
        ("window", "3,4,5", "length 2"),
        ("window", "3,4.5", "int"),
        ("window", "null", "array"),
        ("init_seeds", "1,x", "int"),
        ("init_seeds", 5, "array"),
        ("losses", "mse,l1", "'l1'"),
        ("schedule", "TABLE1", "'TABLE1'"),
    ],
)
def test_a_value_of_another_type_is_refused_with_field_and_value(
    name: str, given: object, why: str
):
    with pytest.raises(BadInput) as caught:
        overridden(name, given)
    assert str(caught.value).startswith(f"setting {name}={given!r}: ")
    assert why in str(caught.value)


def test_a_flood_of_text_is_cut_in_the_message():
    with pytest.raises(BadInput, match="setting draws=") as caught:
        overridden("draws", "x" * 10_000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"draws": "0"}, "draws must be at least 1, not 0"),
        ({"rate": "-1"}, r"rate must not be negative, not -1\.0"),
    ],
)
def test_the_settings_own_rules_hold_for_what_is_replaced(given: dict[str, str], match: str):
    with pytest.raises(BadInput, match=match):
        override(Settings(), given)


def test_an_unknown_field_is_refused_with_the_nearest_before_any_value_is_read():
    with pytest.raises(UnknownName, match=r"unknown setting 'drawz': did you mean 'draws'\?"):
        override(Settings(), {"rate": "no number", "drawz": "2"})
    with pytest.raises(UnknownName, match="known: centred, draws, init_seeds") as caught:
        override(Settings(), {"qqqqqqqq": "2"})
    assert "did you mean" not in str(caught.value)


def test_only_what_is_replaced_changes_and_the_budget_s_settings_stay():
    before = Settings()
    after = override(before, {"draws": "9", "window": "5,6"})
    assert before == Settings()
    assert asdict(after) == {**asdict(before), "draws": 9, "window": (5, 6)}
    assert override(before, {}) == before


@given(
    st.integers(1, 2**62),
    st.floats(min_value=0, allow_nan=False),
    st.lists(st.integers(-(2**62), 2**62)),
)
def test_a_setting_written_as_text_comes_back(draws: int, rate: float, seeds: list[int]):
    text = {"draws": str(draws), "rate": repr(rate), "init_seeds": str(tuple(seeds))}
    if math.isinf(rate):
        text["rate"] = "inf"
    assert override(Settings(), text) == Settings(draws=draws, rate=rate, init_seeds=tuple(seeds))


# Options of the command line that stand for settings.


def test_an_option_becomes_the_setting_of_its_name():
    assert changes(Settings(), {"draws": "4"}, seed=7) == {"draws": "4", "seed": 7}
    assert changes(Settings(), None, seed=0) == {"seed": 0}  # zero is given, None is not
    assert changes(Settings(), None, seed=None, device=None) == {}


def test_an_option_does_not_reach_into_the_caller_s_overrides():
    overrides = {"draws": "4"}
    changes(Settings(), overrides, seed=7)
    assert overrides == {"draws": "4"}


def test_an_option_these_settings_do_not_have_is_refused():
    with pytest.raises(BadInput, match="no setting 'device' for --device: leave it out"):
        changes(Settings(), None, device="cuda")
    only = dataclass(frozen=True)(
        type("Only", (), {"__annotations__": {"data_seed": int}, "data_seed": 0})
    )
    with pytest.raises(BadInput, match="set data_seed with --set instead"):
        changes(only(), None, seed=3)


def test_an_option_and_a_setting_of_one_name_are_refused_even_where_they_agree():
    with pytest.raises(BadInput, match="seed is given twice, by --seed and by --set"):
        changes(Settings(), {"seed": "7"}, seed=7)


# Budgets.


def test_a_budget_an_experiment_does_not_have_is_refused_with_the_nearest():
    experiment = experiments.get("random-features")
    with pytest.raises(UnknownName, match=r"unknown budget 'quik': did you mean 'quick'\?"):
        budget_of(experiment, "quik")
    assert budget_of(experiment, "smoke") == (Budget.SMOKE, experiment.budgets[Budget.SMOKE])


@pytest.mark.parametrize("name", experiments.NAMES)
def test_the_recorded_command_leads_back_to_the_settings(name: str):
    """From any budget's settings to any other's: what `--set` says is what ran."""
    budgets = experiments.get(name).budgets
    for budget, pure in budgets.items():
        for settings in budgets.values():
            words = shlex.split(command_line(name, budget, settings, pure, "a b"))
            assert words[:5] == ["scalinglaws", "run", name, "--budget", budget]
            given = [word for before, word in pairwise(words) if before == "--set"]
            assert override(pure, dict(text.split("=", 1) for text in given)) == settings
