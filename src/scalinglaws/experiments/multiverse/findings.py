"""Rows of teacher-student -> claims, tables, figure."""

from __future__ import annotations

from collections.abc import Sequence

from scalinglaws.experiments.multiverse import claims, figures, tables
from scalinglaws.experiments.multiverse.settings import Settings, students_of
from scalinglaws.experiments.multiverse.universe import Multiverse, multiverse
from scalinglaws.result import Budget, Findings, Row


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Of the rows there are."""
    found = multiverse(rows, students_of(settings).steps, settings.inits)
    judged = claims.judge(found, budget)
    if not found.worlds:
        return Findings(judged, notes=_notes(found))
    made = (tables.ways(found), tables.variance(found), tables.points(found))
    return Findings(judged, made, (figures.curve(found),), _notes(found))


def _notes(found: Multiverse) -> tuple[str, ...]:
    notes: list[str] = []
    if len(found.ways["init"]) < 2:
        notes.append(
            "Initialisation was not varied: the stored students have one. `--set "
            "inits=authors,torch` trains them again from PyTorch's."
        )
    if len(found.ways["steps"]) < 2:
        notes.append("Training length was not varied: no student was trained for half as long.")
    if len(found.ways["layer"]) < 2:
        notes.append(
            "Activations were not varied: the stored students have no d after the non-linearity."
        )
    if found.worlds:
        inside = sum(w.holds_one for w in found.worlds)
        notes.append(
            f"{len(found.worlds)} analyses of the same students; the statistical interval of "
            f"{inside / len(found.worlds):.0%} holds 1."
        )
    if found.lost:
        notes.append(
            f"{found.lost} more lead to no slope: fewer than two values of k have alpha > 0 and d."
        )
    return tuple(notes)
