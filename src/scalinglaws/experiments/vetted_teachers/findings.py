"""Rows of vetted-teachers -> claims, tables, figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scalinglaws.experiments.students.families import Trim
from scalinglaws.experiments.students.lines import on_the_lines, systematics
from scalinglaws.experiments.students.target import FINALISTS, HEAT, ROUNDS, SLICE_POINTS
from scalinglaws.experiments.vetted_teachers import claims, figures, tables
from scalinglaws.experiments.vetted_teachers.settings import Settings
from scalinglaws.experiments.vetted_teachers.statistics import TRIM, Both, both, feature_slope
from scalinglaws.result import Budget, Findings, Row


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Families of full length carry the claims; those of half length show the drift."""
    found = both(rows, settings)
    judged = claims.judge(found, budget)
    if not (found.vetted.full and found.random.full):
        return Findings(judged)
    by_log = both(rows, settings, Trim(one_in=TRIM.one_in))
    return Findings(
        claims=judged,
        tables=(tables.slopes(found), tables.families(found, by_log), tables.sizes(found)),
        figures=(
            figures.against_exponent(found),
            figures.linearity(found),
            figures.loss_against_size(found),
        ),
        notes=tuple(_notes(found, settings)),
    )


def _notes(found: Both, s: Settings) -> Iterator[str]:
    yield (
        f"Vetting: {HEAT} rounds of one slice per axis for all {s.candidates} candidates, "
        f"{ROUNDS} for the best {FINALISTS}, {SLICE_POINTS} points a slice; R^2 is the mean over "
        "the two logits. The paper gives every candidate 200 rounds."
    )
    yield (
        f"{s.steps} steps, schedule {s.schedule!r}, initialisation {s.init!r}, {s.trials} trials, "
        f"{s.teachers} seed(s); teacher outputs times {s.output_scale:g}, which the paper does "
        f"not name; d from {s.activations} activations."
    )
    for name, group in found.groups:
        error = systematics(group.full, group.halves, feature_slope)
        if error.drift is not None:
            yield (
                f"{name}: from half to full training length the slope of k on 1/alpha moves by "
                f"{error.drift:+.2g} (measured on {error.drift_of})."
            )
        for f in group.full:
            if not on_the_lines(f):
                yield (
                    f"{name}, k = {f.k}, seed {f.teacher_seed}: not on the lines, for alpha may "
                    "be 0 or d is absent"
                )
