"""Rows of teacher-student -> claims, tables, figures."""

from __future__ import annotations

from collections.abc import Sequence

from scalinglaws.experiments.teacher_student import claims, figures, tables
from scalinglaws.experiments.teacher_student.claims import Slopes
from scalinglaws.experiments.teacher_student.families import Family, families
from scalinglaws.experiments.teacher_student.settings import Settings
from scalinglaws.result import Budget, Findings, Row


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Families of full length carry the claims; those of half length show the drift."""
    found = families(rows)
    full = [f for f in found if f.steps == settings.steps]
    halves = [f for f in found if f.steps == settings.steps // 2]
    slopes = claims.slopes(full, halves)
    made = [tables.exponents(full, halves), tables.sizes(full), tables.inputs(full)]
    drawn = [figures.loss_against_size(full), figures.dimension_against_width(full)] if full else []
    if slopes is not None:
        made.insert(0, tables.lines(slopes))
        drawn.insert(1, figures.exponent_against_dimension(full, slopes))
    return Findings(
        claims=claims.judge(full, slopes, budget),
        tables=tuple(made) if full else (),
        figures=tuple(drawn),
        notes=_notes(full, slopes, settings),
    )


def _notes(full: Sequence[Family], slopes: Slopes | None, settings: Settings) -> tuple[str, ...]:
    notes = [
        f"Teacher outputs times {settings.output_scale:g}: the paper does not name this factor, "
        "the authors' code has 6. Every loss here depends on it.",
        f"{settings.steps} steps, schedule {settings.schedule!r}, initialisation "
        f"{settings.init!r}, {settings.trials} trials, {settings.teachers} teacher(s); "
        f"d from {settings.activations} activations.",
    ]
    if settings.teachers == 1:
        notes.append("One teacher: no interval here contains the spread between teachers.")
    if slopes is not None and slopes.drift is not None:
        notes.append(
            f"From half to full training length alpha moves by {slopes.drift:+.0%} "
            f"(mean over the families trained at both). The slopes' intervals contain it."
        )
    shifts = [f.exponent.alpha.value / f.exponent_used.alpha.value - 1 for f in full]
    if shifts:
        notes.append(
            "Systematic error of the count: N_used in place of N_all changes 4/alpha by "
            f"{min(shifts):+.0%} to {max(shifts):+.0%}; it is not in the intervals."
        )
    notes += [f"{f.loss}, k = {f.k}: {note}" for f in full for note in f.exponent.notes]
    return tuple(notes)
