"""Rows of product-manifold -> claims, tables, figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scalinglaws.experiments.product_manifold import claims, figures, tables
from scalinglaws.experiments.product_manifold.settings import Settings
from scalinglaws.experiments.product_manifold.statistics import Together, together
from scalinglaws.experiments.students.tables import sizes
from scalinglaws.result import Budget, Findings, Row


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Families of full length carry the claims; those of half length show the drift."""
    found = together(rows, settings)
    judged = claims.judge(found, budget)
    if not found:
        return Findings(claims=judged, notes=tuple(_notes(found, settings)))
    each = tables.each_once(found)
    return Findings(
        claims=judged,
        tables=(
            tables.products(found),
            tables.exponents(found),
            sizes([m.family for m in each]),
        ),
        figures=(
            figures.loss_against_size(found),
            figures.exponent_against_sum(found),
            figures.dimension_against_width(found),
        ),
        notes=tuple(_notes(found, settings)),
    )


def _notes(found: Sequence[Together], s: Settings) -> Iterator[str]:
    yield (
        f"Teachers [9, {s.teacher_width}, {s.teacher_width}, .], outputs times "
        f"{s.output_scale:g}, random: the text calls them vetted, table 1 and the authors' code "
        "do not; 9 inputs as in that code, 20 in table 1."
    )
    yield (
        f"{s.steps} steps, schedule {s.schedule!r}, initialisation {s.init!r}, {s.trials} trials "
        f"on KL, {s.mse_trials} on MSE, {s.teachers} set(s) of teachers; students of 2 hidden "
        f"layers; d from {s.activations} activations."
    )
    if s.every_part:
        yield "Every part was learnt alone; the T_3 of a sum are different networks."
    else:
        yield (
            "The T_3 of a sum are different networks; one of them was learnt alone and stands for "
            "the others in max d_i and sum d_i."
        )
    drifts = [drift for t in found if (drift := t.whole.drift) is not None]
    yield (
        f"From half to full training length 4/alpha of the products moves by {min(drifts):+.2g} to "
        f"{max(drifts):+.2g}; that of each, where measured, is in its intervals, to either side."
        if drifts
        else "Training length was not varied: no interval contains what longer training changes."
    )
    for t in found:
        shift = t.whole.family.count_systematic
        yield (
            f"{t.loss}, T_{{{t.name}}}: N_used in place of N_all, without the weights of dead "
            f"inputs, changes 4/alpha by {shift:+.0%}; not in the intervals."
        )
        for note in t.whole.family.exponent.notes:
            yield f"{t.loss}, T_{{{t.name}}}: {note}"
