"""Which laws a table allows: Mallows' C_p, and every law within the limit of the best.

Each of a law's p parameters costs 2 s^2; the cheapest law is the answer, and every interval is the
hull over the laws within its limit: discrete profiling, Dauncey et al. 2015,
doi:10.1088/1748-0221/10/04/P04015.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from scalinglaws.errors import BadInput
from scalinglaws.estimate import Estimate
from scalinglaws.laws.fitting.clusters import Clusters, are_grouped
from scalinglaws.laws.fitting.condense import best_fit, condensed
from scalinglaws.laws.fitting.noise import variance
from scalinglaws.laws.fitting.objective import MAD
from scalinglaws.laws.fitting.optimise import Optimum, Problem
from scalinglaws.laws.fitting.profile import Interval, Profile
from scalinglaws.laws.law import Kind, Law
from scalinglaws.laws.quantile import gaussian, student

_PENALTY = 2.0  # per parameter, in units of s^2


@dataclass(frozen=True)
class Candidate:
    """A fitted law close enough to the best to be counted in every interval."""

    law: Law
    problem: Problem  # all points
    optimum: Optimum
    profile: Profile


def able(problems: Sequence[Problem], names: Sequence[str]) -> list[Problem]:
    """Those laws that have as many distinct x as parameters; BadInput when none has."""
    one = problems[0]
    distinct = len(np.unique(one.log_X, axis=1).T)
    found = [p for p in problems if len(p.law.parameters()) <= distinct]
    if not found:
        needed = min(len(p.law.parameters()) for p in problems)
        raise BadInput(
            f"{'/'.join(p.law.name for p in problems)} needs at least {needed} distinct "
            f"{', '.join(names)}; the table has {distinct}: add runs"
        )
    for name, log_x in zip(names, one.log_X, strict=True):
        if not np.ptp(log_x):
            raise BadInput(f"{name} is the same in every row: it shows no law: add runs")
        for problem in found:
            if (least := problem.law.least_x) and log_x.min() <= math.log(least):
                raise BadInput(f"{problem.law.name} needs {name} above {least:g}: change its unit")
    if not np.ptp(one.log_L):
        raise BadInput(
            "the loss is the same in every row: it shows no law: add runs of other sizes, or "
            "name another column of the loss"
        )
    return found


def candidates(
    problems: Sequence[Problem], level: float, groups: Int[ndarray, " n"] | None = None
) -> tuple[list[Candidate], list[str]]:
    """The laws whose C_p is within t^2 s^2 of the best, the best first; notes on those left out.

    groups: the number of each run's group; t has a degree of freedom per group, less parameters.
    Raises BadInput where no law's parameters are doubles.
    """
    fitted, notes = _within_doubles([(problem, best_fit(problem)) for problem in problems])
    s2 = min(variance(problem, best.theta) for problem, best in fitted)
    penalty = 0.0 if math.isinf(s2) else _PENALTY * s2
    costs = [best.F + penalty * len(best.theta) for _, best in fitted]
    first = int(np.argmin(costs))
    problem, optimum = fitted[first]
    own_s2 = variance(problem, optimum.theta)
    grouped = groups if groups is not None and are_grouped(groups) else None
    independent = len(problem.log_L) if grouped is None else int(grouped.max()) + 1
    dof = max(independent - len(optimum.theta), 0)
    reach = math.inf if dof == 0 else student(level, dof) ** 2 * own_s2
    found: list[Candidate] = []
    for index in sorted(range(len(fitted)), key=costs.__getitem__):
        problem, optimum = fitted[index]
        limit = costs[first] + reach - penalty * len(optimum.theta)
        if index == first or limit > optimum.F:
            law = problem.law.at(optimum.theta)
            profile = _profile(problem, optimum, own_s2, limit - optimum.F, grouped)
            found.append(Candidate(law, problem, optimum, profile))
    return found, notes


def _within_doubles(
    fitted: Sequence[tuple[Problem, Optimum]],
) -> tuple[list[tuple[Problem, Optimum]], list[str]]:
    """Without those laws of which a parameter is no double, if another's all are."""
    kept: list[tuple[Problem, Optimum]] = []
    refused: list[BadInput] = []
    for problem, optimum in fitted:
        try:
            problem.law.at(optimum.theta)
            kept.append((problem, optimum))
        except BadInput as error:
            refused.append(error)
    if not kept:
        raise refused[0]
    return kept, [f"left out: {error}" for error in refused]


def _profile(
    problem: Problem,
    optimum: Optimum,
    s2: float,
    reach: float,
    groups: Int[ndarray, " n"] | None,
) -> Profile:
    """Intervals of a loss with corners are those of one without, its like."""
    spread = MAD * float(np.median(np.abs(problem.residual(optimum.theta))))
    loss = problem.loss.blunted(spread)
    if loss == problem.loss:
        clusters = None if groups is None else Clusters.of(problem, optimum.theta, groups)
        small = condensed(problem, optimum.theta)
        return Profile(small, optimum, s2, optimum.F + reach, clusters)
    blunt = replace(problem, loss=loss)
    found = blunt.best([optimum.theta])
    own_s2 = variance(blunt, found.theta)
    clusters = None if groups is None else Clusters.of(blunt, found.theta, groups)
    return Profile(blunt, found, own_s2, found.F + reach * own_s2 / s2 if s2 else found.F, clusters)


def parameter(name: str, found: Sequence[Candidate], level: float) -> Estimate:
    """Value from the best law, interval from every candidate; a law without a constant has 0."""
    law = found[0].law
    absent = [(0.0, 0.0)] if law.kinds[law.parameters().index(name)] is Kind.CONSTANT else []
    spans: list[Interval] = []
    for candidate in found:
        names = candidate.law.parameters()
        spans += [candidate.profile.parameters[names.index(name)]] if name in names else absent
    lo, hi = min(lo for lo, _ in spans), max(hi for _, hi in spans)
    return Estimate(getattr(law, name), (hi - lo) / (2 * gaussian(level)), lo, hi, level)
