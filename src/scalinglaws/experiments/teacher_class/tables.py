"""Tables of teacher-class."""

from __future__ import annotations

from scalinglaws.experiments.students.families import four_over
from scalinglaws.experiments.students.lines import drift_of
from scalinglaws.experiments.teacher_class.claims import NAMES, OF
from scalinglaws.experiments.teacher_class.settings import KINDS
from scalinglaws.experiments.teacher_class.statistics import (
    Classes,
    dimension,
    inverse,
    product_used,
)
from scalinglaws.result import Table


def classes(found: Classes) -> Table:
    """alpha d of every class."""
    rows = [
        (
            k,
            NAMES[kind],
            found.mean(kind, k),
            OF[kind].expected,
            found.drift(kind, k),
            found.mean(kind, k, product_used),
            found.mean(kind, k, inverse),
            found.mean(kind, k, dimension),
        )
        for k in found.ks
        for kind in KINDS
    ]
    return Table(
        id="classes",
        title="alpha d by the class of the teacher",
        columns=(
            *("k", "teachers", "alpha d", "theory", "its drift", "alpha d, N_used"),
            *("4/alpha", "d (TwoNN)"),
        ),
        rows=tuple(rows),
        note="Means over the teachers; errors from their scatter and from the drift, the change "
        "from half to full training length. Theory: a fixed number of linear pieces, 4/d for "
        "bounded second derivatives and 3/d for jumps of the gradient; students may place "
        "their pieces along the kinks, which the theory does not allow for.",
    )


def families(found: Classes) -> Table:
    """Every teacher."""
    rows = [
        (
            f.k,
            NAMES[kind],
            f.teacher_seed,
            f.exponent.alpha,
            str(f.exponent.form),
            four_over(f.exponent.alpha),
            four_over(f.exponent_used.alpha),
            drift_of(f, found.halves),
            f.d,
            f.d_inputs.get("twonn"),
            f.sizes[0].L_log_mean / f.zero_skill,
            f.sizes[-1].L_log_mean / f.zero_skill,
        )
        for kind in KINDS
        for f in found.full
        if f.kin.teacher_kind == kind
    ]
    return Table(
        id="families",
        title="Exponent and dimension of every teacher's students",
        columns=(
            *("k", "teachers", "seed", "alpha", "form", "4/alpha", "4/alpha, N_used"),
            *("drift of alpha", "d (TwoNN)", "d of the inputs"),
            *("L / variance, narrowest", "L / variance, widest"),
        ),
        rows=tuple(sorted(rows, key=lambda row: (row[0], row[1], row[2]))),
        note="Equal seeds are equal weights.",
    )
