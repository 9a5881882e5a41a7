"""How N_max grows with d, and what L = A N^(-4/d) has it be.

Sharma & Kaplan 2020 (arXiv 2004.10802), 2.2.2: L(N_max) = S gives log N_max = (d/4) log(A / S).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.n_max.ends import End
from scalinglaws.experiments.students.families import Family
from scalinglaws.laws.line import Line, fit_line, fit_through_origin


def evidence(ends: Iterable[End]) -> list[End]:
    """Those that were seen."""
    return [end for end in ends if end.seen]


def growth(ends: Sequence[End]) -> Line | None:
    """log N_max on d, with an intercept; None below two dimensions."""
    seen = evidence(ends)
    if len({end.family.k for end in seen}) < 2:
        return None
    return fit_line(
        [end.d.value for end in seen],
        [end.log_N.value for end in seen],
        sigma_x=[end.d.stderr for end in seen],
        sigma_y=[end.log_N.stderr for end in seen],
    )


def growth_of_theory(ends: Sequence[End]) -> Line | None:
    """The same of what the theory has in place of log N_max; no error in y but in alpha."""
    seen = [end for end in evidence(ends) if math.isfinite(predicted(end).stderr)]
    if len({end.family.k for end in seen}) < 2:
        return None
    law = [predicted(end) for end in seen]
    return fit_line(
        [end.d.value for end in seen],
        [e.value for e in law],
        sigma_y=[e.stderr for e in law],
    )


def predicted(end: End) -> Estimate:
    """(d/4) log(A / S), A the prefactor of the family's own power law.

    A is the law's at N = 1, far from the data, and known as well as alpha: at the sizes that
    were trained log(A / S) = alpha log N.
    """
    law = end.family.exponent
    value = end.d.value / 4 * (law.log_A - math.log(end.level))
    relative = math.hypot(end.d.stderr / end.d.value, law.alpha.stderr / law.alpha.value)
    return Estimate.normal(value, abs(value) * relative)


def against_theory(ends: Sequence[End]) -> Estimate | None:
    """Slope of log N_max on (d/4) log(A / S), through the origin; 1 in theory.

    None below two dimensions.
    """
    pairs = [(end.log_N, predicted(end), end.family.k) for end in evidence(ends)]
    known = [(N, law, k) for N, law, k in pairs if math.isfinite(law.stderr) and law.value > 0]
    if len({k for _, _, k in known}) < 2:
        return None
    return fit_through_origin(
        [law.value for _, law, _ in known],
        [N.value for N, _, _ in known],
        sigma_x=[law.stderr for _, law, _ in known],
        sigma_y=[N.stderr for N, _, _ in known],
    )


def entropy_slope(ends: Sequence[End]) -> Estimate | None:
    """4 d log N_max / d log(1/S) of one k taught at several entropies S: d in theory.

    None below two of them.
    """
    seen = evidence(ends)
    if len({end.level for end in seen}) < 2:
        return None
    line = fit_line(
        [-math.log(end.level) for end in seen],
        [end.log_N.value for end in seen],
        sigma_y=[end.log_N.stderr for end in seen],
    )
    return line.slope.map_monotone(lambda slope: 4 * slope, 4.0)


def entropy_slopes(ends: Sequence[End]) -> list[tuple[Estimate, Estimate]]:
    """(d, 4 d log N_max / d log(1/S)) of every k."""
    own = [[end for end in ends if end.family.k == k] for k in sorted({e.family.k for e in ends})]
    slopes = [(group[0].d, entropy_slope(group)) for group in own]
    return [(d, slope) for d, slope in slopes if slope is not None]


def entropy_slopes_on_d(ends: Sequence[End]) -> Estimate | None:
    """Slope of those on d, through the origin; 1 in theory. None below two dimensions."""
    found = entropy_slopes(ends)
    if len(found) < 2:
        return None
    return fit_through_origin(
        [d.value for d, _ in found],
        [slope.value for _, slope in found],
        sigma_x=[d.stderr for d, _ in found],
        sigma_y=[slope.stderr for _, slope in found],
    )


def shifts(real: Sequence[End], stand_in: Sequence[End]) -> list[tuple[End, Estimate]]:
    """log N_max at real entropy less that of students taught exactly, read at the same loss."""
    found: list[tuple[End, Estimate]] = []
    twins = {(end.family.k, end.level): end for end in evidence(stand_in)}
    for end in evidence(real):
        if twin := twins.get((end.family.k, end.level)):
            stderr = math.hypot(end.log_N.stderr, twin.log_N.stderr)
            found.append((end, Estimate.normal(end.log_N.value - twin.log_N.value, stderr)))
    return found


def mean(estimates: Sequence[Estimate]) -> Estimate | None:
    """Weighted by their errors, which scatter beyond them widens."""
    if not estimates:
        return None
    ones = np.ones(len(estimates))
    return fit_through_origin(
        ones, [e.value for e in estimates], sigma_y=[e.stderr for e in estimates]
    )


def excess_over(stream: Family, finite: Family) -> Estimate | None:
    """L(finite data) / L(fresh data) of the largest students that both have."""
    shared = {s.n: s for s in stream.sizes}
    sizes = [s for s in finite.sizes if s.n in shared]
    if not sizes:
        return None
    last, twin = sizes[-1], shared[sizes[-1].n]
    log_ratio = Estimate.normal(
        math.log(last.L_log_mean / twin.L_log_mean),
        math.hypot(last.L_log_stderr, twin.L_log_stderr),
    )
    return log_ratio.map_monotone(math.exp, math.exp(log_ratio.value))
