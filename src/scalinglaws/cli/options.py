"""What every command shares: its common options, its parameter types, its JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import click
import msgspec

from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.result import Budget

SCHEMA_VERSION = 1
Function = TypeVar("Function", bound=Callable[..., Any])

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on stdout and nothing else."
)


def common_options(function: Function) -> Function:
    """Add --seed and --quiet, which every command takes.

    The command gets `seed: int | None` (None: its own default) and `quiet: bool`.
    """
    seed = click.option(
        "--seed",
        type=click.IntRange(min=0, max=2**32 - 1),
        default=None,
        help="Seed of everything drawn at random.",
    )
    quiet = click.option("--quiet", is_flag=True, help="No progress or remarks on stderr.")
    return seed(quiet(function))


class Known(click.ParamType[str]):
    """A name out of a known set; any other raises UnknownName with the nearest."""

    def __init__(self, kind: str, known: Iterable[str]):
        self.name = kind
        self.known = tuple(str(name) for name in known)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return f"[{'|'.join(self.known)}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.known:
            raise UnknownName(self.name, value, self.known)
        return value


def budget_option(default: Budget | None = Budget.QUICK) -> Callable[[Function], Function]:
    """--budget, one of smoke, quick, full, paper."""
    return click.option(
        "--budget",
        type=Known("budget", Budget),
        default=default,
        show_default=True,
        help="How much the run may cost.",
    )


class Assignment(click.ParamType[tuple[str, str]]):
    """NAME=VALUE, split at the first '='."""

    def __init__(self, name: str, value: str):
        self.name = f"{name}={value}"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        if isinstance(value, tuple):  # click converts a default twice
            return value
        left, equals, right = (part.strip() for part in value.partition("="))
        if not (left and equals and right):
            self.fail(f"{value!r} is not of the form {self.name}.", param, ctx)
        return left, right


def as_mapping(option: str, pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The assignments of a repeated option; the same name twice is an error, not a choice."""
    mapping: dict[str, str] = {}
    for name, value in pairs:
        if name in mapping:
            raise BadInput(f"{option} {name!r} is given twice: give each name once")
        mapping[name] = value
    return mapping


def print_json(answer: Mapping[str, object]) -> None:
    """Print `answer` as one object with its schema_version; NaN and infinities become null."""
    text = msgspec.json.encode(
        {"schema_version": SCHEMA_VERSION, **answer}, enc_hook=lambda array: array.tolist()
    )
    click.echo(msgspec.json.format(text, indent=2).decode())
