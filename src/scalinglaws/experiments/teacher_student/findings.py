"""Rows of teacher-student -> claims, tables, figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from scalinglaws.experiments.students.depths import Lengths
from scalinglaws.experiments.students.families import Family, families
from scalinglaws.experiments.students.lines import on_the_lines, slopes, systematics
from scalinglaws.experiments.teacher_student import claims, figures, tables
from scalinglaws.experiments.teacher_student.settings import Settings, second_stage
from scalinglaws.result import Budget, Findings, Row


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Families of full length carry the claims; those of half length show the drift."""
    found = families(rows)
    depths = [f for f in found if f.steps == settings.steps]
    lengths = Lengths.of(found, settings.steps)
    full, halves = lengths.full, lengths.halves
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
        claims=claims.judge(full, halves, budget),
        tables=tuple(made) if full else (),
        figures=tuple(replace(figure, caption=figure.caption + scale) for figure in drawn),
        notes=_notes(full, halves, settings),
    )


def _moved(loss: str, full: Sequence[Family], halves: Sequence[Family]) -> Iterator[str]:
    """What training length and the start of the power law do to the slope of that loss."""
    found = systematics(full, halves, lambda lines: lines.through_origin)
    slope = f"{loss}: the slope of 4/alpha on d moves by"
    if found.drift is None:
        yield f"{loss}: training length was not varied, and its effect is in no interval."
    else:
        yield (
            f"{slope} {found.drift:+.2g} from half to full training length (measured on "
            f"{found.drift_of}); its interval contains that."
        )
    if found.start is not None:
        yield f"{slope} {found.start:+.2g} without the smallest sizes; its interval contains that."


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
            "exponential fall to 1e-5."
        )
    if settings.polish != "none":
        whole, half = (second_stage(settings, settings.steps // n) for n in (1, 2))
        notes.append(
            f"Beyond the paper: after the schedule, {whole} steps of polish {settings.polish!r} "
            f"towards what each student can approximate; after half of it, {half}, on other points."
        )
    if settings.teachers == 1:
        notes.append("One teacher: no interval here contains the spread between teachers.")
    else:
        notes.append(
            f"The spread between teachers, from {settings.teachers} of them, is in the slopes' "
            "intervals, by Student's quantile."
        )
    notes.append(
        "Only widths n >= 3k count, which the paper's fits do not ask (A.1: from the smallest N "
        "on). The rule was made after this experiment had been seen at quick with all widths and "
        "before it was seen at full; another cut gives another slope."
    )
    for loss in sorted({f.loss for f in full}):
        notes += _moved(loss, [f for f in full if f.loss == loss], halves)
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
