"""Derived columns: arithmetic as Python means it, and nothing else."""

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalinglaws.errors import BadInput
from scalinglaws.files.derive import derivation

COLUMNS = {"C": np.array([6.0, 24.0]), "N": np.array([1.0, 2.0])}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("C/(6*N)", [1, 2]),
        ("-C + 2*N**2", [-4, -16]),
        ("C - N - N", [4, 20]),
        ("2**N**2", [2, 16]),
        ("log(exp(N))", [1, 2]),
        ("sqrt(C*C)", [6, 24]),
        ("1e3*N", [1000, 2000]),
    ],
)
def test_arithmetic(expression: str, expected: list[float]):
    one = derivation("D", expression)
    np.testing.assert_allclose(one.evaluate(COLUMNS), expected, rtol=1e-14)


OPERATIONS = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}
operands = st.sampled_from([*COLUMNS.items(), ("2", np.float64(2)), ("0.5", np.float64(0.5))])


def joined(parts):
    """The text and the value of one operation between two expressions."""
    (left, u), sign, (right, v) = parts
    with np.errstate(all="ignore"):
        return f"({left}{sign}{right})", OPERATIONS[sign](u, v)


expressions = st.recursive(
    operands,
    lambda inner: st.tuples(inner, st.sampled_from(sorted(OPERATIONS)), inner).map(joined),
    max_leaves=8,
).filter(lambda pair: np.ndim(pair[1]) == 1)


@given(expressions)
@settings(deadline=None, max_examples=60)
def test_every_expression_has_the_value_it_was_built_with(pair):
    expression, expected = pair
    np.testing.assert_array_equal(derivation("D", expression).evaluate(COLUMNS), expected)


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('true')",
        "C.real",
        "C[0]",
        "lambda: C",
        "[C for C in N]",
        "C if N else N",
        "C; N",
        "C == N",
        "C // N",
        "C % N",
        "C ^ 2",
        "C and N",
        "(C := N)",
        "'a' * N",
        "True * N",
        "1j * N",
        "f'{N}'",
        "print(N)",
        "exp(N, N)",
        "exp(x=N)",
        "exp",
        "log + N",
        "*N",
        "",
        "C +",
        "(" * 250 + "N",
        "N" + "+N" * 200,
        "-" * 200 + "N",
        "\x00",
        "6",
    ],
)
def test_what_is_not_plain_arithmetic_of_columns_is_refused(expression: str):
    with pytest.raises(BadInput, match="--derive"):
        derivation("D", expression)


def test_a_tower_of_powers_costs_nothing():
    begun = time.process_time()
    assert np.isinf(derivation("D", "N + 9**9**9**9").evaluate(COLUMNS)).all()
    assert time.process_time() - begun < 0.5


def test_overflow_and_bad_logarithms_are_left_for_the_reader_to_name():
    assert math.isinf(derivation("D", "exp(1000*N)").evaluate(COLUMNS)[0])
    assert math.isnan(derivation("D", "log(-N)").evaluate(COLUMNS)[0])


@pytest.mark.parametrize("name", ["1D", "a b", "D-1", ""])
def test_the_new_name_must_be_usable_in_expressions(name: str):
    with pytest.raises(BadInput, match="cannot name a column"):
        derivation(name, "N")
