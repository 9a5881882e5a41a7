"""Where each fit puts the best allocation of compute, and its exponents."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from scalinglaws.data.runs.gemstones import SUBSETS
from scalinglaws.experiments.gemstones.intervals import bootstrapped
from scalinglaws.experiments.network_dimension.rows import number, where
from scalinglaws.result import Axis, Figure, Panel, Row, Series

SOURCE = "McLeish et al. 2025, arXiv:2502.06857: "
COMPUTE = (1e18, 1e26)  # FLOPs, over which the best allocation is drawn


def figures(rows: Sequence[Row]) -> tuple[Figure, ...]:
    """Of the fits there are."""
    return _rainbow(rows), _exponents(rows)


def _rainbow(rows: Sequence[Row]) -> Figure:
    return Figure(
        id="rainbow",
        title="The best allocation of compute, by the choice of runs",
        source=SOURCE + "how choices move the best allocation",
        caption="Tokens per parameter that minimise the fitted law at 6ND = C; the slope is 1 - 2a "
        "with a = beta/(alpha + beta). Lines: our optima; dashed: the published ones, of the same "
        "subset in the same colour.",
        panels=tuple(
            Panel(
                _title(delta),
                Axis("compute $C$ (FLOP)", "log"),
                Axis("best tokens per parameter $D^*/N^*$", "log"),
                tuple(_lines(rows, delta)),
            )
            for delta in _deltas(rows)
        ),
    )


def _lines(rows: Sequence[Row], delta: float) -> Iterator[Series]:
    for row in where(rows, kind="fit", delta=delta):
        color = SUBSETS.index(str(row["subset"]))
        for whose, label, kind in (("", _label(row), "line"), ("_published", "", "reference")):
            ratios = tuple(C / (6 * best_N(row, C, whose) ** 2) for C in COMPUTE)
            yield Series(label, COMPUTE, ratios, kind=kind, color=color)  # pyright: ignore


def best_N(row: Row, C: float, whose: str = "") -> float:
    """N* = (alpha A / (beta B))^(1/(alpha+beta)) (C/6)^a, Hoffmann et al. 2022, eq. 4."""
    log_A, alpha, log_B, beta = (
        number(row, name + whose) for name in ("log_A", "alpha", "log_B", "beta")
    )
    log_G = (math.log(alpha / beta) + log_A - log_B) / (alpha + beta)
    return math.exp(log_G + beta / (alpha + beta) * math.log(C / 6))


def _exponents(rows: Sequence[Row]) -> Figure:
    return Figure(
        id="exponents",
        title="The exponents, by the choice of runs",
        source=SOURCE + "approach 3",
        caption="Filled: ours with 95 % intervals of a bootstrap of models. Open: as published.",
        panels=tuple(
            Panel(
                _title(delta),
                Axis(r"$\alpha$"),
                Axis(r"$\beta$"),
                tuple(_crosses(rows, delta)),
            )
            for delta in _deltas(rows)
        ),
    )


def _crosses(rows: Sequence[Row], delta: float) -> Iterator[Series]:
    for row in where(rows, kind="fit", delta=delta):
        color = SUBSETS.index(str(row["subset"]))
        alpha, beta = (bootstrapped(rows, row, name) for name in ("alpha", "beta"))
        if alpha is None or beta is None:
            continue
        yield Series(
            _label(row),
            (alpha.value,),
            (beta.value,),
            lo=(beta.lo,),
            hi=(beta.hi,),
            x_lo=(alpha.lo,),
            x_hi=(alpha.hi,),
            color=color,
        )
        yield Series(
            "",
            (number(row, "alpha_published"),),
            (number(row, "beta_published"),),
            color=color,
            marker="open",
        )


def _label(row: Row) -> str:
    return str(row["subset"]).replace("_", " ")


def _title(delta: float) -> str:
    return rf"$\delta = 10^{{{round(math.log10(delta))}}}$"


def _deltas(rows: Sequence[Row]) -> list[float]:
    return sorted({number(row, "delta") for row in rows}, reverse=True)
