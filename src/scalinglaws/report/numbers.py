"""Numbers as a reader wants them: as many digits as their errors allow.

The one place where report, terminal and summary format numbers. Minus signs, superscripts and
infinity are typographic; what a program reads stands in rows.csv and result.json.
"""

from __future__ import annotations

import math

from scalinglaws.estimate import Estimate
from scalinglaws.report.text import printable
from scalinglaws.result import Judgement, Relation, Value

ABSENT = "—"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_RELATION = {Relation.AT_MOST: "≤ ", Relation.AT_LEAST: "≥ "}
# Outside these decades a number is written with a power of ten.
_SMALLEST, _LARGEST = -3, 6
_FINEST = 1e-14  # an error below this part of the value is below a float's last digits
_DECADES = 100.0  # an end so many times value and error has no digits in common with them
_VANISHED = 1e4  # times the value: digits that such an end shares with it show none of it


def number(x: float | None, digits: int = 4) -> str:
    """x to `digits` significant digits, trailing zeros dropped; None is a dash.

    1.2e-5 is 1.2×10⁻⁵; an infinite x is ∞.
    """
    if x is None:
        return ABSENT
    if not math.isfinite(x):
        return _not_finite(x)
    if x == 0:
        return "0"
    mantissa, exponent = f"{x:.{digits - 1}e}".split("e")
    power = int(exponent)
    if _SMALLEST <= power < _LARGEST:
        return _minus(_unpadded(f"{float(f'{x:.{digits - 1}e}'):.{max(0, digits - 1 - power)}f}"))
    return _minus(_unpadded(mantissa)) + _times_ten_to(power)


def with_error(value: float, error: float) -> str:
    """value ± error, both to two significant digits of the error: 4.130 ± 0.052."""
    if not (math.isfinite(value) and math.isfinite(error) and error > _FINEST * abs(value)):
        return f"{number(value)} ± {number(error)}"
    power = _common_power(value, error)
    decimals = _decimals(error, power)
    body = f"{_fixed(value, power, decimals)} ± {_fixed(error, power, decimals)}"
    return f"({body}){_times_ten_to(power)}" if power else body


def interval(e: Estimate | None) -> str:
    """value [lo, hi], to two significant digits of the smallest of the arms and stderr.

    Ends decades apart have digits of their own. An end that the data leave open is shown as an
    infinity with a round bracket; an exact value is followed by ± 0.
    """
    if e is None:
        return ABSENT
    if not math.isfinite(e.value):
        return _not_finite(e.value)
    if e.lo == e.value == e.hi:
        return f"{number(e.value)} ± 0"
    arms = [a for a in (e.hi - e.value, e.value - e.lo, e.stderr) if math.isfinite(a) and a > 0]
    error = min(arms, default=0.0)
    far = min(_DECADES * max(abs(e.value), error), _VANISHED * abs(e.value) or math.inf)
    apart = any(far <= abs(end) < math.inf for end in (e.lo, e.hi))
    apart |= any(_hidden(end, e.value, error) for end in (e.lo, e.hi))
    if apart or error <= _FINEST * abs(e.value):
        return f"{number(e.value)} {_bracket(e, number(e.lo), number(e.hi))}"
    power = _common_power(e.value, error)
    decimals = _decimals(error, power)
    lo, hi = (_fixed(end, power, decimals) for end in (e.lo, e.hi))
    body = f"{_fixed(e.value, power, decimals)} {_bracket(e, lo, hi)}"
    return f"({body}){_times_ten_to(power)}" if power else body


def expected(judgement: Judgement) -> str:
    """What the paper predicts, with the tolerance it is judged by: "1 ± 0.25", "≤ 0.1"."""
    claim, tolerance = judgement.claim, judgement.tolerance
    sign = _RELATION.get(claim.relation, "")
    margin = "" if tolerance is None else f" ± {number(tolerance)}"
    return f"{sign}{number(claim.expected)}{margin}"


def cell(value: Estimate | Value) -> str:
    """A table's cell as text: an estimate with its interval, yes or no, a number, a text."""
    match value:
        case Estimate():
            return interval(value)
        case bool():
            return "yes" if value else "no"
        case int():
            return _minus(str(value)) if abs(value) < 10**15 else number(float_or_inf(value))
        case str():
            return printable(value)
        case _:
            return number(value, digits=5)


def float_or_inf(value: int) -> float:
    """An integer as a float; beyond the range of floats, an infinity."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def duration(seconds: float) -> str:
    """12.3 s, 4 min 5 s, 1 h 2 min."""
    if not math.isfinite(seconds) or seconds < 0:
        return ABSENT
    if round(seconds, 1) < 60:
        return f"{number(seconds, 3)} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def _decimals(error: float, power: int) -> int:
    """Decimals that show two significant digits of error / 10^power, rounding included."""
    return 1 - int(f"{error:.1e}".split("e")[1]) + power


def _hidden(end: float, value: float, error: float) -> bool:
    """Whether an end is decades below the value and beside it would show as 0."""
    if not (end * value > 0 and abs(end) <= abs(value) / _DECADES and error > 0):
        return False
    power = _common_power(value, error)
    return not float(_fixed(abs(end), power, _decimals(error, power)))


def _common_power(value: float, error: float) -> int:
    """The power of ten to factor out, 0 where plain digits read well."""
    largest = math.floor(math.log10(max(abs(value), error)))
    return 0 if _SMALLEST <= largest < _LARGEST else largest


def _fixed(x: float, power: int, decimals: int) -> str:
    if not math.isfinite(x):
        return _not_finite(x)
    # Divide by text, not by 10.0**power, which underflows below 1e-308.
    mantissa, exponent = f"{x:.17e}".split("e")
    scaled = float(f"{mantissa}e{int(exponent) - power}")
    # z: what rounds to zero has no sign.
    return _minus(f"{round(scaled, decimals):z.{max(0, decimals)}f}")


def _bracket(e: Estimate, lo: str, hi: str) -> str:
    return f"{'(' if e.lo == -math.inf else '['}{lo}, {hi}{')' if e.hi == math.inf else ']'}"


def _not_finite(x: float) -> str:
    if math.isnan(x):
        return "not a number"
    return "∞" if x > 0 else "−∞"


def _times_ten_to(power: int) -> str:
    return "×10" + str(power).translate(_SUPERSCRIPT)


def _unpadded(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _minus(digits: str) -> str:
    return digits.replace("-", "−")
