"""The tables of law-coverage: every case, with the share of open intervals beside each coverage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.law_coverage.statistics import (
    MEANS,
    PARAMETERS,
    RUNS,
    WHAT,
    Case,
    Sample,
    cases,
    mean,
)
from scalinglaws.result import Table, Value

_OPEN = "Open: share of intervals with an end that the data leave open."
_LEADING = ("law", "noise", "n")
Cells = Iterator[Estimate | Value]


def tables(found: Sequence[Sample]) -> tuple[Table, ...]:
    """Averages first, then every case."""
    return (
        _averages(found),
        _coverage("parameters", "the true parameters", ("alpha", "beta", "E"), found),
        _coverage("mean", "the law's own loss", MEANS, found),
        _coverage("run", "the loss of a new run", RUNS, found),
        _sides(found),
        _bootstrap(found),
        _statuses(found),
    )


def opened(found: Sequence[Case]) -> str:
    """The share of open intervals, in words."""
    return f"{fmean(c.open for c in found):.1%} of the intervals are open" if found else ""


def _of(sample: Sample, column: str, *, bootstrap: bool = False) -> Case | None:
    """The case of a column: alpha and beta are a law's first and second exponents."""
    what = "alpha" if column == "beta" else column
    mine = [c for c in sample.cases if c.what == what and c.bootstrap is bootstrap]
    index = int(column == "beta")
    return mine[index] if index < len(mine) else None


def _coverage(id: str, what: str, columns: Sequence[str], found: Sequence[Sample]) -> Table:
    def cells(sample: Sample) -> Cells:
        yield from (sample.law, sample.noise, sample.n, sample.refused)
        for column in columns:
            case = _of(sample, column)
            yield case and case.coverage
            yield case and case.open

    beside = [title for column in columns for title in (column, f"{column} open")]
    return Table(
        id=id,
        title=f"Share of 95 % intervals that hold {what}",
        columns=(*_LEADING, "refused", *beside),
        rows=tuple(tuple(cells(sample)) for sample in found),
        note=_OPEN
        + (
            " alpha and beta: the first and the second exponent of the law; E: its constant."
            if id == "parameters"
            else ""
        ),
    )


def _averages(found: Sequence[Sample]) -> Table:
    def cells(what: str, bootstrap: bool) -> Cells:
        yield what
        yield "bootstrap" if bootstrap else "profile"
        for small in (False, True):
            mine = [
                c for c in cases(found, bootstrap=bootstrap) if c.what == what and c.small is small
            ]
            yield mean(mine)
            yield fmean(c.open for c in mine) if mine else None

    asked = [
        (what, how) for what in WHAT for how in ((False, True) if what in PARAMETERS else (False,))
    ]
    return Table(
        id="averages",
        title="Share of 95 % intervals that hold the truth, mean over laws and noises",
        columns=("interval of", "by", "many runs", "open", "two per parameter", "open too"),
        rows=tuple(tuple(cells(*one)) for one in asked),
        note=_OPEN,
    )


def _sides(found: Sequence[Sample]) -> Table:
    """An interval that is too narrow misses on both sides, one about a biased value on one."""
    columns = ("alpha", "E", "mean 2x", "mean 100x", "run 100x")

    def cells(sample: Sample) -> Cells:
        yield from (sample.law, sample.noise, sample.n)
        for column in columns:
            case = _of(sample, column)
            yield case and case.too_low
            yield case and case.too_high

    beside = [title for c in columns for title in (f"{c} too low", f"{c} too high")]
    return Table(
        id="sides",
        title="Share of intervals that lie wholly below, or above, the truth",
        columns=(*_LEADING, *beside),
        rows=tuple(tuple(cells(sample)) for sample in found),
        note="2.5 % each where both ends are right.",
    )


def _bootstrap(found: Sequence[Sample]) -> Table:
    columns = ("alpha", "beta", "E")

    def cells(sample: Sample) -> Cells:
        yield from (sample.law, sample.noise, sample.n)
        for column in columns:
            profile, redrawn = _of(sample, column), _of(sample, column, bootstrap=True)
            yield redrawn and redrawn.coverage
            yield redrawn.width / profile.width if redrawn and profile else None

    beside = [title for column in columns for title in (column, f"{column} width")]
    return Table(
        id="bootstrap",
        title="The wild bootstrap's percentile interval: share that hold the true parameters",
        columns=(*_LEADING, *beside),
        rows=tuple(
            tuple(cells(sample)) for sample in found if _of(sample, "alpha", bootstrap=True)
        ),
        note="Width: the median one over that of the profile interval.",
    )


def _statuses(found: Sequence[Sample]) -> Table:
    names = sorted({status for sample in found for status in sample.statuses})
    return Table(
        id="statuses",
        title="How the fits ended",
        columns=(*_LEADING, "tables", *names),
        rows=tuple(
            (s.law, s.noise, s.n, len(s.statuses), *(s.share(name) for name in names))
            for s in found
        ),
    )
