"""The laws that losses are drawn from, and where their runs are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isqrt
from typing import cast

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.random import Generator

from scalinglaws.laws.forms.additive import Additive
from scalinglaws.laws.forms.kaplan import Kaplan
from scalinglaws.laws.forms.log_power import LogPower
from scalinglaws.laws.forms.m3 import M3
from scalinglaws.laws.forms.m4 import M4
from scalinglaws.laws.forms.power import Power
from scalinglaws.laws.forms.power_constant import PowerConstant
from scalinglaws.laws.forms.shifted import Shifted
from scalinglaws.laws.forms.variance import Variance
from scalinglaws.laws.law import Kind, Law
from scalinglaws.laws.registry import LAWS

Columns = Mapping[str, Float[ndarray, " n"]]

_SIZES = (1e6, 1e9)  # x of a law of one variable
_BUDGETS = (1e18, 1e22)  # C of a joint law, with ...
_ALLOCATIONS = (2.0, 200.0)  # ... so many tokens per parameter: N and D span three decades too
_JITTER = 0.1  # decades by which N and D miss the grid, at most


def _made(law: str, *values: float) -> Law:
    """A law whose class was made when the program ran."""
    return cast(Callable[..., Law], LAWS[law])(*values)


TRUTHS: Mapping[str, Law] = {
    law.name: law
    for law in (
        Power(A=20.0, alpha=0.12),
        PowerConstant(E=1.7, A=400.0, alpha=0.34),
        Shifted(E=1.5, A=400.0, B=3e6, alpha=0.34),
        M3(A=400.0, B=1e-7, alpha=0.34),
        M4(E=1.0, L0=10.0, A=631.0, alpha=0.4),
        Variance(L_inf=1.7, c=3e6),
        LogPower(A=3.0, alpha=0.15, q=0.8),
        # E, A, alpha, and of each break its place, the exponent it adds and its width
        _made("broken", 1.2, 20.0, 0.12, 1e8, 0.15, 0.3),
        _made("broken-2", 1.2, 20.0, 0.12, 1e7, 0.15, 0.3, 1e8, -0.1, 0.3),
        # as Hoffmann et al. 2022 (arXiv:2203.15556) and Kaplan et al. 2020 (arXiv:2001.08361)
        Additive(E=1.8172, A=482.01, alpha=0.3478, B=2085.43, beta=0.3658),
        Kaplan(N_c=6.4e13, alpha_N=0.076, D_c=1.8e13, alpha_D=0.103),
    )
}


def parameters(law: str, kind: Kind) -> list[str]:
    """The law's parameters of that kind."""
    truth = TRUTHS[law]
    named = zip(truth.parameters(), truth.kinds, strict=True)
    return [name for name, is_of in named if is_of is kind]


def runs(law: str, n: int, rng: Generator) -> dict[str, Float[ndarray, " n"]]:
    """The x of n runs: log-spaced over three decades; of a joint law budgets C = 6ND by
    allocations D/N, jittered."""
    if TRUTHS[law].variables == 1:
        return {"N": np.geomspace(*_SIZES, n)}
    across = allocations(n)
    C = np.repeat(np.geomspace(*_BUDGETS, n // across), across)
    ratio = np.tile(np.geomspace(*_ALLOCATIONS, across), n // across)
    off_N, off_D = 10 ** rng.uniform(-_JITTER, _JITTER, size=(2, n))
    N = np.sqrt(C / 6 / ratio)
    return {"N": N * off_N, "D": N * ratio * off_D}


def allocations(n: int) -> int:
    """Of n runs at each budget: the largest divisor of n up to its root."""
    return max(a for a in range(1, isqrt(n) + 1) if n % a == 0)


def loss(law: str, x: Columns) -> Float[ndarray, " n"]:
    return TRUTHS[law].predict(*x.values())
