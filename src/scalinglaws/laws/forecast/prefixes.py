"""A law fitted at every origin at once, and what each fit forecasts.

One batch of descents: an origin is a weighting of the table, zero beyond it. Each starts where
its own runs say, never from a fit that has seen more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from scalinglaws.laws.fitting.descent import Data, descend
from scalinglaws.laws.fitting.objective import MAD, SQUARES, Loss
from scalinglaws.laws.forecast.origins import Origins
from scalinglaws.laws.forecast.runs import Runs
from scalinglaws.laws.law import Law, LogX

_ROUGH = 1e-4, 30  # relative fall of F, and rounds, that end the descents of all starts
_FINE = 1e-9, 150
_FOLLOWED = 3  # starts of each origin that are followed to the end

PerRun = Float[ndarray, "o m"]


@dataclass(frozen=True)
class Prefixes:
    """A law at each origin. s2: the variance of a run about it; covariance: of theta."""

    law: type[Law]
    theta: Float[ndarray, "o p"]
    s2: Float[ndarray, " o"]
    covariance: Float[ndarray, "o p p"]

    def forecast(self, log_X: LogX) -> tuple[PerRun, PerRun]:
        """log L at some x, and its standard deviation for a new run, by each origin's fit.

        sd^2 = s^2 + g' cov g, g = d log L / d theta: scatter and error of the fit.
        """
        with np.errstate(all="ignore"):
            log_L = self.law.log_loss(_columns(self.theta), log_X)
            J = _derivatives(self.law, self.theta, log_X)
            fit2 = np.einsum("omp,opq,omq->om", J, self.covariance, J)
            sd = np.sqrt(self.s2[:, None] + np.maximum(fit2, 0.0))
        good = np.isfinite(log_L) & ~np.isnan(sd)
        return np.where(good, log_L, np.nan), np.where(good, sd, np.nan)


def fit_prefixes(law: type[Law], runs: Runs, at: Origins, loss: Loss = SQUARES) -> Prefixes:
    """The law at every origin, by least F."""
    theta = _optima(law, runs, at, loss)
    W = runs.weight * at.fitted
    with np.errstate(all="ignore"):
        derivatives = _derivatives(law, theta, runs.log_X)
        r = runs.log_L - law.log_loss(_columns(theta), runs.log_X)
    seen = at.fitted[..., None] & np.isfinite(derivatives)
    J = np.where(seen, derivatives, 0.0)
    r = np.where(at.fitted, r, 0.0)
    s2 = _variance(r, W, at, theta.shape[1], loss)
    normal = np.swapaxes(J, 1, 2) @ (J * W[..., None])
    known = np.where(np.isfinite(s2), s2, 0.0)  # without a degree of freedom the scatter says all
    return Prefixes(law, theta, s2, known[:, None, None] * np.linalg.pinv(normal, hermitian=True))


def _optima(law: type[Law], runs: Runs, at: Origins, loss: Loss) -> Float[ndarray, "o p"]:
    starts = [law.starts(runs.log_X[:, those], runs.log_L[those]) for those in at.fitted]
    origin = np.repeat(np.arange(len(starts)), [len(each) for each in starts])
    theta = np.array([start for each in starts for start in each])
    first, *rest = loss.sharpened()
    # (loss, tolerance, rounds, how many are followed further)
    stages = [(first, *_ROUGH, _FOLLOWED), *((one, *_FINE, _FOLLOWED) for one in (first, *rest))]
    stages[-1] = (loss, *_FINE, 1)
    for step, tolerance, rounds, most in stages:
        data = Data(law, runs.log_X, runs.log_L, runs.weight * at.fitted[origin])
        theta = descend(data, step, theta, tolerance=tolerance, rounds=rounds)
        with np.errstate(all="ignore"):
            kept = _best(origin, data.F(step, theta), most)
        origin, theta = origin[kept], theta[kept]
    return theta


def _best(origin: Int[ndarray, " b"], F: Float[ndarray, " b"], most: int) -> Int[ndarray, " k"]:
    """Of each origin's members those of least F, in the order of origins; NaN is worst."""
    order = np.lexsort((F, origin))
    first = np.searchsorted(origin[order], origin[order])
    return order[np.arange(len(order)) - first < most]


def _columns(theta: Float[ndarray, "o p"]) -> Float[ndarray, "p o 1"]:
    return theta.T[..., None]


def _derivatives(law: type[Law], theta: Float[ndarray, "o p"], log_X: LogX) -> ndarray:
    """(o, m, p); a constant at 0 is held there, and not in doubt."""
    J = law.log_loss_gradient(_columns(theta), log_X)
    return np.where(np.isfinite(theta)[:, None], J, 0.0)


def _variance(
    r: Float[ndarray, "o n"], W: Float[ndarray, "o n"], at: Origins, p: int, loss: Loss
) -> Float[ndarray, " o"]:
    """s^2 of log L; for losses that forgive outliers, a Gaussian's from the median |residual|.

    Infinite without a degree of freedom, and not below rounding.
    """
    n = at.fitted.sum(axis=1)
    if loss is SQUARES:
        mean2 = np.sum(W * r**2, axis=1) / n
    else:
        middle = [np.median(np.abs(row[those])) for row, those in zip(r, at.fitted, strict=True)]
        mean2 = (MAD * np.array(middle)) ** 2
    dof = np.maximum(n - p, 0)
    s2 = np.divide(mean2 * n, dof, out=np.full(len(n), np.inf), where=dof > 0)
    return np.maximum(s2, (8 * np.finfo(float).eps) ** 2)
