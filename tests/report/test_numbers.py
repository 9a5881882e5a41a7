"""Numbers are shown with as many digits as their errors allow, and shown right."""

from __future__ import annotations

import math
import re
import sys
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from report_results import INF, NAN, judged

from scalinglaws.estimate import Estimate
from scalinglaws.report.numbers import cell, duration, expected, interval, number, with_error
from scalinglaws.result import Relation

magnitudes = st.builds(
    lambda mantissa, power, sign: sign * mantissa * 10.0**power,
    st.floats(1, 9.999),
    st.integers(-290, 290),
    st.sampled_from([1, -1]),
)
ordinary = st.floats(-1e9, 1e9).filter(lambda x: abs(x) > 1e-9)
ratios = st.floats(1e-6, 1e3)  # error / |value|


def read(shown: str) -> tuple[list[Decimal], Decimal]:
    """The numbers in a text, and one unit in the last place of the first of them."""
    ascii_ = shown.translate(str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789"))
    body, _, power = ascii_.partition("×10")
    scale = Decimal(10) ** int(power or 0)
    digits = re.findall(r"-?\d+(?:\.\d+)?", body)
    unit = Decimal(10) ** -len(digits[0].partition(".")[2])
    return [Decimal(d) * scale for d in digits], unit * scale


def rounded(shown: Decimal, true: float, unit: Decimal) -> bool:
    slack = Decimal(abs(true)) * Decimal(sys.float_info.epsilon)
    return abs(shown - Decimal(true)) <= unit / 2 + slack


@given(magnitudes | ordinary, st.integers(1, 12))
@settings(deadline=None, max_examples=200)
def test_a_number_is_shown_to_its_digits(x: float, digits: int):
    (shown,), _ = read(number(x, digits))
    unit = Decimal(10) ** (Decimal(x).adjusted() - digits + 1)
    assert rounded(shown, x, unit)
    assert len(number(x, digits)) <= digits + len("−0.00×10⁻¹²³") + 5


@given(magnitudes | ordinary, ratios)
@settings(deadline=None, max_examples=200)
def test_value_and_error_are_shown_to_two_digits_of_the_error(value: float, ratio: float):
    error = abs(value) * ratio
    (shown, shown_error), unit = read(with_error(value, error))
    step = Decimal(10) ** (Decimal(f"{error:.1e}").adjusted() - 1)
    assert unit <= max(step, 1)  # whole numbers show their last digits as zeros
    assert rounded(shown, value, step)
    assert rounded(shown_error, error, step)


@given(magnitudes | ordinary, ratios)
@settings(deadline=None, max_examples=200)
def test_an_interval_is_shown_to_two_digits_of_its_standard_error(value: float, ratio: float):
    e = Estimate.normal(value, abs(value) * ratio)
    # An end decades below the value has digits of its own.
    assume(min(abs(e.lo), abs(e.hi)) > 0.01 * abs(value))
    shown, _ = read(interval(e))
    step = Decimal(10) ** (Decimal(f"{e.stderr:.1e}").adjusted() - 1)
    assert len(shown) == 3
    assert all(map(rounded, shown, (e.value, e.lo, e.hi), [step] * 3))


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (4.13, 0.052, "4.130 ± 0.052"),
        (4.13, 0.0996, "4.13 ± 0.10"),
        (4.13, 0.0994, "4.130 ± 0.099"),
        (1234.5, 170.0, "1230 ± 170"),
        (-2.0, 0.5, "−2.00 ± 0.50"),
        (1.5e-7, 2e-9, "(1.500 ± 0.020)×10⁻⁷"),
        (2.5e9, 3e8, "(2.50 ± 0.30)×10⁹"),
        (3.0, 0.0, "3 ± 0"),
        (3.0, NAN, "3 ± not a number"),
        (3.0, INF, "3 ± ∞"),
        (5e-324, 5e-324, "(4.9 ± 4.9)×10⁻³²⁴"),
    ],
)
def test_with_error(value: float, error: float, shown: str):
    assert with_error(value, error) == shown


@pytest.mark.parametrize(
    ("e", "shown"),
    [
        (Estimate(4.13, 0.1, 4.0, 4.33), "4.13 [4.00, 4.33]"),
        (Estimate(4.13, 0.1, -INF, 4.33), "4.13 (−∞, 4.33]"),
        (Estimate(4.13, 0.1, 4.0, INF), "4.13 [4.00, ∞)"),
        (Estimate(4.13, INF, -INF, INF), "4.13 (−∞, ∞)"),
        (Estimate(4.13, NAN, NAN, NAN), "4.13 [not a number, not a number]"),
        (Estimate(2.0, 0.0, 2.0, 2.0), "2 ± 0"),
        (Estimate(0.0, 0.0, 0.0, 0.0), "0 ± 0"),
        (Estimate(0.0, 0.1, -0.2, 0.2), "0.00 [−0.20, 0.20]"),
        (Estimate(NAN, 0.1, 0.0, 1.0), "not a number"),
        (Estimate(-INF, INF, -INF, INF), "−∞"),
        (Estimate(3.1e8, 1e7, 2.9e8, 3.3e8), "(3.10 [2.90, 3.30])×10⁸"),
        (Estimate(1.2e-5, 1e-7, 1.1e-5, INF), "(1.200 [1.100, ∞))×10⁻⁵"),
        (Estimate(8.8e13, 1e12, 1e10, 1e30), "8.8×10¹³ [1×10¹⁰, 1×10³⁰]"),  # N_c of Kaplan, say
        (Estimate(1.0, 0.1, -INF, 1e300), "1 (−∞, 1×10³⁰⁰]"),
        (Estimate(1.0, 0.1, 0.9, 99.0), "1.00 [0.90, 99.00]"),
        (Estimate(1.0, 1e-20, 0.5, 2.0), "1 [0.5, 2]"),
        (Estimate(1.6e19, INF, 2.19e15, INF), "1.6×10¹⁹ [2.19×10¹⁵, ∞)"),  # not 0.0
        (Estimate(-1.6e19, INF, -INF, -2.19e15), "−1.6×10¹⁹ (−∞, −2.19×10¹⁵]"),
        (Estimate(1.0, 0.5, 0.003, 2.0), "1 [0.003, 2]"),
        (Estimate(1.0, 0.5, 0.02, 2.0), "1.00 [0.02, 2.00]"),
        (Estimate(1.6e19, INF, 0.0, INF), "(1.6 [0.0, ∞))×10¹⁹"),
        (Estimate.normal(-0.0001, 0.05), "0.000 [−0.098, 0.098]"),
        (None, "—"),
    ],
)
def test_interval(e: Estimate | None, shown: str):
    assert interval(e) == shown


@pytest.mark.parametrize(
    ("x", "shown"),
    [
        (0.001, "0.001"),
        (0.00099999, "0.001"),
        (0.0009994, "9.994×10⁻⁴"),
        (999949.0, "999900"),
        (999960.0, "1×10⁶"),
        (1e6, "1×10⁶"),
        (-1.2e-5, "−1.2×10⁻⁵"),
        (1e100, "1×10¹⁰⁰"),
        (0.0, "0"),
        (-0.0, "0"),
        (100.0, "100"),
        (2.5, "2.5"),
        (INF, "∞"),
        (-INF, "−∞"),
        (NAN, "not a number"),
        (None, "—"),
    ],
)
def test_number(x: float | None, shown: str):
    assert number(x) == shown


def test_a_power_of_ten_stands_outside_plain_digits_only():
    for power in range(-12, 13):
        assert ("×10" in number(10.0**power)) == (not -3 <= power < 6)
        assert ("×10" in interval(Estimate.normal(10.0**power, 10.0 ** (power - 2)))) == (
            not -3 <= power < 6
        )


@given(ordinary, st.floats(0, 1e3))
@settings(deadline=None, max_examples=100)
def test_no_ascii_minus_is_shown(value: float, error: float):
    assume(value - error != value or error == 0)
    for shown in (number(value), with_error(value, error), interval(Estimate.normal(value, error))):
        assert "-" not in shown
        assert "e" not in shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "yes"),
        (False, "no"),
        (-3, "−3"),
        (123456789, "123456789"),
        (10**20, "1×10²⁰"),
        (0.123456789, "0.12346"),
        (None, "—"),
        ("1e5", "1e5"),
        ("a\x1bb", "a\ufffdb"),
        (Estimate(4.13, 0.1, 4.0, 4.33), "4.13 [4.00, 4.33]"),
    ],
)
def test_cell(value: object, shown: str):
    assert cell(value) == shown  # pyright: ignore


@pytest.mark.parametrize(("sign", "shown"), [(1, "∞"), (-1, "−∞")])
def test_an_integer_beyond_floats_is_an_infinity(sign: int, shown: str):
    assert cell(sign * 10**400) == shown


@pytest.mark.parametrize(
    ("relation", "shown"),
    [
        (Relation.EQUALS, "1 ± 0.25"),
        (Relation.AT_MOST, "≤ 1"),
        (Relation.AT_LEAST, "≥ 1"),
    ],
)
def test_expected(relation: Relation, shown: str):
    assert expected(judged(relation=relation)) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0, "0 s"),
        (0.01234, "0.0123 s"),
        (12.34, "12.3 s"),
        (60.0, "1 min 0 s"),
        (245.4, "4 min 5 s"),
        (3599.6, "1 h 0 min"),
        (90061.0, "25 h 1 min"),
        (NAN, "—"),
        (INF, "—"),
        (-1.0, "—"),
        (59.94, "59.9 s"),
        (59.99, "1 min 0 s"),
    ],
)
def test_duration(seconds: float, shown: str):
    assert duration(seconds) == shown


@pytest.mark.parametrize("error", [1e-16, 1e-20])
def test_an_error_is_never_shown_as_zero(error: float):
    (_, shown), _ = read(with_error(1.0, error))
    assert shown > 0
    assert math.isclose(shown, error, rel_tol=0.05)
