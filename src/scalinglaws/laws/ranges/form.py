"""How a power law may end, and what each way costs.

power         log L = a - alpha x,  x = log N
power+floor   log L = a + log(e^(-alpha x) + e^(-alpha x_end)):  A N^-alpha + E, equal at x_end
broken        log L = a - alpha x + delta max(x - x_end, 0),  delta >= 0
"""

from __future__ import annotations

from enum import StrEnum


class Form(StrEnum):
    POWER = "power"
    FLOOR = "power+floor"
    BROKEN = "broken"


PARAMETERS = {Form.POWER: 2, Form.FLOOR: 3, Form.BROKEN: 4}
PENALTY = 2.0  # per parameter, in units of s^2: Mallows' C_p
BEFORE_BREAK = 3  # sizes up to a break: as many as show a line and its error
