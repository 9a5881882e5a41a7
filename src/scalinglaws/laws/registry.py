"""The laws by name; `register` adds one."""

from __future__ import annotations

from typing import TypeVar

from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.laws.forms.additive import Additive
from scalinglaws.laws.forms.broken import Broken1, Broken2
from scalinglaws.laws.forms.kaplan import Kaplan
from scalinglaws.laws.forms.log_power import LogPower
from scalinglaws.laws.forms.m3 import M3
from scalinglaws.laws.forms.m4 import M4
from scalinglaws.laws.forms.power import Power
from scalinglaws.laws.forms.power_constant import PowerConstant
from scalinglaws.laws.forms.shifted import Shifted
from scalinglaws.laws.forms.variance import Variance
from scalinglaws.laws.law import Law

AUTO = "auto"  # choose among these
CHOSEN_FROM = (Power.name, PowerConstant.name, Additive.name, Kaplan.name)
LAWS: dict[str, type[Law]] = {
    law.name: law
    for law in (
        Power,
        PowerConstant,
        Shifted,
        M3,
        M4,
        Broken1,
        Broken2,
        Variance,
        LogPower,
        Additive,
        Kaplan,
    )
}


Form = TypeVar("Form", bound=type[Law])


def register(law: Form) -> Form:
    """Enter a law, as a decorator. Raises BadInput for a name that is taken."""
    if law.name in LAWS or law.name == AUTO:
        raise BadInput(f"a law is called {law.name!r} already")
    LAWS[law.name] = law
    return law


def law_named(name: str) -> type[Law]:
    """The law of that name. Raises UnknownName."""
    if name not in LAWS:
        raise UnknownName("law", name, (AUTO, *LAWS))
    return LAWS[name]


def laws_asked(name: str, variables: int) -> list[type[Law]]:
    """The law of that name, or those that auto chooses from, of so many variables."""
    asked = map(law_named, CHOSEN_FROM) if name == AUTO else [law_named(name)]
    return [law for law in asked if law.variables == variables]
