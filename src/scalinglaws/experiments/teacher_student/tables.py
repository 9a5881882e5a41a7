"""Tables of teacher-student."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.students.depths import hulls
from scalinglaws.experiments.students.families import METHODS, Family, four_over
from scalinglaws.experiments.students.lines import Slopes, drift_of, slopes
from scalinglaws.experiments.teacher_student.claims import FEATURES
from scalinglaws.result import Table


def exponents(full: Sequence[Family], halves: Sequence[Family]) -> Table:
    """4/alpha by every rule, beside d."""
    rows = [
        (
            f.loss,
            f.k,
            f.teacher_seed,
            f.exponent.alpha,
            str(f.exponent.form),
            four_over(f.exponent.alpha),
            four_over(f.exponent.straight),
            four_over(f.circle),
            f.circle_sizes,
            four_over(f.exponent_used.alpha),
            f.count_systematic,
            drift_of(f, halves),
            f.d,
            f.d_inputs.get("twonn"),
        )
        for f in full
    ]
    return Table(
        id="exponents",
        title="alpha, 4/alpha and d of each family",
        columns=(
            "loss",
            "k",
            "teacher",
            "alpha",
            "form",
            "4/alpha",
            "4/alpha, straight line",
            "4/alpha, circle rule",
            "sizes it kept",
            "4/alpha, N_used",
            "systematic of N_used",
            "drift of alpha",
            "d (TwoNN)",
            "d of the inputs",
        ),
        rows=tuple(rows),
        note="alpha: all points, a floor or a break allowed for. Circle rule: the paper's (A.1). "
        "N_used leaves out the weights of dead inputs; the systematic is the relative change of "
        "4/alpha it makes. Drift: relative change of alpha from half to full training length.",
    )


def depths(every: Sequence[Family], full: Sequence[Family]) -> Table:
    """4/alpha of each depth alone, beside that of the lower hull over all."""
    found = sorted({f.kin: f for f in (*every, *hulls(every))}.items())
    best = {f.kin for f in full}
    rows = [
        (
            f.loss,
            f.k,
            f.teacher_seed,
            f.kin.hidden or "hull",
            "yes" if f.kin in best else "no",
            len(f.held),
            f.exponent.alpha,
            four_over(f.exponent.alpha),
            four_over(f.exponent_used.alpha),
            f.d,
        )
        for _, f in found
    ]
    return Table(
        id="depths",
        title="Exponents by the depth of the students",
        columns=(
            "loss",
            "k",
            "teacher",
            "hidden layers",
            "best",
            "sizes",
            "alpha",
            "4/alpha",
            "4/alpha, N_used",
            "d (TwoNN)",
        ),
        rows=tuple(rows),
        note="Best: of least mean log L at equal N, the one that counts. Hull: the corners of the "
        "lower convex hull of all depths in (log N, log L), the paper's choice for KL (A.1); it "
        "keeps the luckiest, always bends upwards, and reads alpha too large.",
    )


def sizes(every: Sequence[Family], full: Sequence[Family]) -> Table:
    """Loss, d and dead units of every width and depth."""
    used = {(f.name, s.n) for f in full for s in f.held}
    rows = [
        (
            f.loss,
            f.k,
            f.teacher_seed,
            s.hidden,
            s.n,
            s.N_all,
            s.N_used,
            "yes" if (f.name, s.n) in used else "no",
            len(s.L),
            s.dropped,
            s.L_log_mean,
            s.L_log_mean / f.zero_skill,
            sum(s.L) / len(s.L),
            s.dead[0],
            s.dead[-1],
            *(s.d.get(method) for method in METHODS),
        )
        for f in every
        for s in f.sizes
    ]
    return Table(
        id="sizes",
        title="Every width: loss, dead units, d by method",
        columns=(
            "loss",
            "k",
            "teacher",
            "hidden layers",
            "n",
            "N_all",
            "N_used",
            "in the fit",
            "kept",
            "dropped",
            "L, log-mean",
            "L / zero-skill",
            "L, mean",
            "dead, first layer",
            "dead, last layer",
            *(f"d, {method}" for method in METHODS),
        ),
        rows=tuple(rows),
        note="L on 50 000 fresh points in float64. Zero-skill: the target's variance (MSE) or the "
        "KL of the best constant answer. Dead: share of units positive on none of those points.",
    )


def inputs(full: Sequence[Family]) -> Table:
    """d of the raw inputs: how far d falls below k with no network at all."""
    rows = [(f.loss, f.k, *(f.d_inputs.get(m) for m in METHODS), f.d, f.d_change()) for f in full]
    return Table(
        id="inputs",
        title="d of the raw inputs, and of the largest students",
        columns=(
            "loss",
            "k",
            *(f"inputs, {method}" for method in METHODS),
            "d (TwoNN), largest width",
            "relative change over n >= 3k",
        ),
        rows=tuple(rows),
        note="Uniform points of a k-cube, equally many as activations (12 000): what is missing "
        "to k is the boundary bias of the estimator.",
    )


def lines(full: Sequence[Family], found: Slopes) -> Table:
    """Every slope, statistical errors only, beside the paper's."""
    free, features = found.free, found.features
    rows: list[tuple[str, Estimate | None, float | None]] = [
        ("4/alpha on d, through the origin", found.through_origin, 1.0),
        ("4/alpha on d, with intercept", free.slope if free else None, None),
        ("its intercept", free.intercept if free else None, None),
        ("4/alpha on d, through the origin, N_used", found.through_origin_used, None),
        ("k on 1/alpha, with intercept", features.slope if features else None, FEATURES.expected),
        ("its intercept", features.intercept if features else None, None),
        ("k on 1/alpha, through the origin", found.features_through_origin, None),
        *((f"4/alpha on d, through the origin, {part}", e, 1.0) for part, e in _parts(full)),
    ]
    return Table(
        id="slopes",
        title="Lines through the families",
        columns=("line", "slope (statistical error)", "the paper's"),
        rows=tuple(rows),
    )


def _parts(full: Sequence[Family]) -> Iterator[tuple[str, Estimate]]:
    """The slope through the origin of each loss and of each teacher, where there are several."""
    for label, part in (("loss", lambda f: f.loss), ("teacher", lambda f: f.teacher_seed)):
        values = sorted({part(f) for f in full})
        for value in values if len(values) > 1 else ():
            own = slopes([f for f in full if part(f) == value])
            if own is not None:
                yield f"{label} {value}", own.through_origin
                yield f"{label} {value}, N_used", own.through_origin_used
