"""Tables of p-loss."""

from __future__ import annotations

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.p_loss.claims import moment_ratio_at, ratio_at, with_drift
from scalinglaws.experiments.p_loss.settings import MSE
from scalinglaws.experiments.p_loss.statistics import Powers, drift
from scalinglaws.experiments.students.lines import drift_of
from scalinglaws.result import Table


def ratios(full: Powers, half: Powers) -> Table:
    """alpha(p) / alpha(2) beside p / 2, of students that minimise p and of moments."""

    def both(p: float) -> tuple[Estimate | float | None, ...]:
        of, moment = with_drift(full, half, ratio_at(p)), with_drift(full, half, moment_ratio_at(p))
        return (
            of and of[0],
            drift(full, half, ratio_at(p)),
            full.collapsed(p),
            moment and moment[0],
        )

    return Table(
        id="ratios",
        title="alpha(p) / alpha(2) over p / 2",
        columns=(
            "p",
            "students of p",
            "its drift",
            "slope of log L_p on log L_2",
            "moments of the p = 2 students",
        ),
        rows=tuple((p, *both(p)) for p in full.ps),
        note="1 by eq. 3.4. Intervals contain the drift from half to full training length and the "
        "scatter of the teachers. Slope of log L_p on log L_2 at equal widths: the same ratio "
        "without N and without a law in N, statistical. Moments: from the slope of M_p / M_2^(p/2) "
        "over the same students, whose errors mostly cancel.",
    )


def exponents(full: Powers, half: Powers) -> Table:
    """alpha of every p and teacher."""
    rows = [
        (
            p,
            seed,
            f.exponent.alpha,
            str(f.exponent.form),
            f.exponent.straight,
            f.exponent_used.alpha,
            drift_of(f, [twin for _, _, twin in half.each]),
            moment.exponent.alpha if (moment := full.moments.get(seed, {}).get(p)) else None,
            full.uniform.get(seed, {}).get(p),
            f.d,
        )
        for seed, p, f in full.each
    ]
    return Table(
        id="exponents",
        title="alpha of every p and teacher",
        columns=(
            "p",
            "teacher",
            "alpha",
            "form",
            "alpha, straight line",
            "alpha, N_used",
            "drift of alpha",
            "alpha of the p = 2 students' moment",
            "the same over alpha(2) p / 2",
            "d (TwoNN)",
        ),
        rows=tuple(rows),
        note=f"Statistical errors. Drift: relative change from half to full training length. "
        f"The last column but one is paired, so that its errors are smaller. p = {MSE:g} is MSE.",
    )
