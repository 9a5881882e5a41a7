"""Tables of id-across-students."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.cnn.cell import HELD_OUT
from scalinglaws.experiments.cnn.families import Family as Cnns
from scalinglaws.experiments.id_across_students.claims import power_of_loss, wide
from scalinglaws.experiments.id_across_students.spread import Spread
from scalinglaws.experiments.students.families import METHODS, Family, relative_change
from scalinglaws.experiments.students.widths import holds
from scalinglaws.result import Table


def growth(full: Sequence[Family]) -> Table:
    """How much d changes while the loss falls, by every method."""
    return Table(
        id="growth",
        title="Change of d over the widths n >= 3k, beside that of the loss",
        columns=(
            "loss",
            "k",
            "teacher",
            "widths",
            "N from",
            "N to",
            "loss falls by a factor",
            *(f"change of d, {method}" for method in METHODS),
            "power of 1/L (TwoNN)",
        ),
        rows=tuple(
            (
                f.loss,
                f.k,
                f.teacher_seed,
                len(sizes),
                sizes[0].N_all,
                sizes[-1].N_all,
                sizes[0].L_log_mean / sizes[-1].L_log_mean,
                *(_change(f, method) for method in METHODS),
                power_of_loss(f),
            )
            for f in full
            if len(sizes := wide(f)) > 1
        ),
        note="Change: slope of log d on log n over these widths, times their range.",
    )


def _change(family: Family, method: str) -> Estimate | None:
    measured = [(s.n, s.d[method]) for s in wide(family) if method in s.d]
    if len(measured) < 2:
        return None
    return relative_change([n for n, _ in measured], [d for _, d in measured])


def sizes(full: Sequence[Family]) -> Table:
    """d of every size by every method, with the loss."""
    return Table(
        id="sizes",
        title="d and loss of every size",
        columns=("loss", "k", "teacher", "n", "N", "n >= 3k", "L", *METHODS),
        rows=tuple(
            (
                f.loss,
                f.k,
                f.teacher_seed,
                s.n,
                s.N_all,
                "yes" if holds(s.n, f.k) else "no",
                s.L_log_mean,
                *(s.d.get(method) for method in METHODS),
            )
            for f in full
            for s in f.sizes
        ),
        note="Mean over the students whose d was measured, with the estimator's error or their "
        "scatter, the larger.",
    )


def spread(found: Sequence[Spread]) -> Table:
    """Scatter over students against the error that the estimator claims."""
    return Table(
        id="spread",
        title="Spread of d over students of one size and teacher",
        columns=(
            "k",
            "n",
            "N",
            "method",
            "students",
            "mean d",
            "sd",
            "sd / mean",
            "the estimator's error",
            "sd / that error",
            "min d",
            "max d",
        ),
        rows=tuple(
            (
                s.k,
                s.n,
                s.N,
                s.method,
                len(s.d),
                Estimate.normal(s.mean, s.sd.value / math.sqrt(len(s.d))),
                s.sd,
                s.relative,
                s.own,
                s.over_own,
                min(s.d),
                max(s.d),
            )
            for s in found
        ),
        note="All students of a teacher are measured at the same points, so that the estimator's "
        "error, which is that of other points, is not part of the scatter: a ratio above 1 is the "
        "students' own.",
    )


def cnns(found: Sequence[Cnns]) -> Table:
    """d of the last hidden layer of CNNs."""
    return Table(
        id="cnns",
        title="CNNs: d of the last hidden layer and test loss at every width",
        columns=("images", "n", "N", "networks", "test loss", *METHODS),
        rows=tuple(
            (
                f.dataset,
                n,
                f.N[i],
                f.trials,
                f.curves[HELD_OUT, "L_test"].log_mean(i),
                *(f.d[False, method][i] for method in METHODS),
            )
            for f in found
            for i, n in enumerate(f.n)
        ),
        note="Before the last ReLU; test loss at the step chosen on held-out images.",
    )
