"""Bootstrap of a fit: the same law and loss on resampled runs, all draws descending together.

pairs: whole groups of runs are drawn with replacement (Efron & Tibshirani 1993, section 9.5).
wild: every run keeps its x and its group a factor v of mean 0 and variance 1 on its residuals,

    log L*_i = log L(x_i; theta) + v_g(i) e_i,

v Webb's six points +-sqrt(1/2), +-1, +-sqrt(3/2) (Webb 2023, doi:10.1111/caje.12661), and e the
residuals without the fit's share in them (`clusters`), without which they are smaller than errors.
Groups are the clusters of Cameron, Gelbach & Miller 2008,
doi:10.1162/rest.90.3.414.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.random import Generator, default_rng

from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.laws.fitting.candidates import Candidate
from scalinglaws.laws.fitting.clusters import corrected
from scalinglaws.laws.fitting.descent import Data, descend
from scalinglaws.laws.fitting.fitted import Fit
from scalinglaws.laws.fitting.objective import SQUARES, Absolute, Loss
from scalinglaws.laws.fitting.optimise import Problem
from scalinglaws.laws.fitting.profile import Interval
from scalinglaws.laws.law import Kind, Law, LogX, Theta, exp
from scalinglaws.laws.quantile import gaussian, student
from scalinglaws.threads import one_product_per_thread, share

Scheme = Literal["pairs", "wild"]
_SCHEMES = ("wild", "pairs")
_SIX = np.sqrt([0.5, 1.0, 1.5])
WEBB = np.concatenate([-_SIX, _SIX])
_AT_ONCE = 250  # draws that descend together: their arrays stay near the processor
_ROUGH, _TOLERANCE, _ROUNDS = 1e-5, 1e-9, 100
_FEWEST_GROUPS = 5


@dataclass(frozen=True)
class Drawn:
    """A candidate of the fit, and its coordinates theta in every draw."""

    law: Law
    theta: Float[ndarray, "draws p"]

    def has(self, name: str) -> bool:
        return name in self.law.parameters()

    def values(self, name: str) -> Float[ndarray, " draws"]:
        """A parameter in every draw, in its own units."""
        index = self.law.parameters().index(name)
        column = self.theta[:, index]
        return np.exp(column) if self.law.kinds[index].is_log else column

    def log_loss(self, log_x: LogX) -> Float[ndarray, " draws"]:
        """At one x."""
        return self.law.log_loss(self.theta.T[..., None], log_x)[:, 0]


@dataclass(frozen=True)
class Bootstrap:
    """A fit and its draws. others: the draws of the laws that the data do not exclude."""

    fit: Fit
    scheme: Scheme
    drawn: Drawn
    others: tuple[Drawn, ...]
    groups: int

    def values(self, name: str) -> Float[ndarray, " draws"]:
        """A parameter of the fitted law in every draw, in its own units."""
        if not self.drawn.has(name):
            raise UnknownName("parameter", name, self.fit.law.parameters())
        return self.drawn.values(name)

    @property
    def theta(self) -> Float[ndarray, "draws p"]:
        """The coordinates of the fitted law in every draw."""
        return self.drawn.theta

    @property
    def stderr(self) -> Mapping[str, float]:
        """Standard deviation over the draws, by parameter."""
        return {name: float(self.values(name).std(ddof=1)) for name in self.fit.law.parameters()}

    def interval(self, name: str, level: float = LEVEL) -> Estimate:
        """The fit's value, its standard error and the percentile interval, over all laws that the
        data do not exclude; a law without a constant has it at 0."""
        draws, value = self.values(name), self.fit.params[name].value
        kind = self.fit.law.kinds[self.fit.law.parameters().index(name)]
        spans = [self._span(self.drawn, name, kind, level)]
        for other in self.others:
            if other.has(name):
                spans.append(self._span(other, name, kind, level))
            elif kind is Kind.CONSTANT:
                spans.append((0.0, 0.0))
        lo, hi = min(lo for lo, _ in spans), max(hi for _, hi in spans)
        return Estimate(value, float(draws.std(ddof=1)), min(lo, value), max(hi, value), level)

    def mean(self, at: Mapping[str, float] | float, level: float = LEVEL) -> Estimate:
        """The law's loss at x, with the percentile interval of the draws of all those laws."""
        point = at if isinstance(at, Mapping) else {self.fit.x[0]: at}
        log_x = np.log([[float(point[name])] for name in self.fit.x])
        spans: list[Interval] = []
        for one in (self.drawn, *self.others):
            (best,) = one.law.log_loss(one.law.theta, log_x).tolist()
            spans.append(self._lengthened(best, one.log_loss(log_x), level))
        (log_L,) = self.fit.law.log_loss(self.fit.law.theta, log_x).tolist()
        lo, hi = exp(min(lo for lo, _ in spans)), exp(max(hi for _, hi in spans))
        stderr = exp(log_L) * float(self.drawn.log_loss(log_x).std(ddof=1))
        return Estimate(exp(log_L), stderr, lo, hi, level)

    def _span(self, of: Drawn, name: str, kind: Kind, level: float) -> Interval:
        draws, value = of.values(name), float(getattr(of.law, name))
        if kind is Kind.POSITIVE:
            lo, hi = self._lengthened(math.log(value), np.log(draws), level)
            return exp(lo), exp(hi)
        lo, hi = self._lengthened(value, draws, level)
        return (max(lo, 0.0) if kind.may_vanish else lo), hi

    def _lengthened(self, value: float, draws: Float[ndarray, " draws"], level: float) -> Interval:
        """Percentiles, their arms longer by Student's quantile over Gauss's: with few independent
        runs per parameter residuals hardly know their own size."""
        longer = student(level, self.fit.dof) / gaussian(level)
        lo, hi = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2]).tolist()
        if math.isinf(longer):
            return -math.inf, math.inf
        return value + longer * (lo - value), value + longer * (hi - value)


def bootstrap(
    fit: Fit,
    draws: int = 1000,
    *,
    scheme: Scheme | None = None,
    seed: int = 0,
    threads: int | None = None,
) -> Bootstrap:
    """Refit the law, and those that the data do not exclude, to `draws` resamples of the fit's
    groups of runs.

    scheme: by default wild for squares and pairs for other losses, of which signs drawn at random
    do not tell the error (Feng, He & Hu 2011, doi:10.1093/biomet/asr052: wild errors of alpha were
    .92 and .96 of the true ones for lad and huber, and their intervals covered .88 and .91).
    threads: None takes as many as matrix products may; the draws are the same for any number.
    Raises BadInput for fewer than 2 draws and for fewer than five groups, UnknownName for another
    scheme.
    """
    if draws < 2:
        raise BadInput(f"a bootstrap needs 2 draws or more, not {draws}")
    if scheme is None:
        scheme = "wild" if fit.problem.loss is SQUARES else "pairs"
    if scheme not in _SCHEMES:
        raise UnknownName("scheme of a bootstrap", scheme, _SCHEMES)
    if fit.independent < _FEWEST_GROUPS:
        raise BadInput(
            f"a bootstrap needs {_FEWEST_GROUPS} independent groups of runs, the table has "
            f"{fit.independent}: it would draw the same few again and again"
        )
    first, *others = (
        Drawn(one.law, _refits(one, fit.groups, scheme, draws, seed, threads))
        for one in fit.candidates
    )
    return Bootstrap(fit, scheme, first, tuple(others), fit.independent)


def _refits(
    candidate: Candidate,
    groups: Int[ndarray, " n"],
    scheme: Scheme,
    draws: int,
    seed: int,
    threads: int | None,
) -> Float[ndarray, "draws p"]:
    problem, theta = candidate.problem, candidate.optimum.theta
    loss = _resolved(problem.loss)
    sizes = [min(_AT_ONCE, draws - first) for first in range(0, draws, _AT_ONCE)]
    streams = default_rng(seed).spawn(len(sizes))
    starts = _starts(problem, theta)
    parts = [np.empty(0)] * len(sizes)

    def refit(i: int) -> None:
        data = resampled(problem, theta, groups, scheme, sizes[i], streams[i])
        ends = np.stack([_descended(data, loss, start) for start in starts])
        F = np.stack([data.F(loss, end) for end in ends])
        best = np.argmin(np.where(np.isnan(F), np.inf, F), axis=0)
        parts[i] = ends[best, np.arange(sizes[i])]

    with one_product_per_thread() as available:
        share(refit, range(len(sizes)), threads or available)
    return np.concatenate(parts)


def _descended(data: Data, loss: Loss, start: Theta) -> Float[ndarray, "draws p"]:
    """By way of easier losses where the loss has such: of sharp ones a draw has many valleys."""
    theta = np.tile(start, (len(data.log_L if data.log_L.ndim == 2 else data.weight), 1))
    *easier, last = loss.sharpened()
    for step in easier:
        theta = descend(data, step, theta, tolerance=_ROUGH, rounds=_ROUNDS)
    return descend(data, last, theta, tolerance=_TOLERANCE, rounds=_ROUNDS)


def _starts(problem: Problem, theta: Theta) -> list[Theta]:
    """The optimum; of one at E = 0, which no descent leaves, the best starts above 0 too."""
    if not np.isneginf(theta).any():
        return [theta]
    rivals = {
        tuple(np.isneginf(start)): start
        for start in sorted(problem.starts(), key=problem.F, reverse=True)
    }
    rivals.pop(tuple(np.isneginf(theta)), None)
    return [theta, *rivals.values()]


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
    error = corrected(problem, theta, groups, problem.residual(theta))
    log_L = problem.law.log_loss(theta, problem.log_X) + v[:, groups] * error
    return Data(problem.law, problem.log_X, log_L, problem.weight)


def _resolved(loss: Loss) -> Loss:
    """|r| with a corner that a descent from the optimum gets around."""
    return Absolute(1e-5) if isinstance(loss, Absolute) else loss
