"""Rows of cnn -> claims, tables, figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scalinglaws.experiments.cnn import claims, figures, tables
from scalinglaws.experiments.cnn.cell import HELD_OUT
from scalinglaws.experiments.cnn.families import Family, families
from scalinglaws.experiments.cnn.settings import Settings, datasets
from scalinglaws.experiments.image_sets import absent
from scalinglaws.experiments.network_dimension.measures import COLLAPSED
from scalinglaws.experiments.network_dimension.rows import where
from scalinglaws.result import Budget, Findings, Row


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Every image set there are rows of, in the order of their names."""
    found = families(rows)
    made = (tables.points, tables.exponents, tables.sizes, tables.dimensions)
    drawn = (figures.loss_against_size(found), figures.dimension_against_size(found))
    return Findings(
        claims=claims.judge(found, budget),
        tables=tuple(table(found) for table in made) if found else (),
        figures=(*drawn, figures.course(rows, found)) if found else (),
        notes=tuple(_notes(rows, found, settings)),
    )


def _notes(rows: Sequence[Row], found: Sequence[Family], settings: Settings) -> Iterator[str]:
    yield (
        f"Adam with its default settings, batches of 32, {settings.epochs} epochs (SVHN: "
        f"{settings.svhn_epochs}); the paper's are 50 and 5."
    )
    yield (
        f"{settings.held_out} training images are held out, drawn anew for each trial, and choose "
        "the epoch; the paper trains on all and takes the least test loss."
    )
    for family in found:
        last = family.epochs[HELD_OUT][-1]
        yield (
            f"{family.dataset}: N spans a factor {family.N[-1] / family.N[0]:.2g}; {family.trials} "
            f"trials; the widest networks stop after {last:.3g} epochs on average."
        )
        fit = family.exponent()
        yield from (f"{family.dataset}, test loss: {note}" for note in (fit.notes if fit else ()))
        if count := len(where(rows, dataset=family.dataset, kind=COLLAPSED)):
            yield f"{family.dataset}: {count} layers at too few places to have a d."
        if family.trials == 1:
            yield (
                f"{family.dataset}: one trial, so d has the estimator's own error only, and losses "
                "have none."
            )
    present = {family.dataset for family in found}
    yield from (absent(name).capitalize() for name in datasets(settings) if name not in present)
