"""The loss of piecewise constant and piecewise linear fits: alpha = (k + 1) p / d.

Sharma & Kaplan 2020 (arXiv:2004.10802), section 2.1 and appendix A.5. [0, 1]^d is cut into
N = s^-d cubes of side s (2.1). A polynomial of degree k in each cube misses a smooth function by
s^(k+1), and a loss |f - c|^p by s^((k+1) p) (2.3), so that L ~ N^-alpha.

The paper bounds the prefactors; here they are derived, for the loss as s -> 0. About a cube's
centre f = f(0) + g.u + u.H u / 2 + O(s^3), u uniform in [-s/2, s/2]^d, and the best fit leaves of
it what is orthogonal to the polynomials of degree k. Corrections are of relative size s^2, for
the cubes are symmetric. Losses are per cube: average over the cubes.

Where the target's gradient jumps, as a ReLU network's does, no prefactor is finite: see
`kink_exponent`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.errors import BadInput

Gradient = Float[ndarray, "*cells d"]
Hessian = Float[ndarray, "*cells d d"]


def exponent(d: float, k: int = 1, p: float = 2.0) -> float:
    """alpha = (k + 1) p / d: (2.3) with (2.1); 4/d (2.4, 2.5) at k = 1, p = 2; 2p/d (3.4) at k = 1.

    A bound from below for a target that is simpler than generic: alpha >= 4/d (1.2, 2.6).
    d: dimension of the data manifold; k: degree of the pieces; p: power in the loss.
    """
    if not (d > 0 and k >= 0 and p > 0):
        raise BadInput(f"an exponent needs d > 0, k >= 0 and p > 0, not d={d}, k={k}, p={p}")
    return (k + 1) * p / d


def product_exponent(dimensions: Sequence[float], k: int = 1, p: float = 2.0) -> float:
    """alpha = 4 / max(d_i) (3.2) for a sum of functions on factors of dimensions d_i.

    The network models each factor by itself, and the largest is the hardest to cut.
    """
    if not dimensions:
        raise BadInput("a product of manifolds needs at least one factor")
    return exponent(max(dimensions), k, p)


def kink_exponent(d: float) -> float:
    """alpha = 3 / d: mean square of piecewise linear fits to a function whose gradient jumps.

    A share ~ s of the cubes holds a jump, and is missed by ~ s.
    """
    if not d > 0:
        raise BadInput(f"an exponent needs d > 0, not d={d}")
    return 3 / d


def constant_loss(g: Gradient, s: float) -> Float[ndarray, ...]:
    """s^2 |g|^2 / 12: the mean square that the best constant leaves, (2.2) with its factor."""
    return s**2 * (g**2).sum(-1) / 12


def linear_loss(H: Hessian, s: float) -> Float[ndarray, ...]:
    """s^4 [sum_a H_aa^2 / 720 + sum_{a<b} H_ab^2 / 144]: what the best linear function leaves.

    The parts of u.H u / 2 orthogonal to 1 and u are H_aa (u_a^2 - s^2/12) / 2, of variance
    H_aa^2 s^4 / 720, and H_ab u_a u_b, of variance H_ab^2 s^4 / 144.
    """
    diagonal, above = _squares(H)
    return s**4 * (diagonal / 720 + above / 144)


def kl_loss(
    f: Float[ndarray, "... classes"], H: Float[ndarray, "... classes d d"], s: float
) -> Float[ndarray, ...]:
    """KL of the best linear logits: half the f-weighted variance over classes of `linear_loss`.

    KL (A.1) begins at second order in delta = q - f: L = sum_i delta_i^2 / (2 f_i) (A.2). log q_i
    is c_i - log sum_j e^c_j (A.5 prints a plus). With c = log f - eta, eta_i what linear logits
    miss of log f_i, delta_i = -f_i (eta_i - sum_j f_j eta_j), so that L is half the variance of
    eta under f. f does not vary across a small cube, so each logit's best fit is its own.

    f: probabilities; H: the Hessians of the logits.
    """
    mean = (f[..., None, None] * H).sum(-3, keepdims=True)
    return 0.5 * (f * linear_loss(H - mean, s)).sum(-1)


def interpolant_loss(H: Hessian, s: float) -> Float[ndarray, ...]:
    """s^4 [((tr H + sum_ab H_ab) / 24)^2 + sum_a (sum_b H_ab)^2 / 720 + sum_{a<b} H_ab^2 / 720].

    Of the continuous piecewise linear function through the corners, each cube cut into the d!
    simplices of one order of its coordinates (Kuhn). There u.H u / 2 is missed by
    sum_ab H_ab K(x_a, x_b) / 2 with x in [0, 1]^d and K(x, y) = min(x, y) - x y, the covariance
    of a Brownian bridge: of mean 1/12 (1/6 where x = y), with int K dy = x (1 - x) / 2 of
    variance 1/720, and 1/720 left of int K^2 = 1/90. No corner is moved to lower the loss.
    """
    rows, trace = H.sum(-1), np.trace(H, axis1=-2, axis2=-1)
    mean = (trace + rows.sum(-1)) / 24
    return s**4 * (mean**2 + ((rows**2).sum(-1) + _squares(H)[1]) / 720)


def _squares(H: Hessian) -> tuple[Float[ndarray, ...], Float[ndarray, ...]]:
    """(sum_a H_aa^2, sum_{a<b} H_ab^2)."""
    diagonal = (np.diagonal(H, axis1=-2, axis2=-1) ** 2).sum(-1)
    return diagonal, ((H**2).sum((-2, -1)) - diagonal) / 2
