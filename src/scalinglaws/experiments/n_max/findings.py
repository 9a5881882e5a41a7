"""Rows of n-max -> claims, tables, figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scalinglaws.experiments.n_max import claims, figures, tables
from scalinglaws.experiments.n_max.settings import Settings
from scalinglaws.experiments.n_max.study import Study
from scalinglaws.result import Budget, Findings, Row


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """N_max of every family by every rule, and how it grows with d."""
    study = Study.of(rows, settings)
    found = bool(study.full)
    made = (tables.slopes, tables.thresholds, tables.range_ends, tables.entropy)
    made = (*made, tables.entropy_slopes, tables.finite)
    drawn = (figures.at_threshold, figures.at_range_end, figures.at_entropy, figures.plateaus)
    return Findings(
        claims=claims.judge(study, budget),
        tables=tuple(table for make in made if (table := make(study)).rows) if found else (),
        figures=tuple(f for draw in drawn if (f := draw(study)).panels) if found else (),
        notes=tuple(_notes(study, settings)),
    )


def _notes(study: Study, settings: Settings) -> Iterator[str]:
    s = settings
    yield (
        f"Teacher outputs times {s.output_scale:g}, as in the authors' code; the threshold "
        f"{s.entropies[0]:g} means nothing without that factor."
    )
    yield (
        f"Students taught exactly: those of teacher-student, {s.steps} steps. With noise, or on "
        f"finite data: {s.entropy_steps} steps, {s.entropy_trials} of each size. With labels: "
        f"{s.label_steps} steps, teacher outputs times {s.label_scale:g}; with the usual factor "
        "a label has more entropy than any of these students has KL, and N_max lies below every "
        "network."
    )
    yield (
        "Noise: the loss with it is sigma^2 + L exactly, L the loss on exact answers, and labels "
        "likewise. What is measured is whether students taught so reach the same L."
    )
    if study.drift is not None:
        yield (
            f"From half to full training length alpha changes by {study.drift:+.1%} in the mean "
            "of the families; the ratios' intervals contain it."
        )
    yield (
        "Inside the tested sizes log(A / L) is alpha log N_max, so that log N_max over "
        "(d/4) log(A / L) is 4/(alpha d), what teacher-student tests, at this loss."
    )
    if s.teachers == 1:
        yield "One teacher: no interval here contains the spread between teachers."
    else:
        yield f"Exact answers of {s.teachers} teachers; noise, labels and finite data of the first."
