"""Tables of vetted-teachers."""

from __future__ import annotations

from collections.abc import Iterator

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.students.families import Family, four_over
from scalinglaws.experiments.students.lines import Slopes, drift_of
from scalinglaws.experiments.vetted_teachers.claims import RANDOM_SLOPE, VETTED_SLOPE
from scalinglaws.experiments.vetted_teachers.statistics import Both
from scalinglaws.result import Table, Value

Row = tuple[Estimate | Value, ...]


def slopes(found: Both) -> Table:
    """Every line of figure 14, statistical errors only."""
    return Table(
        id="slopes",
        title="Lines through the families, with and without vetting",
        columns=("line", "vetted", "random", "the paper's, vetted", "the paper's, random"),
        rows=tuple(_slopes(found.vetted.lines, found.random.lines)),
        note="Statistical errors. The paper's random teachers are [20, 600, 600] with k = 2..19; "
        "it does not state intercepts, nor the slopes of d on 1/alpha. d on 1/alpha: the free "
        "line of 4/alpha on d turned around, for both have errors.",
    )


def _slopes(vetted: Slopes | None, random: Slopes | None) -> Iterator[Row]:
    def row(name: str, of: str, ours: float | None = None, its: float | None = None) -> Row:
        return (
            name,
            *(getattr(lines, of) if lines else None for lines in (vetted, random)),
            ours,
            its,
        )

    yield row("k on 1/alpha, with intercept", "feature_slope", VETTED_SLOPE, RANDOM_SLOPE)
    yield row("k on 1/alpha, through the origin", "features_through_origin")
    yield row("d on 1/alpha, with intercept", "d_slope")
    yield row("4/alpha on d, through the origin", "through_origin", 1.0, 1.0)
    yield row("4/alpha on d, through the origin, N_used", "through_origin_used")


def families(found: Both, by_log: Both) -> Table:
    """Every family, vetted and random beside each other."""
    log = {f.kin: f for _, group in by_log.groups for f in group.full}
    rows = [
        (
            f.k,
            f.teacher_seed,
            name,
            found.linearity.get((f.kin.teacher, f.teacher_seed, f.k)),
            f.exponent.alpha,
            str(f.exponent.form),
            four_over(f.exponent.alpha),
            four_over(log[f.kin].exponent.alpha),
            four_over(f.exponent_used.alpha),
            drift_of(f, group.halves),
            f.d,
            f.d.value / f.k if f.d else None,
            f.d_inputs.get("twonn"),
        )
        for name, group in found.groups
        for f in group.full
    ]
    return Table(
        id="families",
        title="Linearity of the teacher, exponent and dimension of its students",
        columns=(
            "k",
            "seed",
            "teacher",
            "R^2 of slices",
            "alpha",
            "form",
            "4/alpha",
            "4/alpha of log-means",
            "4/alpha, N_used",
            "drift of alpha",
            "d (TwoNN)",
            "d / k",
            "d of the inputs",
        ),
        rows=tuple(sorted(rows, key=lambda row: row[:3])),
        note="R^2: A.3's score of the logits on 200 rounds of slices that vetted none. alpha: of "
        "the plain mean of the losses, without the worst of every nine trials, as the paper has "
        "it (90 trials, 80 kept). Drift: relative change of alpha from half to full training.",
    )


def sizes(found: Both) -> Table:
    """Every width."""
    rows = [
        (f.k, f.teacher_seed, name, s.n, s.N_all, len(s.L), s.dropped, *_losses(f, s.n))
        for name, group in found.groups
        for f in group.full
        for s in f.sizes
    ]
    return Table(
        id="sizes",
        title="Every width: loss and dimension",
        columns=(
            *("k", "seed", "teacher", "n", "N_all", "kept", "dropped"),
            *("L, mean", "L, log-mean", "L / zero-skill", "d (TwoNN)"),
        ),
        rows=tuple(sorted(rows, key=lambda row: row[:4])),
        note="KL divergence in nats on 50 000 fresh points. Zero-skill: that of the best constant "
        "answer.",
    )


def _losses(f: Family, n: int) -> Row:
    s = next(size for size in f.sizes if size.n == n)
    return sum(s.L) / len(s.L), s.L_log_mean, s.L_log_mean / f.zero_skill, s.d.get("twonn")
