"""Tables that experiments on students share."""

from __future__ import annotations

from collections.abc import Sequence

from scalinglaws.experiments.students.families import Family
from scalinglaws.result import Table


def sizes(families: Sequence[Family]) -> Table:
    """Loss, dead units and d of every width."""
    rows = [
        (
            f.kin.teacher,
            f.teacher_seed,
            f.loss,
            s.n,
            s.N_all,
            s.N_used,
            len(s.L),
            s.dropped,
            s.L_log_mean,
            s.L_log_mean / f.zero_skill,
            s.dead[0],
            s.dead[-1],
            s.d.get("twonn"),
        )
        for f in families
        for s in f.sizes
    ]
    return Table(
        id="sizes",
        title="Every width: loss, dead units, d",
        columns=(
            "teacher",
            "seed",
            "loss",
            "n",
            "N_all",
            "N_used",
            "kept",
            "dropped",
            "L, log-mean",
            "L / zero-skill",
            "dead, first layer",
            "dead, last layer",
            "d (TwoNN)",
        ),
        rows=tuple(rows),
        note="L on 50 000 fresh points in float64. Zero-skill: the loss of the best constant "
        "answer. Dead: share of units positive on none of those points. d where it was measured.",
    )
