"""Columns derived by arithmetic: 'D = C / (6*N)'. Parsed and walked, never evaluated as code.

Allowed: + - * / **, parentheses, decimal numbers, names of columns, log, exp, sqrt. Everything
is float64 arithmetic on whole columns, so the cost is bounded by the length of the expression.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.errors import BadInput, UnknownName

Column = Float[ndarray, " n"]

_LONGEST = 300  # characters
_DEEPEST = 40  # levels of nesting
_BINARY: dict[type[ast.operator], Callable[..., Column]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}
_UNARY: dict[type[ast.unaryop], Callable[..., Column]] = {
    ast.UAdd: np.positive,
    ast.USub: np.negative,
}
_FUNCTIONS: dict[str, Callable[..., Column]] = {"log": np.log, "exp": np.exp, "sqrt": np.sqrt}


@dataclass(frozen=True)
class Derivation:
    """name = expression; `uses` are the columns it needs."""

    name: str
    expression: str
    uses: frozenset[str]

    def evaluate(self, columns: Mapping[str, Column]) -> Column:
        """The new column. Values that are not finite are left for the reader to name."""
        with np.errstate(all="ignore"):
            value = _value(_parse(self.expression), columns)
        length = len(next(iter(columns.values())))
        return np.broadcast_to(value, (length,)).astype(float)


def derivation(name: str, expression: str) -> Derivation:
    """Check `name = expression`. Raises BadInput for what is not plain arithmetic."""
    if not name.isidentifier():
        raise BadInput(f"--derive: {name!r} cannot name a column: use letters, digits and _")
    uses = frozenset(_names(_parse(expression), 0))
    if not uses:
        raise BadInput(f"--derive {name}: the expression names no column")
    return Derivation(name, expression, uses)


def _parse(expression: str) -> ast.expr:
    if len(expression) > _LONGEST:
        raise BadInput(f"--derive: an expression may have {_LONGEST} characters at most")
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise BadInput(f"--derive: {expression!r} is not arithmetic, like C/(6*N)") from None


def _names(node: ast.expr, depth: int) -> set[str]:
    """The columns a permitted expression names; BadInput for any other expression."""
    if depth > _DEEPEST:
        raise BadInput(f"--derive: an expression may be nested {_DEEPEST} levels at most")
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return set()
        case ast.Name(id=name) if name not in _FUNCTIONS:
            return {name}
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            return _names(operand, depth + 1)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _names(left, depth + 1) | _names(right, depth + 1)
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            return _names(argument, depth + 1)
        case ast.BinOp(op=ast.BitXor()):
            raise BadInput("--derive: write a power as **, not ^")
        case ast.Call(func=ast.Name(id=name)) if name not in _FUNCTIONS:
            raise UnknownName("function of --derive", name, _FUNCTIONS)
        case _:
            raise BadInput(
                f"--derive: {ast.unparse(node)!r} is not allowed: numbers, columns, "
                "+ - * / **, parentheses, log, exp and sqrt are"
            )


def _value(node: ast.expr, columns: Mapping[str, Column]) -> Column | np.float64:
    match node:
        case ast.Constant(value=int() | float() as value):
            return _number(value)
        case ast.Name(id=name):
            return columns[name]
        case ast.UnaryOp(op=op, operand=operand):
            return _UNARY[type(op)](_value(operand, columns))
        case ast.BinOp(left=left, op=op, right=right):
            return _BINARY[type(op)](_value(left, columns), _value(right, columns))
        case ast.Call(func=ast.Name(id=name), args=[argument]):
            return _FUNCTIONS[name](_value(argument, columns))
        case _:
            raise AssertionError("the expression was not checked")


def _number(value: int | float) -> np.float64:
    try:
        return np.float64(value)
    except OverflowError:
        return np.float64("inf")
