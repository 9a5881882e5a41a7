"""Rows of id-across-students -> claims, tables, figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scalinglaws.experiments.cnn import families as cnn
from scalinglaws.experiments.id_across_students import claims, figures, tables
from scalinglaws.experiments.id_across_students.settings import Settings
from scalinglaws.experiments.id_across_students.spread import Spread, is_of_spread, spreads
from scalinglaws.experiments.students.depths import best_depths
from scalinglaws.experiments.students.families import Family, families
from scalinglaws.result import Budget, Figure, Findings, Row, Table


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """d against N of students and of CNNs, and its spread over students of one size."""
    s = settings
    images = [row for row in rows if row.get("dataset") is not None]
    of_students = [row for row in rows if row.get("dataset") is None]
    spread = spreads(of_students, s)
    shared = [row for row in of_students if not is_of_spread(row, s)]
    full = best_depths([f for f in families(shared) if f.steps == s.steps])
    cnns = cnn.families(images)
    return Findings(
        claims=claims.judge(full, spread, cnns, budget),
        tables=tuple(_tables(full, spread, cnns)),
        figures=tuple(_figures(full, spread, cnns)),
        notes=tuple(_notes(full, spread, s)),
    )


def _tables(
    full: Sequence[Family], spread: Sequence[Spread], cnns: Sequence[cnn.Family]
) -> Iterator[Table]:
    if full:
        yield tables.growth(full)
        yield tables.sizes(full)
    if spread:
        yield tables.spread(spread)
    if cnns:
        yield tables.cnns(cnns)


def _figures(
    full: Sequence[Family], spread: Sequence[Spread], cnns: Sequence[cnn.Family]
) -> Iterator[Figure]:
    if full:
        yield figures.across_sizes(full)
        yield figures.by_method(full)
    if spread:
        yield figures.over_students(spread)
    if cnns:
        yield figures.of_cnns(cnns)


def _notes(full: Sequence[Family], spread: Sequence[Spread], s: Settings) -> Iterator[str]:
    yield (
        f"Figure 3: the students of teacher-student, {s.steps} steps, d of {s.d_trials} per width "
        f"and of all at the largest; d from {s.activations} activations."
    )
    yield (
        f"Figure 20: {s.spread_trials} students of each size, taught on KL for {s.spread_steps} "
        "steps, all measured at the same points."
    )
    yield "CNNs: those of cnn, before their last ReLU."
    for f in full:
        if len(claims.wide(f)) < 2:
            yield f"{f.loss}, k = {f.k}: fewer than two widths n >= 3k, judged in no claim."
    judged = [x.over_own.value for x in spread if x.method == claims.JUDGED]
    if judged:
        yield (
            "Over students of one size TwoNN's d scatters by "
            f"{min(judged):.2g} to {max(judged):.2g} times the error that it claims of one."
        )
