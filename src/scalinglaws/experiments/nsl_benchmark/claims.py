"""The claims, and how the curves are held against them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import fmean

from scalinglaws.data.runs import nsl
from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.experiments.network_dimension.rows import has, number, where
from scalinglaws.experiments.nsl_benchmark import figures, tables
from scalinglaws.experiments.nsl_benchmark.baseline import BEST
from scalinglaws.experiments.nsl_benchmark.coverage import Part, part
from scalinglaws.experiments.nsl_benchmark.study import CURVES, EDGES, STACK, Settings
from scalinglaws.experiments.public_runs.absence import nothing
from scalinglaws.experiments.public_runs.printed import exactly
from scalinglaws.result import Budget, Claim, Findings, Judgement, Relation, Row

IMAGES = 72  # curves

SINGLE = Claim(
    id="broken-law",
    statement=f"Mean RMSLE of the smoothly broken law on the {IMAGES} curves of images",
    source="an independent multi-start fit of M1 to M4 and BNSL-1: the least of their means",
    expected=BEST,
    relation=Relation.AT_MOST,
)
STACKED = Claim(
    id="stack",
    statement="The same of the stack of all laws, weighted by back-tests on the fitted rows alone",
    source=SINGLE.source,
    expected=BEST,
    relation=Relation.AT_MOST,
)


def _said(above: float) -> str:
    to = EDGES[EDGES.index(above) + 1]
    return f"more than {above:g}" if math.isinf(to) else f"{above:g} to {to:g}"


COVERAGE = {
    above: Claim(
        id=f"coverage-{name}",
        statement=f"Rows {_said(above)} times beyond the fitted ones: share within the stack's "
        "95 % intervals for a new run, mean over the curves that have them",
        source="the project's own target, 93-97 %: the paper's forecasts have no intervals",
        expected=LEVEL,
        tolerance=0.02,
    )
    for name, above in zip(("near", "middle", "far"), EDGES, strict=False)
}
CLAIMS = (SINGLE, STACKED, *COVERAGE.values())


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Verdicts, errors by domain and law, coverage by horizon."""
    curves = where(rows, kind="curve")
    if not curves:
        return nothing(CLAIMS, budget, nsl.TABLES)
    missing = CURVES - len(curves)
    partly = f"{missing} of {CURVES} curves not computed" if missing else ""
    images = where(curves, domain="IC")
    return Findings(
        claims=(
            SINGLE.judge(_mean(images, "broken"), budget, reason=partly),
            STACKED.judge(_mean(images, STACK), budget, reason=partly),
            *(
                _covered(claim, part(rows, above), budget, partly)
                for above, claim in COVERAGE.items()
            ),
        ),
        tables=(tables.errors(curves), tables.coverage(rows), tables.stacks(curves)),
        figures=tuple(figures.figures(curves, rows)),
        notes=tuple(_notes(curves)),
    )


def _mean(images: Sequence[Row], law: str) -> Estimate | None:
    """Over all curves of images; None where one is not there."""
    values = [number(row, law) for row in images if has(row, law)]
    return exactly(fmean(values)) if len(values) == IMAGES else None


def _covered(claim: Claim, found: Part, budget: Budget, partly: str) -> Judgement:
    """The reason says beside it how many curves were refused an interval."""
    judged = claim.judge(None if partly else found.coverage, budget, reason=partly)
    of = len(found.banded) + found.refused
    without = f"{found.refused} of {of} curves have no interval" if found.refused else ""
    return replace(judged, reason="; ".join(filter(None, (judged.reason, without))))


def _notes(curves: Sequence[Row]) -> Iterable[str]:
    repeats = int(sum(number(row, "repeats") for row in curves))
    if repeats:
        yield (
            f"{repeats} rows that repeat another of their curve were left out: every curve of "
            "language models has each row four times."
        )
    yield (
        "Rows ahead are about twice as far as those fitted, never more than three times. Rows of "
        "one curve miss together: a coverage is a mean over curves, its error their spread."
    )
    yield (
        "The weights of the stack were chosen among several with these curves in view: its error "
        "is not a blind one."
    )
