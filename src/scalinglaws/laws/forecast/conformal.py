"""Bands by horizon: how far beyond their own error past forecasts of this table have missed.

Split conformal prediction (Vovk, Gammerman & Shafer 2005; Lei et al. 2018,
doi:10.1080/01621459.2017.1307116) on the scores |e| / sd of a back-test, sd the standard deviation
that each forecast claimed: the band of a new forecast is log L +- q sd with q the
ceil(level (m + 1))-th of the m scores at like horizons. A band therefore needs level/(1 - level)
scores, 19 for 95 %, and with fewer there is none.

Scores are sorted by horizon and cut into up to 6 blocks of no fewer; q never falls from one block
to the next, so that no band narrows as the horizon grows. With |e| itself as the score bands came
out 2 to 14 times too wide where the law is right, because early origins know less than the whole
table does.

The exact guarantee is for exchangeable scores. Those of one table are dependent, and past
misses bound later ones only if the curve goes on as it went: the coverage is measured, not proved.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from scalinglaws.errors import BadInput

_BLOCKS = 6
_FEWEST_RUNS = 5  # that were forecast as far as a band reaches; fewer where the level needs fewer


@dataclass(frozen=True)
class Refusal:
    """Why there is no answer."""

    reason: str


@dataclass(frozen=True)
class Bands:
    """q of each block. up_to: the largest horizon in it; count: its scores."""

    level: float
    up_to: Float[ndarray, " b"]
    q: Float[ndarray, " b"]
    count: Float[ndarray, " b"]

    @property
    def longest(self) -> float:
        """The horizon beyond which there is no band."""
        return float(self.up_to[-1])

    def at(self, horizon: float) -> float | Refusal:
        """q of the block that reaches this horizon."""
        if horizon > self.longest:
            return Refusal(
                f"a forecast {horizon:.3g} times beyond the table: back-tests on it reach "
                f"{self.longest:.3g} times"
            )
        return float(self.q[np.searchsorted(self.up_to, horizon)])


def least(level: float) -> int:
    """The fewest scores of which one is the ceil(level (m + 1))-th."""
    if not 0 < level < 1:
        raise BadInput(f"level must lie between 0 and 1, got {level}")
    exact = Fraction(level).limit_denominator(10**9)  # so that .9 asks for 9
    return math.ceil(exact / (1 - exact))


def conformal(
    score: Float[ndarray, " r"],
    horizon: Float[ndarray, " r"],
    level: float,
    group: Int[ndarray, " r"] | None = None,
) -> Bands | Refusal:
    """The bands of these scores, or why there are none.

    group: the run that each is of: a run seen from many origins has missed but once. Bands reach as
    far as five runs were forecast.
    """
    fewest, r = least(level), len(score)
    if r < fewest:
        return Refusal(
            f"a {100 * level:g} % band needs {fewest} back-test residuals, the table gives {r}"
        )
    order = np.argsort(horizon, kind="stable")
    blocks = np.array_split(order, max(1, min(_BLOCKS, r // fewest)))
    needed = min(_FEWEST_RUNS, fewest)
    reach = math.inf if group is None else _tried(horizon, group, needed)
    blocks = [block for block in blocks if horizon[block].min() <= reach]
    if not blocks:
        return Refusal(f"a band needs back-test residuals of {needed} runs, the table has fewer")
    return Bands(
        level=level,
        up_to=np.array([min(float(horizon[block].max()), reach) for block in blocks]),
        q=np.maximum.accumulate([quantile(score[block], level) for block in blocks]),
        count=np.array([len(block) for block in blocks]),
    )


def _tried(horizon: Float[ndarray, " r"], group: Int[ndarray, " r"], runs: int) -> float:
    """The largest horizon at which so many runs were forecast, or at longer ones; 0 for none."""
    _, run = np.unique(group, return_inverse=True)
    longest = np.zeros(run.max() + 1)
    np.maximum.at(longest, run, horizon)
    return float(np.sort(longest)[-runs]) if len(longest) >= runs else 0.0


def quantile(score: Float[ndarray, " m"], level: float) -> float:
    """The ceil(level (m + 1))-th smallest; infinite where there are too few."""
    m = len(score)
    exact = Fraction(level).limit_denominator(10**9)
    rank = math.ceil(exact * (m + 1))
    return float(np.sort(score)[rank - 1]) if rank <= m else math.inf
