"""Which law forecasts this table best: the least back-test error, ties to the simpler.

Each origin has one vote: the score of a law is the mean over origins of log RMSLE, so that the
wild forecasts of the earliest, which know least, do not decide alone. A simpler law wins unless its
mean exceeds the best one's by more than the standard error of the paired difference over origins
(the one-standard-error rule, Breiman et al. 1984, Classification and Regression Trees, 3.4.3).
Origins share runs, so that this error is too small rather than too large.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scalinglaws.laws.forecast.backtest import BackTest


@dataclass(frozen=True)
class Score:
    """A law's back-test error. rmsle: geometric mean over origins.

    excess: log of its ratio to the best law's, with the standard error of that paired difference.
    """

    law: str
    parameters: int
    rmsle: float
    excess: float
    stderr: float

    @property
    def ties(self) -> bool:
        """Whether the best law is not better by more than a standard error."""
        return self.excess <= self.stderr


@dataclass(frozen=True)
class Choice:
    """The law to forecast with, and every law's score over horizons up to `horizon`."""

    law: str
    scores: tuple[Score, ...]
    horizon: float
    notes: tuple[str, ...]


def choose(test: BackTest, horizon: float | None = None) -> Choice:
    """The law of least back-test error up to a horizon, the longest tried by default."""
    reach = test.longest if horizon is None else horizon
    log_error = test.log_rmsle(reach)
    sizes = [len(fit.law.kinds) for fit in test.fits]
    if not log_error.size:
        blank = [Score(law, p, math.nan, 0.0, 0.0) for law, p in zip(test.laws, sizes, strict=True)]
        note = f"no back-test: {test.laws[0]} for want of another ground"
        return Choice(test.laws[0], tuple(blank), reach, (*test.notes, note))
    mean = log_error.mean(axis=1)
    best = int(mean.argmin())
    paired = log_error - log_error[best]
    o = paired.shape[1]
    stderr = paired.std(axis=1, ddof=1) / math.sqrt(o) if o > 1 else np.zeros(len(paired))
    scores = [
        Score(law, p, math.exp(m), m - float(mean[best]), float(error))
        for law, p, m, error in zip(test.laws, sizes, mean.tolist(), stderr, strict=True)
    ]
    chosen = min((score for score in scores if score.ties), key=lambda s: (s.parameters, s.rmsle))
    return Choice(chosen.law, tuple(scores), reach, test.notes + _tie(chosen, scores[best]))


def _tie(chosen: Score, best: Score) -> tuple[str, ...]:
    if chosen is best:
        return ()
    return (
        f"{best.law} did better, by {100 * math.expm1(chosen.excess):.0f} %, within a standard "
        f"error: {chosen.law} is simpler",
    )
