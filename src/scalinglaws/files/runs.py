"""Many steps per run -> one row per run, by a rule that the user chose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from scalinglaws.errors import BadInput
from scalinglaws.files.cells import listed, shown
from scalinglaws.files.table import Column, Label, Table

_TENTH = 10  # the mean is over the last 1/10 of a run's steps
_WHOLE = 2**53  # up to which float64 tells every step from the next


class RunLoss(StrEnum):
    """Which loss a run is given.

    last: at its last step. best: the lowest at any step. mean: the mean of y over the last tenth
    of the steps that it logged, rounded down, at least one; its other columns at the last step.
    """

    LAST = "last"
    BEST = "best"
    MEAN = "mean"


@dataclass(frozen=True)
class _Runs:
    """Rows in the order of runs, then of steps: run r has the rows start[r] to end[r] - 1."""

    name: Label
    start: Int[ndarray, " runs"]
    end: Int[ndarray, " runs"]

    def same(self) -> Bool[ndarray, " n-1"]:
        """Whether a row and the next one are of one run."""
        same = np.ones(int(self.end[-1]) - 1, dtype=bool)
        same[self.end[:-1] - 1] = False
        return same


def per_run(table: Table, run: str, y: str, how: RunLoss | None, step: str | None = None) -> Table:
    """One row per run, in the order in which the runs first stand in the table.

    run: the label that tells runs apart. step: the column that orders a run's rows, else they
    stand in the order of the file; of two rows of one step, as after a restart, the later counts.
    A column must be constant within a run, or only grow along it (tokens, FLOPs): then its value
    at the row taken is the run's. Runs whose y is NaN or infinite at the rows taken are left out.
    What was counted, replaced or left out stands in the notes.
    Raises BadInput where runs have several rows and `how` is None, and for a column that does
    neither stay nor grow.
    """
    if step is not None:
        _check_steps(table, run, step)
    rows, runs = _in_order(table, run, step)
    n, several = len(table.repeated), int((runs.end - runs.start > 1).sum())
    if how is None and several:
        raise BadInput(
            f"{several} of {len(runs.name)} runs have several losses: choose one for each with "
            f"--run-loss {'|'.join(RunLoss)}"
        )
    values = rows.columns[y]
    grown = [c for c in rows.columns if c not in (y, step) and _grows(rows, runs, c)]
    for name in rows.labels.keys() - {run}:
        _require_one_label(rows, runs, name)
    taken = _lowest(values, runs) if how is RunLoss.BEST else runs.end - 1
    loss = _tail_mean(values, runs) if how is RunLoss.MEAN else values[taken]
    picked = rows.where(taken)
    kept = np.isfinite(loss)
    if not kept.any():
        raise BadInput(f"column {y!r}: every run's loss is NaN or infinite: no run is left")
    columns = {**picked.columns, y: loss}
    none = np.zeros(len(taken), dtype=bool)
    out = replace(picked, columns=columns, repeated=none).where(kept)
    _require_finite(out, run)
    said = _said(rows, runs, y, how, kept) if several else iter(())
    counters = [_counters(grown)] if grown and how else []
    replaced = n - len(rows.repeated)
    again = f"rows of a step that the run logged again later, left out: {replaced}"
    return out.noted(*said, *counters, *([again] if replaced else []))


def _check_steps(table: Table, run: str, step: str) -> None:
    steps = table.columns[step]
    wrong = np.flatnonzero(~(np.abs(steps) <= _WHOLE))
    if len(wrong):
        name, value = table.labels[run][wrong[0]], steps[wrong[0]]
        raise BadInput(
            f"run {shown(name)}, column {step!r}: {value:g} cannot order steps: steps are numbers "
            "up to 2^53"
        )


def _in_order(table: Table, run: str, step: str | None) -> tuple[Table, _Runs]:
    """The rows by run and step, the last of each step."""
    codes: dict[str, int] = {}
    code = np.array([codes.setdefault(name, len(codes)) for name in table.labels[run]], int)
    keys = (code,) if step is None else (table.columns[step], code)
    order = np.lexsort(keys)
    if step is not None:
        ordered = code[order], table.columns[step][order]
        same = np.logical_and.reduce([part[1:] == part[:-1] for part in ordered])
        order = order[np.append(~same, True)]
    start = np.searchsorted(code[order], np.arange(len(codes)))
    end = np.append(start[1:], len(order))
    rows = table.where(order)
    return rows, _Runs(rows.labels[run][start], start, end)


def _grows(rows: Table, runs: _Runs, name: str) -> bool:
    """Whether a column grows along some run. Raises BadInput where it falls along one."""
    column = rows.columns[name]
    with np.errstate(invalid="ignore"):  # NaN is refused later, where it is at a row taken
        change = np.diff(column)
    falls = runs.same() & (change < 0)
    if falls.any():
        at = int(falls.argmax())
        run = runs.name[np.searchsorted(runs.end, at, side="right")]
        raise BadInput(
            f"run {shown(run)}: column {name!r} falls from {column[at]:g} to {column[at + 1]:g} "
            "within the run: a run has one value, or one that grows with its steps, as tokens do"
        )
    return bool((change[runs.same()] > 0).any())


def _require_one_label(rows: Table, runs: _Runs, name: str) -> None:
    words = rows.labels[name]
    differs = runs.same() & (words[1:] != words[:-1])
    if differs.any():
        at = int(differs.argmax())
        run = runs.name[np.searchsorted(runs.end, at, side="right")]
        raise BadInput(
            f"run {shown(run)}: column {name!r} is {shown(words[at])} and {shown(words[at + 1])} "
            "within the run: give each run one"
        )


def _lowest(values: Column, runs: _Runs) -> Int[ndarray, " runs"]:
    """The first row of each run's lowest finite value."""
    filled = np.where(np.isfinite(values), values, np.inf)
    run = np.repeat(np.arange(len(runs.start)), runs.end - runs.start)
    return np.lexsort((filled, run))[runs.start]


def _tail_mean(values: Column, runs: _Runs) -> Float[ndarray, " runs"]:
    """The mean of each run's last tenth."""
    count = np.maximum(1, (runs.end - runs.start) // _TENTH)
    edges = np.column_stack([runs.end - count, runs.end]).ravel()
    with np.errstate(all="ignore"):  # infinity - infinity is NaN, and left out
        return np.add.reduceat(np.append(values, 0.0), edges)[::2] / count


def _require_finite(table: Table, run: str) -> None:
    for name, values in table.columns.items():
        wrong = np.flatnonzero(~np.isfinite(values))
        if len(wrong):
            raise BadInput(
                f"run {shown(table.labels[run][wrong[0]])}: column {name!r} is NaN or infinite "
                "at the row taken: mend or remove it"
            )


def _counters(names: list[str]) -> str:
    return f"taken where the loss is, for they grow within runs: {', '.join(map(shown, names))}"


def _said(
    rows: Table, runs: _Runs, y: str, how: RunLoss | None, kept: Bool[ndarray, " runs"]
) -> Iterator[str]:
    """What the loss of a run is, and which runs diverged."""
    rule = {
        RunLoss.BEST: "the lowest of each run",
        RunLoss.MEAN: "the mean over the last tenth of each run's steps, at least one",
    }.get(how or RunLoss.LAST, "the last of each run")
    yield f"{len(rows.repeated)} steps, {len(runs.name)} runs: {shown(y)} is {rule}"
    wrong = ~np.isfinite(rows.columns[y])
    diverged = np.add.reduceat(wrong, runs.start, dtype=int) > 0
    if (gone := runs.name[~kept]).size:
        yield f"left out, for their loss is NaN or infinite: {listed(gone)}"
    if (some := runs.name[kept & diverged]).size:
        yield f"kept, though NaN or infinite at other steps: {listed(some)}"
