"""Rows of all experiments -> figure 1, its table, claims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.students.lines import slopes, systematics, with_systematics
from scalinglaws.experiments.summary import claims, figures
from scalinglaws.experiments.summary.points import SOURCES, TeacherStudent, lengths
from scalinglaws.experiments.summary.settings import Settings, settings_of
from scalinglaws.result import Budget, Findings, Row


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Of the rows there are; an experiment without a point is named in the notes."""
    points, notes = [], []
    for name, of in SOURCES.items():
        own = settings_of(settings, name)
        title = name.replace("_", "-")
        found = of(rows, own) if own else []
        points += found
        if not found:
            why = "no rows of it, or no alpha and d in them" if own else "left out by the settings"
            notes.append(f"{title}: no point ({why}).")
        notes += [f"{title}: {p.unjudged}; not judged." for p in found if p.unjudged]
    judged = claims.judge(points, _slope(rows, settings), budget)
    if not points:
        return Findings(judged, notes=tuple(notes))
    once = tuple(dict.fromkeys(notes))
    return Findings(judged, (figures.table(points),), (figures.summary(points),), once)


def _slope(rows: Sequence[Row], settings: Settings) -> tuple[Estimate, str] | None:
    """teacher-student's own, with its systematic errors."""
    own = settings_of(settings, "teacher_student")
    if own is None:
        return None
    found = lengths(rows, cast(TeacherStudent, own))
    line = slopes(found.full)
    if line is None:
        return None
    shifts = systematics(found.full, found.halves, lambda lines: lines.through_origin)
    return with_systematics(line.through_origin, shifts)
