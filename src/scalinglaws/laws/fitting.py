"""Columns of x and loss -> a fitted law with intervals.

The objective is least squares on log loss: the noise is a constant fraction of the loss. With
`auto` every built law is fitted and each of its p parameters costs 2 s^2 (Mallows' C_p); the
cheapest is the answer, and every interval is the hull over the laws within its limit: discrete
profiling, Dauncey et al. 2015, doi:10.1088/1748-0221/10/04/P04015.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput, NotYet, UnknownName
from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.laws.condense import best_fit, condensed
from scalinglaws.laws.fitted import Candidate, Fit, FitStatus, Objective
from scalinglaws.laws.law import Kind, Law
from scalinglaws.laws.optimise import Optimum, Problem
from scalinglaws.laws.profile import Interval, Profile
from scalinglaws.laws.quantile import gaussian, student
from scalinglaws.laws.registry import AUTO, JOINT, LAWS, law_named

OBJECTIVES = ("lsq", "huber", "lad", "student")
_PENALTY = 2.0  # per parameter, in units of s^2
_SHOWN = 5  # bad rows that a message names


def fit(
    columns: Mapping[str, ArrayLike],
    law: str = AUTO,
    *,
    y: str = "loss",
    x: Sequence[str] | str = ("N",),
    objective: str = "lsq",
    delta: float | None = None,
    level: float = LEVEL,
) -> Fit:
    """Fit a law of the registry to columns[y] against columns[x].

    Every row is a run of its own; rows that repeat another's x and loss are noted.
    Raises BadInput on values that are not positive and finite (naming the rows, counted from
    1), on unequal lengths, on fewer distinct x than the law has parameters and on a constant loss.
    """
    names = (x,) if isinstance(x, str) else tuple(x)
    check_request(law, names, objective, delta)
    if not 0 < level < 1:
        raise BadInput(f"level must lie between 0 and 1, got {level}")
    X, L = _points(columns, names, y)
    problems = _problems(_forms(law, names), names, np.log(X), np.log(L))
    candidates = _candidates(problems, level)
    best = candidates[0]
    params = {name: _parameter(name, candidates, level) for name in best.law.parameters()}
    statuses = list(_statuses(best, params))
    return Fit(
        law=best.law,
        y=y,
        x=names,
        params=params,
        X=X,
        L=L,
        objective=Objective(objective, None, best.optimum.SS),
        residual_sd=math.sqrt(best.profile.s2),
        level=level,
        status=FitStatus.gravest(*statuses),
        notes=tuple(_notes(candidates, params, statuses, names)),
        candidates=tuple(candidates),
    )


def check_request(law: str, x: Sequence[str], objective: str, delta: float | None) -> None:
    """Refuse, before any data is read, what no data could answer: UnknownName, NotYet, BadInput."""
    if not x or len(set(x)) < len(x):
        raise BadInput(f"x: give each column once, got {', '.join(x) or 'none'}")
    if objective not in OBJECTIVES:
        raise UnknownName("objective", objective, OBJECTIVES)
    if objective != "lsq":
        raise NotYet(f"objective {objective!r} (built: lsq)")
    if delta is not None:
        raise BadInput("delta belongs to the objectives huber and student, not to lsq")
    if not _forms(law, x):
        raise NotYet(f"{' and '.join(x)} together need a joint law ({', '.join(JOINT)})")


def _forms(law: str, x: Sequence[str]) -> list[type[Law]]:
    """The laws asked for, of as many variables as x has columns."""
    forms = list(LAWS.values()) if law == AUTO else [law_named(law)]
    return [form for form in forms if form.variables == len(x)]


def _points(
    columns: Mapping[str, ArrayLike], names: tuple[str, ...], y: str
) -> tuple[Float[ndarray, "v n"], Float[ndarray, " n"]]:
    """The x columns and the loss."""
    values = {name: positive_column(columns, name) for name in (*names, y)}
    lengths = {name: len(column) for name, column in values.items()}
    if len(set(lengths.values())) > 1:
        raise BadInput(f"columns must be equally long, got {lengths}")
    return np.stack([values[name] for name in names]), values[y]


def _repeats(problem: Problem) -> int:
    """Points that repeat another's x and loss to the last digit."""
    rows = np.concatenate([problem.log_X, problem.log_L[None]])
    rows = rows[:, np.lexsort(rows)]
    return int((np.diff(rows, axis=1) == 0).all(axis=0).sum())


def positive_column(columns: Mapping[str, ArrayLike], name: str) -> Float[ndarray, " n"]:
    """columns[name] as numbers that have a logarithm; BadInput names the rows that have none."""
    if name not in columns:
        raise UnknownName("column", name, columns)
    given = columns[name]
    tensor = getattr(given, "detach", None)  # a torch tensor, wherever it lives
    try:
        values = np.asarray(tensor().cpu() if tensor else given, dtype=float)
    except (TypeError, ValueError):
        raise BadInput(f"column {name!r} must hold numbers") from None
    if values.ndim != 1 or not len(values):
        raise BadInput(f"column {name!r} must be one-dimensional and not empty: {values.shape}")
    wrong = ~(np.isfinite(values) & (values > 0))
    if wrong.any():
        raise BadInput(
            f"column {name!r} must be positive and finite: {_rows(wrong, values)} "
            "(rows counted from 1): mend or remove these rows"
        )
    return values


def _rows(wrong: Bool[ndarray, " n"], values: Float[ndarray, " n"]) -> str:
    """The first wrong rows, counted from 1, and how many more there are."""
    at = np.flatnonzero(wrong)
    shown = ", ".join(f"row {i + 1} is {values[i]:.6g}" for i in at[:_SHOWN])
    return shown + (f", and {len(at) - _SHOWN} more" if len(at) > _SHOWN else "")


def _problems(
    forms: list[type[Law]],
    names: tuple[str, ...],
    log_X: Float[ndarray, "v n"],
    log_L: Float[ndarray, " n"],
) -> list[Problem]:
    """Those laws that have as many distinct x as parameters; BadInput when none has."""
    distinct = len(np.unique(log_X, axis=1).T)
    able = [form for form in forms if len(form.parameters()) <= distinct]
    if not able:
        needed = min(len(form.parameters()) for form in forms)
        raise BadInput(
            f"{'/'.join(form.name for form in forms)} needs at least {needed} distinct "
            f"{', '.join(names)}; the table has {distinct}: add runs"
        )
    if not np.ptp(log_L):
        raise BadInput(
            "the loss is the same in every row: it shows no law: add runs of other sizes, or "
            "name another column of the loss"
        )
    return [Problem(form, log_X, log_L) for form in able]


def _candidates(problems: list[Problem], level: float) -> list[Candidate]:
    """The laws whose C_p is within t^2 s^2 of the best, the best first."""
    fitted = [(problem, best_fit(problem)) for problem in problems]
    s2 = min((_variance(*one) for one in fitted), default=math.inf)
    penalty = 0.0 if math.isinf(s2) else _PENALTY * s2
    costs = [best.SS + penalty * len(best.theta) for _, best in fitted]
    first = int(np.argmin(costs))
    problem, optimum = fitted[first]
    own_s2 = _variance(problem, optimum)
    dof = len(problem.log_L) - len(optimum.theta)
    reach = math.inf if dof == 0 else student(level, dof) ** 2 * own_s2
    candidates: list[Candidate] = []
    for index in sorted(range(len(fitted)), key=costs.__getitem__):
        problem, optimum = fitted[index]
        limit = costs[first] + reach - penalty * len(optimum.theta)
        if index == first or limit > optimum.SS:
            law = problem.law.at(optimum.theta)
            profile = Profile(condensed(problem, optimum.theta), optimum, own_s2, limit)
            candidates.append(Candidate(law, problem, optimum, profile))
    return candidates


def _variance(problem: Problem, optimum: Optimum) -> float:
    """s^2 = SS / (n - p), not below rounding; infinite when no degree of freedom is left."""
    dof = len(problem.log_L) - len(optimum.theta)
    return max(optimum.SS / dof, _rounding(problem)) if dof else math.inf


def _rounding(problem: Problem) -> float:
    """Variance of log L that rounding alone leaves."""
    return (8 * np.finfo(float).eps * max(1.0, float(np.abs(problem.log_L).max()))) ** 2


def _parameter(name: str, candidates: list[Candidate], level: float) -> Estimate:
    """Value from the best law, interval from every candidate; a law without a constant has 0."""
    law = candidates[0].law
    absent = [(0.0, 0.0)] if law.kinds[law.parameters().index(name)] is Kind.CONSTANT else []
    spans: list[Interval] = []
    for candidate in candidates:
        names = candidate.law.parameters()
        spans += [candidate.profile.parameter(names.index(name))] if name in names else absent
    lo, hi = min(lo for lo, _ in spans), max(hi for _, hi in spans)
    return Estimate(getattr(law, name), (hi - lo) / (2 * gaussian(level)), lo, hi, level)


def _statuses(best: Candidate, params: Mapping[str, Estimate]) -> Iterator[FitStatus]:
    law, problem = best.law, best.problem
    for kind, estimate in zip(law.kinds, params.values(), strict=True):
        open_below = estimate.lo == (-math.inf if kind is Kind.EXPONENT else 0.0)
        if math.isinf(estimate.hi) or (open_below and kind is not Kind.CONSTANT):
            yield FitStatus.UNBOUNDED
        if kind is Kind.EXPONENT and estimate.lo <= 0:
            yield FitStatus.NO_TREND
        if kind is Kind.CONSTANT and estimate.value == 0:
            yield FitStatus.BOUND_HIT
    if len(problem.log_L) < 2 * len(params):
        yield FitStatus.FEW_POINTS
    if best.profile.s2 <= _rounding(problem):
        yield FitStatus.EXACT


def _notes(
    candidates: list[Candidate],
    params: Mapping[str, Estimate],
    statuses: list[FitStatus],
    x: tuple[str, ...],
) -> Iterator[str]:
    best, *others = candidates
    optimum, n = best.optimum, len(best.problem.log_L)
    if repeats := _repeats(best.problem):
        yield f"{repeats} points repeat another's x and loss exactly; each counts as a run"
    if FitStatus.UNBOUNDED in statuses:
        yield "the data leave an end of an interval open"
    if FitStatus.FEW_POINTS in statuses:
        yield f"{n} points for {len(params)} parameters"
    if FitStatus.NO_TREND in statuses:
        yield "the loss does not fall beyond doubt: the interval of the exponent holds 0"
    if FitStatus.BOUND_HIT in statuses:
        yield "the best constant is exactly 0: these data show no floor"
    if FitStatus.EXACT in statuses:
        yield "no residuals beyond rounding: the intervals say nothing about noise"
    sure = FitStatus.BOUND_HIT in statuses or FitStatus.EXACT in statuses
    if optimum.agreed == 1 < optimum.starts and not sure:
        yield f"only 1 of {optimum.starts} starts found this optimum"
    for other in others:
        yield (
            f"the data do not exclude {other.law.name}, {other.law.formula(*x)}: "
            "the intervals allow for it"
        )
