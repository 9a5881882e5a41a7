"""N*(C), D*(C) and L*(C) of any law L(N, D): the least loss that C FLOPs buy.

    L*(C) = min over N of L(N, D(C, N)),   C = flops(N, D)
Hoffmann et al. 2022 (arXiv:2203.15556, eq. 4) give the closed form for E + A/N^alpha + B/D^beta
and C = 6ND, N* = G (C/6)^(beta/(alpha+beta)), G = (alpha A / (beta B))^(1/(alpha+beta)); here the
minimum is found in log N, so that any law and any cost per token will do.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput
from scalinglaws.laws.compute.flops import FlopRule, flop_rule

_GRID = 241  # trial N at each C, to find the lowest valley
_SHRINK = (math.sqrt(5) - 1) / 2  # golden section
_STEPS = 60  # of it: the bracket shrinks by 3e-13


class JointLaw(Protocol):
    """L(N, D)."""

    def predict(self, N: ArrayLike, D: ArrayLike, /) -> Float[ndarray, ...]: ...


@dataclass(frozen=True)
class ComputeOptimal:
    """The best allocation at each C; nan where the law's loss falls to an end of the range of N.

    They are the law's own: they carry no error but through its parameters. Repeat over draws of
    those for an interval.
    """

    C: Float[ndarray, ...]
    N: Float[ndarray, ...]
    D: Float[ndarray, ...]
    L: Float[ndarray, ...]
    flops: str  # the rule's name
    notes: tuple[str, ...]


def compute_optimal(
    law: JointLaw,
    C: ArrayLike,
    *,
    flops: str | FlopRule | Callable[..., ArrayLike] = "6ND",
    N_range: tuple[float, float] | None = None,
) -> ComputeOptimal:
    """The N, D and loss that are best for C FLOPs.

    flops: a name in FLOP_RULES, a rule, or any C(N, D) linear in D. N_range: where N is sought;
    by default from one parameter to the N for which C buys one token.
    The loss near its minimum is flat: N* is known to about the square root of double precision.
    """
    rule, budgets = flop_rule(flops), np.asarray(C, dtype=float)
    if not (np.isfinite(budgets) & (budgets > 0)).all():
        raise BadInput("compute must be positive and finite")
    flat = budgets.ravel()
    lo, hi = _range(rule, flat, N_range)

    def loss(log_N: Float[ndarray, "... c"]) -> Float[ndarray, "... c"]:
        N = np.exp(log_N)
        with np.errstate(over="ignore"):
            return np.asarray(law.predict(N, rule.D(flat, N)), dtype=float)

    grid = lo + (hi - lo) * np.linspace(0, 1, _GRID)[:, None]  # (g, c)
    best = np.argmin(loss(grid), axis=0)
    inner = np.clip(best, 1, _GRID - 2)
    step = (hi - lo) / (_GRID - 1)
    log_N = _golden(loss, lo + step * (inner - 1), lo + step * (inner + 1))
    edge = best != inner
    log_N = np.where(edge, math.nan, log_N)
    N = np.exp(log_N).reshape(budgets.shape)
    at = (budgets, N, rule.D(budgets, N), loss(log_N).reshape(budgets.shape))
    notes = [f"no least loss inside the range of N at C = {c:.3g}" for c in flat[edge]]
    return ComputeOptimal(*at, rule.name, tuple(notes))


def _range(
    rule: FlopRule, C: Float[ndarray, " c"], N_range: tuple[float, float] | None
) -> tuple[Float[ndarray, " c"], Float[ndarray, " c"]]:
    """Ends of log N."""
    if N_range is not None:
        if not 0 < N_range[0] < N_range[1] < math.inf:
            raise BadInput(f"the range of N must be positive and ascending, got {N_range}")
        lo, hi = np.log(N_range)
        return np.full(len(C), lo), np.full(len(C), hi)
    lo, hi = np.zeros(len(C)), np.log(C)  # a parameter costs a FLOP or more per token
    for _ in range(60):  # bisection for D = 1
        middle = (lo + hi) / 2
        pays = rule.D(C, np.exp(middle)) >= 1
        lo, hi = np.where(pays, middle, lo), np.where(pays, hi, middle)
    return np.zeros(len(C)), hi


def _golden(
    f: Callable[[Float[ndarray, " c"]], Float[ndarray, " c"]],
    lo: Float[ndarray, " c"],
    hi: Float[ndarray, " c"],
) -> Float[ndarray, " c"]:
    """The minima of f between lo and hi, each by golden section."""
    a, b = hi - _SHRINK * (hi - lo), lo + _SHRINK * (hi - lo)
    f_a, f_b = f(a), f(b)
    for _ in range(_STEPS):
        left = f_a <= f_b
        lo, hi = np.where(left, lo, a), np.where(left, b, hi)
        new = np.where(left, hi - _SHRINK * (hi - lo), lo + _SHRINK * (hi - lo))
        f_new = f(new)
        a, b = np.where(left, new, b), np.where(left, a, new)
        f_a, f_b = np.where(left, f_new, f_b), np.where(left, f_a, f_new)
    return (lo + hi) / 2
