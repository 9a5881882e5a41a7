"""What is computed from a curve: the errors of single laws and of their stack, and which of its
later rows lie within the stack's intervals."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.data.runs import nsl
from scalinglaws.data.runs.tables import absent, checksum
from scalinglaws.experiments.experiment import require
from scalinglaws.result import Row
from scalinglaws.sweep.cell import Cell

if TYPE_CHECKING:
    from scalinglaws.data.runs.nsl import Curve
    from scalinglaws.laws.forecast import Forecast, Stack

VERSION = 1
HERE = "scalinglaws.experiments.nsl_benchmark.study"
CURVES = 92
DOMAINS = {"IC": "images", "NMT": "translation", "LM": "language models", "BB": "BIG-bench"}
SINGLE = ("power", "power+constant", "m3", "m4", "broken")  # M1, M2, M3, M4 and BNSL-1
STACK = "stack"
EDGES = (1.0, 1.25, 1.6, math.inf)  # of horizons: x over the largest that is fitted
_TOGETHER = 4  # curves of a cell


@dataclass(frozen=True)
class Settings:
    """What a run may vary."""

    curves: int = CURVES  # so many, evenly in the order of their names
    laws: tuple[str, ...] = ()  # that are stacked; without any, those that back_test tries unasked


@dataclass(frozen=True, kw_only=True)
class SomeCurves:
    """Curves by their places in the order of names."""

    curves: tuple[int, ...]
    laws: tuple[str, ...]
    tables: tuple[str, ...]  # SHA-256 of both


def cells(settings: Settings) -> list[Cell]:
    """Curves of all domains in every cell; none where a table is absent. Raises BadInput."""
    from scalinglaws.laws.forecast.backtest import usual

    s, able = settings, tuple(law.name for law in usual(1))
    rules = {
        f"1 <= curves <= {CURVES}": 1 <= s.curves <= CURVES,
        f"laws of {', '.join(able)}, each once": len(s.laws) == len(set(s.laws))
        and set(s.laws) <= set(able),
    }
    require("nsl-benchmark", rules)
    if absent(*nsl.TABLES):
        return []
    tables = tuple(map(checksum, nsl.TABLES))
    chosen = [i * CURVES // s.curves for i in range(s.curves)]
    blocks = math.ceil(s.curves / _TOGETHER)
    return [
        Cell(
            task=f"{HERE}:run",
            version=VERSION,
            config=SomeCurves(
                curves=tuple(chosen[first::blocks]), laws=s.laws or able, tables=tables
            ),
            cost=4 * _TOGETHER,
        )
        for first in range(blocks)
    ]


def run(config: SomeCurves) -> Sequence[Row]:
    """A row per curve, and one per curve and part of its horizon."""
    curves = nsl.load(*config.tables)
    return [row for curve in config.curves for row in rows_of(curves[curve], config.laws)]


def rows_of(curve: Curve, laws: Sequence[str]) -> Iterator[Row]:
    """The curve's errors, then its intervals."""
    from scalinglaws.laws.forecast import back_test, stack

    made = stack(back_test({"D": curve.D, "loss": curve.L}, laws, x="D"), curve.horizon)
    forecasts = [made.predict(D) for D in curve.D_ahead.tolist()]
    named: Row = {"domain": curve.domain, "task": curve.task, "model": curve.model}
    log_L = np.log(curve.L_ahead)
    yield {
        "kind": "curve",
        **named,
        "n": len(curve.D),
        "ahead": len(curve.D_ahead),
        "repeats": curve.repeats,
        "horizon": curve.horizon,
        **{law: single_law(curve, law) for law in SINGLE},
        STACK: _rmsle(log_L - np.log([forecast.loss.value for forecast in forecasts])),
        **_about(made),
    }
    for part in held(curve.L_ahead, forecasts):
        yield {"kind": "horizon", **named, **part}


def single_law(curve: Curve, name: str) -> float | None:
    """RMSLE of one law's least-squares fit; None where the curve has too few rows for it."""
    from scalinglaws.laws.fitting.optimise import Problem
    from scalinglaws.laws.registry import law_named

    law = law_named(name)
    if len(np.unique(curve.D)) < len(law.kinds):
        return None
    problem = Problem(law, np.log(curve.D)[None], np.log(curve.L))
    theta = problem.best(problem.starts()).theta
    return _rmsle(np.log(curve.L_ahead) - law.log_loss(theta, np.log(curve.D_ahead)[None]))


def held(L: Float[ndarray, " m"], forecasts: Sequence[Forecast]) -> Iterator[Row]:
    """Of the rows of each part of the horizon: how many lie within their intervals.

    A forecast that says it is unsupported has no interval to be held against: what it shows is the
    band that its fits claim. Such rows are counted apart.
    """
    from scalinglaws.laws.fitting.status import FitStatus

    horizon = np.array([forecast.horizon for forecast in forecasts])
    lo, hi = (np.array([getattr(f.loss, end) for f in forecasts]) for end in ("lo", "hi"))
    refused = np.array([forecast.status is FitStatus.UNSUPPORTED for forecast in forecasts])
    for above, to in pairwise(EDGES):
        those = (horizon > above) & (horizon <= to)
        banded = those & ~refused
        if those.any():
            with np.errstate(divide="ignore"):  # an interval down to 0 is open
                width = np.log(hi[banded] / lo[banded]) / 2
            middle = float(np.median(width)) if banded.any() else math.inf
            yield {
                "above": above,
                "rows": int(banded.sum()),
                "inside": int(((lo <= L) & (hi >= L))[banded].sum()),
                "worse": int((hi < L)[banded].sum()),
                "refused": int((those & refused).sum()),
                "at": float(np.median(horizon[those])),
                "width": middle if math.isfinite(middle) else None,
            }


def _about(made: Stack) -> Row:
    """What the stack is made of."""
    return {
        "laws": len(made.weight),
        "heaviest": max(made.weight, key=lambda law: made.weight[law]),
        "residuals": made.test.e.shape[1],
    }


def _rmsle(error: Float[ndarray, " m"]) -> float | None:
    found = float(np.sqrt(np.mean(error**2)))
    return found if math.isfinite(found) else None
