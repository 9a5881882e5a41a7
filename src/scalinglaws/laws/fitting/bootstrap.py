"""Bootstrap of a fit: the same law and loss on resampled runs, all draws descending together.

pairs: whole groups of runs are drawn with replacement (Efron & Tibshirani 1993, section 9.5).
wild: every run keeps its x and its group a factor v of mean 0 and variance 1 on its residuals,

    log L*_i = log L(x_i; theta) + v_g(i) a_i r_i,

v Webb's six points +-sqrt(1/2), +-1, +-sqrt(3/2), which serve few groups too (Webb 2023,
doi:10.1111/caje.12661), and a_i = 1/sqrt(1 - h_i) with h_i the run's leverage (HC2), without which
residuals are smaller than errors. Groups are the clusters of Cameron, Gelbach & Miller 2008,
doi:10.1162/rest.90.3.414.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.random import Generator, default_rng

from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.laws.fitting.descent import Data, descend
from scalinglaws.laws.fitting.fitted import Fit
from scalinglaws.laws.fitting.objective import Absolute, Loss
from scalinglaws.laws.fitting.optimise import Problem
from scalinglaws.laws.law import Kind, exp
from scalinglaws.laws.quantile import gaussian, student
from scalinglaws.threads import one_product_per_thread, share

Scheme = Literal["pairs", "wild"]
_SIX = np.sqrt([0.5, 1.0, 1.5])
WEBB = np.concatenate([-_SIX, _SIX])
_AT_ONCE = 250  # draws that descend together: their arrays stay near the processor
_TOLERANCE, _ROUNDS = 1e-9, 100
_FEWEST_GROUPS = 5


@dataclass(frozen=True)
class Bootstrap:
    """The coordinates theta of every draw, and the fit they are of."""

    fit: Fit
    scheme: Scheme
    theta: Float[ndarray, "draws p"]
    groups: int

    def values(self, name: str) -> Float[ndarray, " draws"]:
        """A parameter in every draw, in its own units."""
        names = self.fit.law.parameters()
        if name not in names:
            raise UnknownName("parameter", name, names)
        index = names.index(name)
        column = self.theta[:, index]
        return np.exp(column) if self.fit.law.kinds[index].is_log else column

    @property
    def stderr(self) -> Mapping[str, float]:
        """Standard deviation over the draws, by parameter."""
        return {name: float(self.values(name).std(ddof=1)) for name in self.fit.law.parameters()}

    def interval(self, name: str, level: float = LEVEL) -> Estimate:
        """The fit's value, its standard error and the percentile interval, its arms longer by
        Student's quantile over Gauss's: with few runs per parameter residuals hardly know their
        own size."""
        draws, value = self.values(name), self.fit.params[name].value
        lo, hi = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2]).tolist()
        kind = self.fit.law.kinds[self.fit.law.parameters().index(name)]
        longer = student(level, self.fit.dof) / gaussian(level)
        if kind is Kind.POSITIVE:
            lo, hi = (value * (end / value) ** longer for end in (lo, hi))
        else:
            lo, hi = (value + longer * (end - value) for end in (lo, hi))
        lo = max(lo, 0.0) if kind.may_vanish else lo
        return Estimate(value, float(draws.std(ddof=1)), min(lo, value), max(hi, value), level)

    def mean(self, at: Mapping[str, float] | float, level: float = LEVEL) -> Estimate:
        """The law's loss at x, with the percentile interval of the draws."""
        best = self.fit.mean(at).value
        point = at if isinstance(at, Mapping) else {self.fit.x[0]: at}
        log_x = np.log([[float(point[name])] for name in self.fit.x])
        log_L = self.fit.law.log_loss(self.theta.T[..., None], log_x)[:, 0]
        lo, hi = (exp(q) for q in np.quantile(log_L, [(1 - level) / 2, (1 + level) / 2]).tolist())
        return Estimate(best, best * float(log_L.std(ddof=1)), lo, hi, level)


def bootstrap(
    fit: Fit,
    draws: int = 1000,
    *,
    scheme: Scheme = "wild",
    seed: int = 0,
    threads: int | None = None,
) -> Bootstrap:
    """Refit the law to `draws` resamples of the fit's groups of runs.

    threads: None takes as many as matrix products may; the draws are the same for any number.
    Raises BadInput for fewer than 2 draws and for fewer than five groups.
    """
    if draws < 2:
        raise BadInput(f"a bootstrap needs 2 draws or more, not {draws}")
    groups = int(fit.groups.max()) + 1
    if groups < _FEWEST_GROUPS:
        raise BadInput(
            f"a bootstrap needs {_FEWEST_GROUPS} independent groups of runs, the table has "
            f"{groups}: it would draw the same few again and again"
        )
    problem, theta = fit.problem, fit.optimum.theta
    loss = _resolved(problem.loss)
    sizes = [min(_AT_ONCE, draws - first) for first in range(0, draws, _AT_ONCE)]
    streams = default_rng(seed).spawn(len(sizes))

    parts = [np.empty(0)] * len(sizes)

    def refit(i: int) -> None:
        data = resampled(problem, theta, fit.groups, scheme, sizes[i], streams[i])
        starts = np.tile(theta, (sizes[i], 1))
        parts[i] = descend(data, loss, starts, tolerance=_TOLERANCE, rounds=_ROUNDS)

    with one_product_per_thread() as available:
        share(refit, range(len(sizes)), threads or available)
    return Bootstrap(fit, scheme, np.concatenate(parts), groups)


def resampled(
    problem: Problem,
    theta: Float[ndarray, " p"],
    groups: Int[ndarray, " n"],
    scheme: Scheme,
    draws: int,
    rng: Generator,
) -> Data:
    """The data of so many draws."""
    number = int(groups.max()) + 1
    if scheme == "pairs":
        counts = rng.multinomial(number, np.full(number, 1 / number), size=draws)
        return Data(problem.law, problem.log_X, problem.log_L, problem.weight * counts[:, groups])
    v = rng.choice(WEBB, size=(draws, number))
    error = problem.residual(theta) / np.sqrt(1 - leverage(problem, theta))
    log_L = problem.law.log_loss(theta, problem.log_X) + v[:, groups] * error
    return Data(problem.law, problem.log_X, log_L, problem.weight)


def leverage(problem: Problem, theta: Float[ndarray, " p"]) -> Float[ndarray, " n"]:
    """h_i, the share of a run's own error in its fitted value, at most 0.9; of squares."""
    rows = problem.gradient_rows(theta)[:, np.isfinite(theta)]
    J = rows * np.sqrt(np.reshape(problem.weight, (-1, 1)))
    Q, _ = np.linalg.qr(J / np.maximum(np.abs(J).max(axis=0), np.finfo(float).tiny))
    return np.minimum(np.sum(Q**2, axis=1), 0.9)


def _resolved(loss: Loss) -> Loss:
    """|r| with a corner that a descent from the optimum gets around."""
    return Absolute(1e-5) if isinstance(loss, Absolute) else loss
