"""Tables of n-max."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.n_max import statistics
from scalinglaws.experiments.n_max.ends import End, find_end
from scalinglaws.experiments.n_max.study import Study
from scalinglaws.experiments.students.families import Family
from scalinglaws.result import Table, Value

Cells = tuple[Estimate | Value, ...]


def thresholds(study: Study) -> Table:
    """Figure 2 as numbers, at every threshold."""
    ends = [
        end
        for loss in study.losses
        for level in study.settings.entropies
        for end in study.at_threshold(loss, level)
    ]
    return Table(
        id="thresholds",
        title="N_max where the loss reaches a threshold",
        columns=(
            "loss",
            "k",
            "teacher",
            "threshold",
            "steps",
            "d (TwoNN)",
            "log N_max",
            "N_max",
            "within the sizes trained",
            "(d/4) log(A / threshold)",
        ),
        rows=tuple(_end(end, statistics.predicted(end)) for end in ends),
        note="log: natural. Students of full length or, where those start below the threshold, "
        "of half the length, which start smaller. Not within the sizes: extrapolated by the "
        "family's power law, shown and in no fit. A: prefactor of that law.",
    )


def _end(end: End, *more: Estimate | Value) -> Cells:
    f = end.family
    log_N: Estimate | float = end.log_N if end.seen else end.log_N.value
    N, seen = math.exp(end.log_N.value), "yes" if end.seen else "no"
    return f.loss, f.k, f.teacher_seed, end.level, f.steps, end.d, log_N, N, seen, *more


def range_ends(study: Study) -> Table:
    """Figure 12 as numbers, by both rules."""
    of = [f for loss in study.losses for f in study.shallow if f.loss == loss]
    return Table(
        id="range-ends",
        title="N_max as the end of the power law of two-layer students",
        columns=(
            "loss",
            "k",
            "teacher",
            "d (TwoNN)",
            "N_max",
            "form",
            "N_max, circle rule",
            "largest N trained",
        ),
        rows=tuple(row for f in of for row in _range_end(study, f)),
        note="N_max: of the law that fits best, which may end in a floor or a break, with the "
        "interval of all that fit about as well; infinite where none ends. Circle rule: the last "
        "size that A.1 keeps; it has no error.",
    )


def _range_end(study: Study, f: Family) -> Iterator[Cells]:
    if (end := find_end(f)) is not None:
        circle = f.held[f.circle_sizes - 1].N_all
        d, last = study.d_of(f), f.sizes[-1].N_all
        yield f.loss, f.k, f.teacher_seed, d, end.N_max, str(end.form), circle, last


def entropy(study: Study) -> Table:
    """N_max of students taught with entropy, beside those taught exactly, and blind."""
    twins = {(e.family.loss, e.family.k, e.level): e for e in study.stand_ins()}
    real = [*study.at_noise(), *study.at_labels()]
    return Table(
        id="entropy",
        title="N_max at real entropy",
        columns=(
            "loss",
            "k",
            "teacher",
            "entropy",
            "steps",
            "d (TwoNN)",
            "log N_max",
            "N_max",
            "within the sizes trained",
            "log N_max, taught exactly",
            "N_max from entropy + L alone",
            "L of the largest / entropy",
        ),
        rows=tuple(
            _end(
                end,
                _log_N(twins.get((end.family.loss, end.family.k, end.level))),
                _blind(end),
                end.family.sizes[-1].L_log_mean / end.level,
            )
            for end in real
        ),
        note="Entropy: the noise's variance (MSE), the mean entropy of the labels' distribution "
        "in nats (KL). N_max: where the excess loss has fallen to it, so that the whole loss is "
        "twice its plateau. From entropy + L alone: the end of the power law that the whole loss "
        "shows to one who does not know the plateau. Taught exactly: where the loss of students "
        "without entropy is as large.",
    )


def _log_N(end: End | None) -> Estimate | None:
    return end.log_N if end is not None and end.seen else None


def _blind(end: End) -> Estimate | None:
    found = find_end(end.family, end.level)
    return found.N_max if found else None


def finite(study: Study) -> Table:
    """What finite data does."""
    return Table(
        id="finite-data",
        title="Students of finite data sets",
        columns=(
            "k",
            "points",
            "d (TwoNN)",
            "N_max",
            "form",
            "L of the largest / on fresh data",
        ),
        rows=tuple(row for f in study.finite for row in _finite(study, f)),
        note="N_max: the end of the power law of the test loss. Fixed data are no fixed entropy: "
        "the plateau that D points leave falls as d does, as D^(-4/d) where a fit interpolates "
        "them, and then N_max is of order D for every d.",
    )


def _finite(study: Study, f: Family) -> Iterator[Cells]:
    stream, end = study.stream_twin(f), find_end(f)
    excess = statistics.excess_over(stream, f) if stream else None
    yield (
        f.k,
        f.kin.points,
        study.d_of(f),
        end.N_max if end else None,
        str(end.form) if end else None,
        excess,
    )


def slopes(study: Study) -> Table:
    """Every slope of log N_max on d, beside that of the theory."""
    groups = [
        (f"{loss}, loss {level:g}", study.at_threshold(loss, level))
        for loss in study.losses
        for level in study.settings.entropies
    ]
    groups += [(f"{loss}, end of the power law", study.range_ends(loss)) for loss in study.losses]
    noise = study.settings.entropies
    groups += [(f"mse, noise of variance {v:g}", study.at_noise(v)) for v in noise]
    groups.append(("kl, drawn labels", study.at_labels()))
    groups += [(f"mse, {D} points", study.finite_ends(D)) for D in study.settings.points]
    return Table(
        id="slopes",
        title="How log N_max grows with d",
        columns=(
            "N_max",
            "families seen",
            "of",
            "slope of log N_max on d",
            "intercept",
            "slope of (d/4) log(A / L)",
            "log N_max over it",
        ),
        rows=tuple(_slope(label, ends) for label, ends in groups if ends),
        note="Slopes in e-folds per dimension, statistical errors. The theory's slope is that of "
        "(d/4) log(A / L) of the same families, on the same d.",
    )


def _slope(label: str, ends: Sequence[End]) -> Cells:
    line, seen = statistics.growth(ends), statistics.evidence(ends)
    of_level = bool(ends) and ends[0].level > 0
    law = statistics.growth_of_theory(ends) if of_level else None
    ratio = statistics.against_theory(ends) if of_level else None
    own = (line.slope, line.intercept) if line else (None, None)
    return label, len(seen), len(ends), *own, law.slope if law else None, ratio


def entropy_slopes(study: Study) -> Table:
    """4 d log N_max / d log(1/S) of every k: d in theory."""
    found = statistics.entropy_slopes(study.at_noise())
    return Table(
        id="entropy-slopes",
        title="How log N_max grows as the noise falls",
        columns=("d (TwoNN)", "4 d log N_max / d log(1 / sigma^2)"),
        rows=tuple(found),
        note="Of the variances whose plateau the sizes pass; in theory the second column is d.",
    )
