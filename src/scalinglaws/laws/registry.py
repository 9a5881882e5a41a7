"""The laws by name."""

from __future__ import annotations

from scalinglaws.errors import NotYet, UnknownName
from scalinglaws.laws.law import Law
from scalinglaws.laws.power import Power
from scalinglaws.laws.power_constant import PowerConstant

LAWS: dict[str, type[Law]] = {law.name: law for law in (Power, PowerConstant)}
AUTO = "auto"  # choose among the laws that are built
COMING = ("shifted", "m4", "broken", "additive", "kaplan", "variance", "log-power")
JOINT = ("additive", "kaplan")  # laws of N and D together


def law_named(name: str) -> type[Law]:
    """The law of that name. Raises NotYet for a law of the contract that is not built."""
    if name in COMING:
        raise NotYet(f"law {name!r} (built: {', '.join(LAWS)})")
    if name not in LAWS:
        raise UnknownName("law", name, (AUTO, *LAWS, *COMING))
    return LAWS[name]
