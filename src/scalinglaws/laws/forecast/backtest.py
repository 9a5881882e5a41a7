"""Back-tests on the table itself: what each law would have forecast from every rolling origin.

e = log L - log L forecast from the runs up to an origin; its horizon h is the factor in budget
between that run and the origin's last. Laws are tried from the same origins on the same runs, so
that their errors can be compared in pairs. Residuals of one table are dependent: neighbouring
origins share runs, and one origin's forecasts share its error (Tashman 2000,
doi:10.1016/S0169-2070(00)00065-0, on rolling origins).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput
from scalinglaws.laws.fitting.fitted import Fit
from scalinglaws.laws.fitting.objective import SQUARES, Loss
from scalinglaws.laws.fitting.optimise import Problem
from scalinglaws.laws.fitting.scale import loss_for
from scalinglaws.laws.forecast.origins import Origins, origins
from scalinglaws.laws.forecast.prefixes import Prefixes, fit_prefixes
from scalinglaws.laws.forecast.runs import Runs
from scalinglaws.laws.law import Law
from scalinglaws.laws.registry import LAWS, law_named

_FEWEST = 3  # origins that a law must leave, if a simpler one does
_LARGEST = 6  # parameters of a law that is tried unasked
_SHORTEST = 19  # residuals that are compared at least


Logs = Float[ndarray, "k m"]


@dataclass(frozen=True)
class BackTest:
    """Every forecast of every law, from short horizons to long ones.

    e, sd: log L less the forecast, and the forecast's own standard deviation for a new run.
    origin, run: the row of `at` and of `runs` that each belongs to. fits: of each law at every
    origin, the last of them to the whole table.
    """

    laws: tuple[str, ...]
    e: Float[ndarray, "k r"]
    sd: Float[ndarray, "k r"]
    horizon: Float[ndarray, " r"]
    origin: Int[ndarray, " r"]
    run: Int[ndarray, " r"]
    runs: Runs
    at: Origins
    fits: tuple[Prefixes, ...]
    notes: tuple[str, ...]

    @property
    def group(self) -> Int[ndarray, " r"]:
        return self.runs.group[self.run]

    @property
    def longest(self) -> float:
        """The largest horizon tried; 1 where none was."""
        return float(self.horizon.max(initial=1.0))

    def within(self, horizon: float) -> Bool[ndarray, " r"]:
        """The residuals up to a horizon: at least the 19 shortest, as far as there are so many."""
        found = self.horizon <= horizon
        found[:_SHORTEST] = True
        return found

    def log_rmsle(self, horizon: float) -> Float[ndarray, "k o"]:
        """log RMSLE of each origin's forecasts up to a horizon, not below rounding."""
        those = self.within(horizon)
        _, index = np.unique(self.origin[those], return_inverse=True)
        count = np.bincount(index)
        mean2 = np.stack([np.bincount(index, e**2) / count for e in self.e[:, those]])
        return 0.5 * np.log(np.maximum(mean2, np.finfo(float).eps ** 2))

    def rmsle(self, above: float = 1.0, to: float = math.inf) -> dict[str, float]:
        """sqrt(mean e^2) of each law over horizons above one and up to another; nan without any."""
        those = (self.horizon > above) & (self.horizon <= to)
        if not those.any():
            return dict.fromkeys(self.laws, math.nan)
        found = np.sqrt(np.mean(self.e[:, those] ** 2, axis=1))
        return dict(zip(self.laws, found.tolist(), strict=True))

    def forecast(self, log_x: Float[ndarray, "v m"]) -> tuple[Logs, Logs]:
        """log L and its standard deviation by each law's fit to the whole table."""
        found = [fit.forecast(log_x) for fit in self.fits]
        return np.stack([log_L[-1] for log_L, _ in found]), np.stack([sd[-1] for _, sd in found])


def back_test(
    columns: Mapping[str, ArrayLike],
    laws: Sequence[str] = (),
    *,
    y: str = "loss",
    x: Sequence[str] | str = ("N",),
    budget: str | None = None,
    objective: str = "lsq",
    delta: float | None = None,
    weights: str | None = None,
    groups: str | None = None,
    reach: float = 1.0,
) -> BackTest:
    """What each law would have forecast of the table's later runs from its earlier ones.

    Columns, objective and weights as of `laws.fit`; without names, every law of the registry of so
    many variables and at most 6 parameters. budget: column by which runs are early or late, for a
    law of one variable x by default, for a joint law the product of its x, as 6ND is. groups: runs
    of one are never split between the fitted and the forecast. reach: the horizon that will be
    asked; a law too large to be tried that far is left out where a smaller one is not.
    """
    runs = Runs.of(columns, y=y, x=x, budget=budget, weights=weights, groups=groups)
    forms = [law_named(name) for name in laws] or usual(len(runs.x))
    able = [form for form in forms if runs.defines(form)] or forms
    problems = [Problem(form, runs.log_X, runs.log_L, weight=runs.weight) for form in able]
    loss = loss_for(problems, objective, delta)
    return back_test_runs(runs, forms, loss, reach)


def back_test_of(fit: Fit, *, every_law: bool = False, reach: float = 1.0) -> BackTest:
    """The back-test of a fit's table by its own law, or by every usual law of its variables."""
    forms = usual(len(fit.x)) if every_law else [type(fit.law)]
    return back_test_runs(Runs.of_fit(fit), forms, fit.problem.loss, reach)


def usual(variables: int) -> list[type[Law]]:
    """The registry's laws of so many variables that a table of usual length can try."""
    return [
        law for law in LAWS.values() if law.variables == variables and len(law.kinds) <= _LARGEST
    ]


def back_test_runs(
    runs: Runs, laws: Sequence[type[Law]], loss: Loss = SQUARES, reach: float = 1.0
) -> BackTest:
    """Forecasts of the laws from every origin, the simplest law first.

    An origin has 2 distinct x per parameter of the largest law. A law that leaves fewer than 3
    origins, or none at the horizon `reach`, where a smaller one does not, is not tried. One that
    leaves too few residuals for a band is: on the short curves of arXiv:2209.06640 forecasts
    without it were up to 4 times worse. Raises BadInput for laws of other variables than the
    table's, or for none.
    """
    wrong = [law.name for law in laws if law.variables != len(runs.x)]
    if wrong or not laws:
        raise BadInput(f"no law of {', '.join(runs.x)}: {', '.join(wrong) or 'none given'}")
    notes = list(runs.notes)
    tried, at = _able(runs, laws, reach)
    if dropped := [law.name for law in laws if law not in tried]:
        notes.append(f"too few runs, or an x too small, to back-test {', '.join(dropped)}")
    origin, run = at.pairs
    horizon = np.exp(runs.log_budget[run] - at.log_end[origin])
    order = np.argsort(horizon, kind="stable")
    origin, run, horizon = origin[order], run[order], horizon[order]
    fits = tuple(fit_prefixes(law, runs, at, loss) for law in tried)
    found = [fit.forecast(runs.log_X) for fit in fits]
    e = np.stack([runs.log_L[run] - log_L[origin, run] for log_L, _ in found])
    sd = np.stack([sd[origin, run] for _, sd in found])
    good = np.isfinite(e).all(axis=0)
    if not good.all():
        notes.append(f"{int((~good).sum())} forecasts beyond double precision are left out")
    notes += _of_origins(at, len(np.unique(run)))
    return BackTest(
        laws=tuple(law.name for law in tried),
        e=e[:, good],
        sd=sd[:, good],
        horizon=horizon[good],
        origin=origin[good],
        run=run[good],
        runs=runs,
        at=at,
        fits=fits,
        notes=tuple(notes),
    )


def _able(runs: Runs, laws: Sequence[type[Law]], reach: float) -> tuple[list[type[Law]], Origins]:
    """Laws that the table can try, by number of parameters, and the origins of the largest."""
    defined = [law for law in laws if runs.defines(law)]
    if not defined:
        raise BadInput(f"{laws[0].name} needs x above {laws[0].least_x:g}: change its unit")
    sizes = {law: origins(runs, len(law.kinds)) for law in defined}
    support = {law: _support(runs, at, reach) for law, at in sizes.items()}
    most = max(support.values())
    tried = [law for law in defined if support[law] == most]
    if not sizes[tried[0]].count:
        tried = [min(defined, key=lambda law: len(law.kinds))]
    tried.sort(key=lambda law: len(law.kinds))
    return tried, sizes[tried[-1]]


def _support(runs: Runs, at: Origins, reach: float) -> tuple[int, bool]:
    """Origins up to as many as are needed, and whether a horizon is reached."""
    origin, run = at.pairs
    longest = float(np.max(runs.log_budget[run] - at.log_end[origin], initial=-math.inf))
    return min(at.count, _FEWEST), longest >= math.log(reach)


def _of_origins(at: Origins, runs: int) -> list[str]:
    if not at.count:
        return ["no back-test: no prefix with 2 distinct x per parameter leaves a run to forecast"]
    few = [f"only {at.count} origins"] if at.count < _FEWEST else []
    return few + (["one run alone was forecast: nothing vouches for others"] if runs == 1 else [])
