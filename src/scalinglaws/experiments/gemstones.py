"""gemstones: one law, eight subsets of one set of runs, two deltas.

McLeish et al. 2025 (arXiv:2502.06857), approach 3: E + A/N^alpha + B/D^beta by Huber's loss on log
loss, fitted to subsets of their models by cooldown, length, learning rate and shape.

    scalinglaws run gemstones --data DIR

Their sixteen fits again: the objective is theirs and never above theirs, which from 4500 starts
each stops short where the valley is flat; then intervals, and how far the choices move the best
allocation. The tables are theirs and not part of this package.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scalinglaws.data.runs import gemstones
from scalinglaws.data.runs.gemstones import PUBLISHED, SUBSETS, TABLES
from scalinglaws.data.runs.tables import absent, checksum
from scalinglaws.experiments.experiment import Experiment, require
from scalinglaws.experiments.network_dimension.rows import number, where
from scalinglaws.experiments.public_runs import fits
from scalinglaws.experiments.public_runs.absence import nothing
from scalinglaws.experiments.public_runs.fits import NAMES, estimate_of
from scalinglaws.experiments.public_runs.printed import exactly, half_units
from scalinglaws.result import (
    Axis,
    Budget,
    Claim,
    Figure,
    Findings,
    Panel,
    Relation,
    Row,
    Series,
    Table,
)
from scalinglaws.sweep.cell import Cell

SHORT = "McLeish et al. 2025, arXiv:2502.06857: "
DELTAS = (1e-3, 1e-4)
VERSION = 1
PRINTED = ("E", "log_A", "alpha", "log_B", "beta")
COMPUTE = (1e18, 1e26)  # FLOPs, over which the best allocation is drawn

NEVER_ABOVE = Claim(
    id="never-above",
    statement="Our objective over the published one, less 1: the largest of all fits",
    source=SHORT + "the fits of approach 3, objective to ten decimals",
    expected=0.0,
    relation=Relation.AT_MOST,
)
SAME = Claim(
    id="same-objective",
    statement="Our objective at the published law from the published objective, in half units of "
    "its last digit (the farthest)",
    source=NEVER_ABOVE.source,
    expected=1.0,
    relation=Relation.AT_MOST,
)
DIGITS = Claim(
    id="three-digits",
    statement="Relative difference of a parameter from the published one at delta = 0.001 is below "
    "what three digits resolve (E, log A, alpha, log B, beta; the largest of all subsets)",
    source=SHORT + "the fits of approach 3",
    expected=5e-3,
    relation=Relation.AT_MOST,
)
MOVED = Claim(
    id="choices-move-alpha",
    statement="No alpha lies in the 95 % intervals of all subsets: the largest lower end less the "
    "smallest upper end, at the delta where it is smaller",
    source="Beyond the paper, which shows laws to move with the choice of runs",
    expected=0.0,
    relation=Relation.AT_LEAST,
)
CLAIMS = (NEVER_ABOVE, SAME, DIGITS, MOVED)


@dataclass(frozen=True)
class Settings:
    """What a run may vary."""

    subsets: tuple[str, ...] = SUBSETS
    deltas: tuple[float, ...] = DELTAS


@dataclass(frozen=True, kw_only=True)
class OneFit:
    """A subset under Huber's loss."""

    subset: str
    delta: float
    table: str  # SHA-256 of the subset's file
    published: str  # and of the table of published fits


def cells(settings: Settings) -> list[Cell]:
    """A cell per fit; none where a table is absent. Raises BadInput."""
    s = settings
    rules = {
        f"subsets of {', '.join(SUBSETS)}, each once": 0 < len(s.subsets) == len(set(s.subsets))
        and set(s.subsets) <= set(SUBSETS),
        f"deltas of {DELTAS}, each once": 0 < len(s.deltas) == len(set(s.deltas))
        and set(s.deltas) <= set(DELTAS),
    }
    require("gemstones", rules)
    if absent(*_tables(s)):
        return []
    published = checksum(PUBLISHED)
    return [
        Cell(
            task=f"{__name__}:run",
            version=VERSION,
            config=OneFit(
                subset=subset, delta=delta, table=checksum(TABLES[subset]), published=published
            ),
            cost=5,
        )
        for subset in s.subsets
        for delta in s.deltas
    ]


def _tables(settings: Settings) -> list[gemstones.RunTable]:
    return [*(TABLES[subset] for subset in settings.subsets), PUBLISHED]


def run(config: OneFit) -> Sequence[Row]:
    """The optimum with intervals, beside the published law and its objective."""
    import numpy as np

    runs = gemstones.load(config.subset, config.table)
    of = gemstones.published(config.published)[config.subset, config.delta]
    fit = fits.fitted(runs, "huber", config.delta)
    law = {name: float(printed) for name, printed in of.law.items()}
    theta = np.array([math.log(law["E"]), law["log_A"], law["alpha"], law["log_B"], law["beta"]])
    row: Row = {
        "subset": config.subset,
        "delta": config.delta,
        "n": fit.n,
        "n_published": of.n,
        "objective": fit.objective.value,
        "objective_published": of.objective,
        "objective_at_published": fit.problem.F(theta) / 2,
        **fits.optimum_row(fit.optimum),
        **fits.interval_row(fit),
        **{f"{name}_published": value for name, value in law.items()},
    }
    return [row]


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Verdicts, the fits, and the rainbow of slopes."""
    if not rows:
        return nothing(CLAIMS, budget, _tables(settings))
    at_1e3 = where(rows, delta=1e-3)
    missing = len(settings.subsets) * len(settings.deltas) - len(rows)
    partly = f"{missing} fits not computed" if missing else ""
    return Findings(
        claims=(
            NEVER_ABOVE.judge_all(map(exactly, map(_excess, rows)), budget, reason=partly),
            SAME.judge_all((exactly(_off(row)) for row in rows), budget, reason=partly),
            DIGITS.judge_all(
                (exactly(_difference(row, name)) for row in at_1e3 for name in PRINTED),
                budget,
                reason=_stopped_short(at_1e3),
            ),
            MOVED.judge_all(
                (exactly(_gap(where(rows, delta=delta))) for delta in settings.deltas), budget
            ),
        ),
        tables=(_objectives(rows), _laws(rows)),
        figures=(_rainbow(rows), _exponents(rows)),
        notes=_notes(),
    )


def _excess(row: Row) -> float:
    return number(row, "objective") / float(str(row["objective_published"])) - 1


def _off(row: Row) -> float:
    return half_units(number(row, "objective_at_published"), str(row["objective_published"]))


def _difference(row: Row, name: str) -> float:
    return abs(number(row, name) / number(row, f"{name}_published") - 1)


def _third_digit(row: Row, name: str) -> bool:
    """Whether ours is within half a unit of the published number's third digit."""
    published = number(row, f"{name}_published")
    unit = 10.0 ** (math.floor(math.log10(abs(published))) - 2)
    return abs(number(row, name) - published) <= unit / 2


def _stopped_short(rows: Sequence[Row]) -> str:
    off = [
        f"{name} of {row['subset']}"
        for row in rows
        for name in PRINTED
        if not _third_digit(row, name)
    ]
    return f"beyond half a unit of the third digit: {', '.join(off)}" if off else ""


def _gap(rows: Sequence[Row]) -> float:
    intervals = [estimate_of(row, "alpha") for row in rows]
    return max(i.lo for i in intervals) - min(i.hi for i in intervals)


def _objectives(rows: Sequence[Row]) -> Table:
    return Table(
        id="objectives",
        title="Objectives reached",
        columns=(
            *("subset", "delta", "runs", "published", "ours", "ours / published - 1"),
            *("starts agreed", "stationarity"),
        ),
        rows=tuple(
            (
                *(row[key] for key in ("subset", "delta", "n")),
                float(str(row["objective_published"])),
                row["objective"],
                _excess(row),
                f"{row['agreed']} of {row['starts']}",
                row["stationarity"],
            )
            for row in rows
        ),
        note="The sum of Huber's loss. Published: the best of 4500 starts of L-BFGS-B.",
    )


def _laws(rows: Sequence[Row]) -> Table:
    return Table(
        id="laws",
        title="The law by subset and delta",
        columns=("subset", "delta", *NAMES, "alpha, published", "beta, published", "a"),
        rows=tuple(
            (
                row["subset"],
                row["delta"],
                *(estimate_of(row, name) for name in NAMES),
                row["alpha_published"],
                row["beta_published"],
                row["a"],
            )
            for row in rows
        ),
        note="Intervals are 95 % profiles of points taken as independent; those of one run are "
        "not. a = beta/(alpha + beta): N that is best for C grows as C^a.",
    )


def _rainbow(rows: Sequence[Row]) -> Figure:
    return Figure(
        id="rainbow",
        title="The best allocation of compute, by the choice of runs",
        source=SHORT + "how choices move the best allocation",
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
    for row in where(rows, delta=delta):
        color = SUBSETS.index(str(row["subset"]))
        for whose, label, kind in (("", _label(row), "line"), ("_published", "", "reference")):
            ratios = tuple(C / (6 * best_N(row, C, whose) ** 2) for C in COMPUTE)
            yield Series(label, COMPUTE, ratios, kind=kind, color=color)  # pyright: ignore


def best_N(row: Row, C: float, whose: str = "") -> float:
    """N* = (alpha A / (beta B))^(1/(alpha+beta)) (C/6)^a, Hoffmann et al. 2022, eq. 4."""
    log_A, alpha, log_B, beta = (number(row, name + whose) for name in PRINTED[1:])
    log_G = (math.log(alpha / beta) + log_A - log_B) / (alpha + beta)
    return math.exp(log_G + beta / (alpha + beta) * math.log(C / 6))


def _exponents(rows: Sequence[Row]) -> Figure:
    return Figure(
        id="exponents",
        title="The exponents, by the choice of runs",
        source=SHORT + "approach 3",
        caption="Filled: ours with 95 % profile intervals. Open: as published. Points of one run "
        "are taken as independent, so that the intervals are too short.",
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
    for row in where(rows, delta=delta):
        color = SUBSETS.index(str(row["subset"]))
        alpha, beta = estimate_of(row, "alpha"), estimate_of(row, "beta")
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


def _notes() -> tuple[str, ...]:
    return (
        "Losses of one run at several steps count as independent runs, as published: the "
        "intervals are too short for it.",
        "N is the number of active parameters as published, D the tokens seen.",
    )


EXPERIMENT = Experiment(
    name="gemstones",
    title="The Gemstones: sixteen fits of one law",
    paper="McLeish et al., Gemstones: A Model Suite for Multi-Faceted Scaling Laws, "
    "arXiv:2502.06857",
    figures="Approach 3",
    claims=CLAIMS,
    budgets={
        Budget.SMOKE: Settings(subsets=("slim_chinchilla", "hot_sampled_like_chinchilla")),
        Budget.QUICK: Settings(),
        Budget.FULL: Settings(),
        Budget.PAPER: Settings(),
    },
    cost={
        Budget.SMOKE: "10 s",
        Budget.QUICK: "1 minute on 2 cores",
        Budget.FULL: "1 minute on 2 cores",
        Budget.PAPER: "1 minute on 2 cores",
    },
    cells=cells,
    analyse=analyse,
)
