"""Settings of a run: a budget's, with fields replaced by what the user gave as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.experiments import AnyExperiment
from scalinglaws.result import Budget


def budget_of(experiment: AnyExperiment, budget: str) -> tuple[Budget, Any]:
    """The budget of that name and its settings. Raises UnknownName."""
    if budget not in experiment.budgets:
        raise UnknownName("budget", budget, experiment.budgets)
    return Budget(budget), experiment.budgets[Budget(budget)]


def override(settings: Any, replaced: Mapping[str, Any]) -> Any:
    """`settings`, a frozen dataclass, with fields replaced, each converted to its field's type.

    Text is read by the type: "500" for an int, "2,4,6" for a tuple, "null" for None.
    Raises UnknownName for a field that does not exist and BadInput for a value that is not one
    of its field's.
    """
    types = get_type_hints(type(settings))
    for name in replaced:
        if name not in types:
            raise UnknownName("setting", name, types)
    converted = {name: _convert(name, value, types[name]) for name, value in replaced.items()}
    try:
        return replace(settings, **converted)
    except ValueError as error:  # a rule of the settings themselves
        raise error if isinstance(error, BadInput) else BadInput(str(error)) from None


def changes(
    settings: Any, overrides: Mapping[str, Any] | None, **options: object
) -> dict[str, Any]:
    """Overrides, and the options (device, seed) that were given, as changes of fields.

    Raises BadInput for an option that these settings have no field for, or both ways at once.
    """
    given = dict(overrides or {})
    names = [field.name for field in fields(settings)]
    for option, value in options.items():
        if value is None:
            continue
        if option not in names:
            near = [name for name in names if option in name]
            hint = f"set {', '.join(near)} with --set instead" if near else "leave it out"
            raise BadInput(f"this experiment has no setting {option!r} for --{option}: {hint}")
        if option in given:
            raise BadInput(f"{option} is given twice, by --{option} and by --set: give one")
        given[option] = value
    return given


def _convert(name: str, value: Any, kind: Any) -> Any:
    given = value
    if isinstance(value, str) and value.lower() in ("null", "none") and _takes_none(kind):
        given = None
    elif isinstance(value, str) and _is_tuple(kind):
        listed = value.strip("()[] ").removesuffix(",")
        given = [part.strip() for part in listed.split(",")] if listed else []
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        why = str(error).replace(", got `str`", "")  # whatever is typed is text
        raise BadInput(f"setting {name}={value!r:.80}: {why}") from None


def _takes_none(kind: Any) -> bool:
    return type(None) in get_args(kind)


def _is_tuple(kind: Any) -> bool:
    return any(get_origin(option) is tuple for option in (kind, *get_args(kind)))
