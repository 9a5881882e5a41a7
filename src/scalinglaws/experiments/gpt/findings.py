"""Rows of gpt -> claims, tables, figures."""

from __future__ import annotations

from collections.abc import Sequence

from scalinglaws.experiments.gpt import claims, figures, tables
from scalinglaws.experiments.gpt.beside import own_rows, pretrained
from scalinglaws.experiments.gpt.measures import (
    alphas,
    dimensions,
    fits,
    rate_checks,
    sizes,
    systematics,
)
from scalinglaws.experiments.gpt.settings import Settings, absent
from scalinglaws.result import Budget, Figure, Findings, Row, Table


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Of the rows there are; all is skipped without the text."""
    own, other = own_rows(rows), pretrained(rows)
    found, checks, d = sizes(own), rate_checks(own), dimensions(own)
    laws, shifts = fits(found), systematics(own)
    both = alphas(laws, shifts)
    skipped = "" if own else absent(settings.vocabulary)
    judged = claims.judge(both, shifts, d, checks, budget, skipped)
    if not own:
        return Findings(judged)
    made: list[Table] = [tables.bound(both, d, other)]
    drawn: list[Figure] = []
    if laws and both:
        made.append(tables.laws(laws, both))
        drawn.append(figures.loss_against_size(found, laws, both, checks))
    made.append(tables.sizes(found, d))
    if d.final:
        made += [tables.outputs(d), tables.estimators(d, both)]
        drawn.append(figures.dimension_against_width(d, both))
    if both and d.widest:
        drawn.append(figures.bound(both, d.widest, not d.unusable, other))
    if checks:
        made.append(tables.rates(checks))
    return Findings(judged, tuple(made), tuple(drawn), tables.notes(settings, d, shifts, other))
