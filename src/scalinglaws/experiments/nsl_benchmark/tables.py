"""Errors by domain and law, coverage by domain and horizon, what the stacks are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import fmean, median

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.network_dimension.rows import has, number, where
from scalinglaws.experiments.nsl_benchmark.baseline import NAMES, RMSLE
from scalinglaws.experiments.nsl_benchmark.coverage import part
from scalinglaws.experiments.nsl_benchmark.study import DOMAINS, EDGES, SINGLE, STACK
from scalinglaws.result import Row, Table, Value

Cells = tuple[Estimate | Value, ...]


def errors(curves: Sequence[Row]) -> Table:
    """RMSLE of every law, ours beside an independent program's."""
    return Table(
        id="rmsle",
        title="RMSLE of the forecasts",
        columns=(
            *("curves", "law", "also known as", "fitted", "of", "mean", "median"),
            *("mean, independent fit", "median, independent fit", "the stack is better on"),
        ),
        rows=tuple(
            _error(domain, where(curves, domain=domain), law)
            for domain in DOMAINS
            for law in (*SINGLE, STACK)
            if where(curves, domain=domain)
        ),
        note="Root mean square of log L less the forecast, over the rows that were not fitted. A "
        "law needs as many rows as it has parameters. The independent fits are of all curves, from "
        "many starts by least squares; our m4 holds the exponent on L0 - L at 1, which the paper's "
        "leaves free.",
    )


def _error(domain: str, curves: Sequence[Row], law: str) -> Cells:
    fitted = [row for row in curves if has(row, law)]
    values = [number(row, law) for row in fitted]
    middles = (fmean(values), median(values)) if values else (None, None)
    theirs = RMSLE[domain].get(law, (None, None))
    better = sum(number(row, STACK) < number(row, law) for row in fitted if has(row, STACK))
    return (
        *(DOMAINS[domain], law, NAMES.get(law, ""), len(values), len(curves), *middles, *theirs),
        None if law == STACK else better,
    )


def coverage(rows: Sequence[Row]) -> Table:
    """By horizon, of all curves and of each domain."""
    return Table(
        id="coverage",
        title="Later rows within the stack's 95 % intervals for a new run, by horizon",
        columns=(
            *("curves", "horizon above", "to", "with an interval", "inside, mean over curves"),
            *("every row inside", "fewer than half", "inside, all rows as one"),
            *(
                "above the interval, all rows as one",
                "half-width",
                "curves without",
                "rows without",
            ),
        ),
        rows=tuple(_covered(rows)),
        note="Inside: the mean over curves of the share of their rows, its interval from the "
        "spread between curves, or Wilson's where all hold everything. Half-width: of log L, the "
        "median over curves. Without: forecasts that say they are unsupported, mostly because the "
        "curve is too short for 19 back-test residuals; they count in no coverage.",
    )


def _covered(rows: Sequence[Row]) -> Iterator[Cells]:
    for domain, title in ((None, "all"), *DOMAINS.items()):
        for above in EDGES[:-1]:
            found = part(rows, above, domain)
            if found.banded or found.refused:
                total, worse = found.total("rows"), found.total("worse")
                to = found.to if found.to < float("inf") else None
                yield (
                    *(title, above, to, len(found.banded), found.coverage),
                    *(sum(s == 1 for s in found.shares), sum(s < 0.5 for s in found.shares)),
                    *(found.pooled, worse / total if total else None, found.width),
                    *(found.refused, found.rows_refused),
                )


def stacks(curves: Sequence[Row]) -> Table:
    """How many laws were tried, and which weighs most."""
    heaviest = Counter(str(row["heaviest"]) for row in curves)
    return Table(
        id="stacks",
        title="The law of greatest weight in the stack",
        columns=("law", "curves", "laws stacked there, median", "back-test residuals, median"),
        rows=tuple(
            (law, count, median(_of(curves, law, "laws")), median(_of(curves, law, "residuals")))
            for law, count in heaviest.most_common()
        ),
    )


def _of(curves: Sequence[Row], law: str, name: str) -> list[float]:
    return [number(row, name) for row in where(curves, heaviest=law)]
