"""Rows of teacher-class -> claims, tables, figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scalinglaws.experiments.students.families import families
from scalinglaws.experiments.teacher_class import claims, figures, tables
from scalinglaws.experiments.teacher_class.claims import NAMES
from scalinglaws.experiments.teacher_class.settings import KINDS, Settings
from scalinglaws.experiments.teacher_class.statistics import Classes
from scalinglaws.result import Budget, Findings, Row


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Families of full length carry the claims; those of half length show the drift."""
    every = families(rows)
    found = Classes(
        [f for f in every if f.steps == settings.steps],
        [f for f in every if f.steps == settings.steps // 2],
    )
    judged = claims.judge(found, budget)
    if not found.full:
        return Findings(judged)
    return Findings(
        claims=judged,
        tables=(tables.classes(found), tables.families(found)),
        figures=(figures.products(found), figures.loss_against_size(found)),
        notes=tuple(_notes(found, settings)),
    )


def _notes(found: Classes, s: Settings) -> Iterator[str]:
    yield (
        f"Teachers [20, {s.teacher_width}, {s.teacher_width}, 1], {s.teachers} seeds, whose "
        "weights every class shares; biases from N(0, 0.5^2) where there are any. "
        f"Outputs times {s.output_scale:g}."
    )
    yield (
        f"{s.steps} steps, schedule {s.schedule!r}, initialisation {s.init!r}, {s.trials} trials; "
        f"ReLU students of 2 hidden layers; d from {s.activations} activations of the widest."
    )
    for k in found.ks:
        moved = [(NAMES[kind], found.drift(kind, k)) for kind in KINDS]
        told = ", ".join(f"{name} {drift:+.2g}" for name, drift in moved if drift is not None)
        yield f"k = {k}: from half to full training length alpha d moves by {told}."
