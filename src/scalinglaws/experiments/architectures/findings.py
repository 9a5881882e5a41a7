"""Rows of architectures -> claims, tables, figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scalinglaws.experiments.architectures import claims, figures, tables
from scalinglaws.experiments.architectures.settings import Settings
from scalinglaws.experiments.architectures.statistics import Architectures, alpha
from scalinglaws.experiments.students.families import families
from scalinglaws.result import Budget, Findings, Row


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Families of full length carry the claims; those of half length show the drift."""
    every = families(rows)
    found = Architectures(
        [f for f in every if f.steps == settings.steps],
        [f for f in every if f.steps == settings.steps // 2],
    )
    judged = claims.judge(found, budget)
    if not found.full:
        return Findings(judged)
    return Findings(
        claims=judged,
        tables=(tables.joint(found), tables.ranks(found), tables.families(found)),
        figures=(
            figures.exponents_and_dimensions(found),
            figures.loss_against_dimension(found),
            figures.loss_against_size(found),
        ),
        notes=tuple(_notes(found, settings)),
    )


def _notes(found: Architectures, s: Settings) -> Iterator[str]:
    yield (
        f"Teachers [20, {s.teacher_width}, {s.teacher_width}, 1] of k = {s.k} features, "
        f"{s.teachers} seed(s); outputs times {s.output_scale:g}. Widths of every depth give the "
        "same N, to whole units."
    )
    yield (
        f"{s.steps} steps, schedule {s.schedule!r}, initialisation {s.init!r} for every "
        f"architecture, {s.trials} trials; d from {s.activations} activations of the widest. The "
        "learning rate is that of the ReLU students: none was tuned for its architecture."
    )
    for f in found.full:
        if alpha(f) is None:
            yield (
                f"{tables.architecture(f)}, teacher {f.teacher_seed}: left out, for alpha may be 0"
            )
