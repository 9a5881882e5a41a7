"""Rows of teacher-student -> claims, tables, figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scalinglaws.experiments.students.families import Family, best_depths, families
from scalinglaws.experiments.students.lines import on_the_lines, slopes, systematics
from scalinglaws.experiments.teacher_student import claims, figures, tables
from scalinglaws.experiments.teacher_student.settings import Settings
from scalinglaws.result import Budget, Findings, Row


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Families of full length carry the claims; those of half length show the drift."""
    found = families(rows)
    depths = [f for f in found if f.steps == settings.steps]
    full = best_depths(depths)
    halves = best_depths([f for f in found if f.steps == settings.steps // 2])
    lines = slopes(full)
    made = [tables.exponents(full, halves), tables.sizes(depths, full), tables.inputs(full)]
    drawn = (
        [figures.loss_against_size(full, depths), figures.dimension_against_width(full)]
        if full
        else []
    )
    if len(depths) > len(full):
        made.insert(1, tables.depths(depths, full))
    if lines is not None:
        made.insert(0, tables.lines(full, lines))
        drawn.insert(1, figures.exponent_against_dimension(full, lines))
    scale = f" Teacher outputs times {settings.output_scale:g}."
    return Findings(
        claims=claims.judge(full, halves, lines, budget),
        tables=tuple(made) if full else (),
        figures=tuple(replace(figure, caption=figure.caption + scale) for figure in drawn),
        notes=_notes(full, halves, settings),
    )


def _notes(full: Sequence[Family], halves: Sequence[Family], settings: Settings) -> tuple[str, ...]:
    notes = [
        f"Teacher outputs times {settings.output_scale:g}: the paper does not name this factor, "
        "the authors' code has 6. Every loss here depends on it.",
        f"{settings.steps} steps, schedule {settings.schedule!r}, initialisation "
        f"{settings.init!r}, {settings.trials} trials ({settings.kl_trials} on KL), "
        f"{settings.teachers} teacher(s); d from {settings.activations} activations.",
    ]
    if settings.schedule == "annealed":
        notes.append(
            "Schedule 'annealed' is ours: batches of 200, half the steps at rate 1e-2, then an "
            "exponential fall to 1e-5. At k = 4 and 4e6 points it left .67 of the loss that Table "
            "1's order of stages leaves at the largest width, and 4/alpha 4.6 instead of 5.4."
        )
    if settings.teachers == 1:
        notes.append("One teacher: no interval here contains the spread between teachers.")
    else:
        notes.append(
            f"The spread between teachers, from {settings.teachers} of them, is in the slopes' "
            "intervals as a standard error, itself known badly."
        )
    found = systematics(full, halves, lambda lines: lines.through_origin)
    notes.append(
        "Training length was not varied: no interval contains what longer training would change."
        if found.drift is None
        else f"From half to full training length the slope of 4/alpha on d moves by "
        f"{found.drift:+.2g} (measured on {found.drift_of}); the slopes' intervals contain it."
    )
    if full:
        shifts = [f.count_systematic for f in full]
        notes.append(
            "Systematic error of the count: N_used in place of N_all changes 4/alpha by "
            f"{min(shifts):+.0%} to {max(shifts):+.0%}; it is not in the intervals."
        )
    for f in full:
        notes += [f"{f.loss}, k = {f.k}: {note}" for note in f.exponent.notes]
        if not on_the_lines(f):
            notes.append(
                f"{f.loss}, k = {f.k}: not on the lines, for alpha may be 0 or d is absent"
            )
    return tuple(notes)
