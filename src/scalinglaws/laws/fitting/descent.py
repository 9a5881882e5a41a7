"""Many fits at once: Levenberg-Marquardt on a batch of starts, resamples or weightings.

Minimises F = 2 sum_i w_i rho(log L_i - log L(x_i; theta)) for each member of the batch. A step
solves
    (J' diag(w psi') J + mu diag(J' diag(w psi/r) J)) step = J' (w psi),
Newton's where residuals are small (psi' is exact, the curvature of the law itself left out), and
damped by the parabola that lies above rho, so that a member whose psi' vanishes still descends.
mu follows Nielsen 1999: down by the gain where a step lowers F, up where it does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from scalinglaws.laws.fitting.objective import Loss
from scalinglaws.laws.law import Law, LogX

_TOLERANCE = 1e-15  # relative fall of F that no longer counts
_PATIENCE = 2  # such steps in a row that end a member's descent
_DAMPED = 1e-6  # mu of a valley's direction
_FLATTEST = 1e18  # mu of a member that no step can lower

Batch = Float[ndarray, "b n"]
Thetas = Float[ndarray, "b p"]


@dataclass(frozen=True)
class Data:
    """What a batch is fitted to; log_X, log_L and weight are shared or each member's own."""

    law: type[Law]
    log_X: LogX | Float[ndarray, "v b n"]
    log_L: Float[ndarray, " n"] | Batch
    weight: Float[ndarray, " n"] | Batch

    def of(self, members: Bool[ndarray, " b"]) -> Data:
        """The data of some members."""
        return Data(
            self.law,
            self.log_X[:, members] if self.log_X.ndim == 3 else self.log_X,
            self.log_L[members] if self.log_L.ndim == 2 else self.log_L,
            self.weight[members] if self.weight.ndim == 2 else self.weight,
        )

    def residual(self, theta: Thetas) -> Batch:
        return self.log_L - self.law.log_loss(theta.T[..., None], self.log_X)

    def F(self, loss: Loss, theta: Thetas) -> Float[ndarray, " b"]:
        """NaN or infinite for a theta that has run off."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return 2 * np.sum(self.weight * loss.rho(self.residual(theta)), axis=-1)


def descend(
    data: Data,
    loss: Loss,
    starts: Thetas,
    *,
    held: Bool[ndarray, "b p"] | None = None,
    tolerance: float = _TOLERANCE,
    rounds: int = 200,
) -> Thetas:
    """Where each start ends. Coordinates at -inf, and those held, stay where they are."""
    theta = np.array(starts, dtype=float)
    free = np.isfinite(theta) if held is None else np.isfinite(theta) & ~held
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        _descend(data, loss, theta, free, tolerance, rounds)
    return theta


def _descend(
    data: Data, loss: Loss, theta: Thetas, free: Bool[ndarray, "b p"], tolerance: float, rounds: int
) -> None:
    """In place; members that have arrived leave the batch."""
    b = len(theta)
    F = data.F(loss, theta)
    mu, up = np.full(b, 1e-2), np.full(b, 2.0)
    idle = np.zeros(b, dtype=int)
    going = np.isfinite(F)
    normal = _normal(data.of(going), loss, theta[going], free[going])
    for _ in range(rounds):
        if not going.any():
            return
        gradient, hessian, damping = normal
        step = _solve(hessian, damping, mu[going], gradient)
        trial = theta[going] + step
        fallen = F[going] - (F_trial := data.of(going).F(loss, trial))
        better = fallen > 0  # False for NaN
        promised = np.sum(step * (gradient + mu[going, None] * damping * step), axis=-1)
        gain = np.where(better, fallen / np.maximum(promised, np.finfo(float).tiny), 0.0)
        small = ~(np.abs(fallen) > tolerance * F[going]) | ~np.isfinite(promised)

        at = np.flatnonzero(going)
        moved = at[better]
        theta[moved], F[moved] = trial[better], F_trial[better]
        mu[at] = np.where(
            better, mu[at] * np.clip(1 - (2 * gain - 1) ** 3, 1e-2, 1.0), mu[at] * up[at]
        )
        mu[moved] = np.maximum(mu[moved], 1e-15)
        up[at] = np.where(better, 2.0, 2 * up[at])
        idle[at] = np.where(small, idle[at] + 1, 0)
        done = (idle[at] >= _PATIENCE) | (mu[at] > _FLATTEST)
        going[at[done]] = False
        # What has not moved keeps its derivatives.
        stays, changed = ~done, better & ~done
        gradient, hessian, damping = gradient[stays], hessian[stays], damping[stays]
        if changed.any():
            members = at[changed]
            place = np.zeros(b, dtype=bool)
            place[members] = True
            new = _normal(data.of(place), loss, theta[place], free[place])
            where = changed[stays]
            gradient[where], hessian[where], damping[where] = new
        normal = gradient, hessian, damping


def _normal(
    data: Data, loss: Loss, theta: Thetas, free: Bool[ndarray, "b p"]
) -> tuple[Thetas, Float[ndarray, "b p p"], Thetas]:
    """J' w psi, J' diag(w psi') J and the diagonal of J' diag(w psi/r) J; held rows are empty."""
    r = data.residual(theta)
    rows = data.law.log_loss_gradient(theta.T[..., None], data.log_X)  # (b, n, p)
    J = np.where(free[:, None], rows, 0.0)
    Jt = np.swapaxes(J, 1, 2)
    gradient = (Jt @ (data.weight * loss.psi(r))[..., None])[..., 0]
    H = Jt @ (J * (data.weight * loss.curvature(r))[..., None])
    D = np.sum(J**2 * (data.weight * loss.weight(r))[..., None], axis=1)
    return gradient, H, np.where(free, D, 1.0)


def _solve(
    hessian: Float[ndarray, "b p p"], damping: Thetas, mu: Float[ndarray, " b"], gradient: Thetas
) -> Thetas:
    """(H + mu D) step = gradient, in units in which D is the identity."""
    root = np.sqrt(np.maximum(damping, np.finfo(float).tiny))
    p = hessian.shape[-1]
    scaled = hessian / (root[:, :, None] * root[:, None, :]) + mu[:, None, None] * np.eye(p)
    scaled = np.where(np.isfinite(scaled).all(axis=(1, 2), keepdims=True), scaled, np.eye(p))
    # A member without curvature and damping has no step: its diagonal is lifted.
    scaled = scaled + np.finfo(float).eps * np.eye(p)
    right = (gradient / root)[..., None]
    try:
        found = np.linalg.solve(scaled, right)
    except np.linalg.LinAlgError:  # some member's is singular to the last digit
        found = np.linalg.pinv(scaled, hermitian=True) @ right
    return found[..., 0] / root


def valleys(data: Data, loss: Loss, theta: Thetas) -> Float[ndarray, "p b p"]:
    """How the others move with each coordinate where F stays least: -H_oo^-1 H_oc, itself by 1."""
    b, p = theta.shape
    free, itself = np.isfinite(theta), np.eye(p, dtype=bool)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        _, hessian, damping = _normal(data, loss, theta, free)
        pull = np.nan_to_num(np.moveaxis(hessian, 2, 0), posinf=0.0, neginf=0.0)  # (p, b, p)
        pull = np.where(itself[:, None], 0.0, pull)
        others = ~(itself[:, None, :, None] | itself[:, None, None, :])
        moves = -_solve(
            np.where(others, hessian, 0.0).reshape(-1, p, p),
            np.tile(damping, (p, 1)),
            np.full(p * b, _DAMPED),
            pull.reshape(-1, p),
        ).reshape(p, b, p)
    return np.where(np.isfinite(moves) & free, moves, 0.0) + itself[:, None]
