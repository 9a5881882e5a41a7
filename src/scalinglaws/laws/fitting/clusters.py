"""Groups of runs that share their errors: seeds of one configuration, steps of one run.

With J the derivatives of log L by theta and w the weights, sqrt(w) J = Q R, the errors of a group's
runs are, corrected for what the fit has taken from them (CR2, Bell & McCaffrey 2002, Survey
Methodology 28, 169),
    e_g = (1 - Q_g Q_g')^-1/2 sqrt(w_g) r_g
and the covariance of theta is (J'wJ)^-1 (sum_g s_g s_g') (J'wJ)^-1 with s_g = J_g' sqrt(w_g) e_g.
For groups of one run e is r / sqrt(1 - h), h its leverage (HC2).

A profile takes them in by its scale: the rise of F that bounds an interval is multiplied by that
covariance over the one of independent runs, in the direction of what is asked for (Chandler & Bate
2007, doi:10.1093/biomet/asm015). With Student's quantile at groups less parameters 95 % intervals
held the exponent, the law's loss and a new run in 92 to 95.5 % of 200 tables of 6, 8, 15 and 30
groups of 4 to 10 runs; as if independent in 40 to 48 %. The wild bootstrap's held in 90 to 94 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from scalinglaws.laws.fitting.optimise import Problem
from scalinglaws.laws.law import Theta

_MOST = 0.9  # of its own errors that a group is taken to determine


@dataclass(frozen=True)
class Clusters:
    """Covariances of theta: by groups, and as if runs were independent."""

    grouped: Float[ndarray, "p p"]
    independent: Float[ndarray, "p p"]

    @classmethod
    def of(cls, problem: Problem, theta: Theta, groups: Int[ndarray, " n"]) -> Clusters:
        psi = problem.loss.psi(problem.residual(theta))
        J, root = _derivatives(problem, theta)
        each = (J * (root * corrected(problem, theta, groups, psi))[:, None])[np.argsort(groups)]
        score = np.add.reduceat(each, _first(groups), axis=0)
        inverse = np.linalg.pinv(J.T @ J, hermitian=True)
        dof = max(len(psi) - len(theta), 1)
        variance = float(np.sum((root * psi) ** 2)) / dof
        return cls(inverse @ (score.T @ score) @ inverse, variance * inverse)

    def widening(self, gradient: Float[ndarray, "m p"]) -> Float[ndarray, " m"]:
        """By what factor groups raise the variance of what has this gradient; of one without any,
        by the most that they raise a coordinate's."""
        most = _ratio(np.diag(self.grouped), np.diag(self.independent))
        grouped, independent = (
            np.einsum("mp,pq,mq->m", gradient, V, gradient)
            for V in (self.grouped, self.independent)
        )
        found = _ratio(grouped, independent)
        return np.where(np.isnan(found), np.nanmax(most, initial=1.0), found)


def corrected(
    problem: Problem, theta: Theta, groups: Int[ndarray, " n"], r: Float[ndarray, " n"]
) -> Float[ndarray, " n"]:
    """e / sqrt(w), the residuals r without the fit's share in them."""
    J, root = _derivatives(problem, theta)
    order, first = np.argsort(groups), _first(groups)
    scaled = J / np.maximum(np.abs(J).max(axis=0), np.finfo(float).tiny)
    Q, error = np.linalg.qr(scaled)[0][order], (root * r)[order]
    p = Q.shape[1]
    M = np.stack([np.add.reduceat(Q * Q[:, [a]], first) for a in range(p)], axis=-1)  # (g, p, p)
    share, axes = np.linalg.eigh(M)
    share = np.clip(share, 0.0, _MOST)
    # (1 - QQ')^-1/2 = 1 + Q f(M) Q', f(m) = ((1 - m)^-1/2 - 1) / m
    f = np.where(share > 0, (1 / np.sqrt(1 - share) - 1) / np.where(share > 0, share, 1), 0.5)
    inner = np.add.reduceat(Q * error[:, None], first)
    pulled = np.einsum("gpa,ga,gqa,gq->gp", axes, f, axes, inner)
    counts = np.diff(np.append(first, len(r)))
    found = np.empty_like(error)
    found[order] = error + np.sum(Q * np.repeat(pulled, counts, axis=0), axis=1)
    return found / root


def are_grouped(groups: Int[ndarray, " n"]) -> bool:
    """Whether some group has more than one run."""
    return int(groups.max()) + 1 < len(groups)


def _derivatives(
    problem: Problem, theta: Theta
) -> tuple[Float[ndarray, "n p"], Float[ndarray, " n"]]:
    """sqrt(w) J, a constant at 0 held there, and sqrt(w)."""
    root = np.sqrt(np.broadcast_to(problem.weight, problem.log_L.shape))
    free: Bool[ndarray, " p"] = np.isfinite(theta)
    return np.where(free, problem.gradient_rows(theta), 0.0) * root[:, None], root


def _first(groups: Int[ndarray, " n"]) -> Int[ndarray, " g"]:
    """Where each group begins among the runs sorted by group."""
    return np.flatnonzero(np.diff(np.sort(groups), prepend=-1))


def _ratio(a: Float[ndarray, " m"], b: Float[ndarray, " m"]) -> Float[ndarray, " m"]:
    return np.divide(a, b, out=np.full(len(a), np.nan), where=b > 0)
