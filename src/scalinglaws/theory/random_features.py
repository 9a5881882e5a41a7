"""The loss of linear random-feature students of a linear teacher, in closed form.

Bahri et al. 2021 (arXiv:2102.06701), "Linear random features". The teacher is
F(x) = sum_M omega_M F_M(x) with S features and omega isotropic of variance 1/S; the student has P
random projections of these features and D examples, starts at zero and is trained to the optimum
of the mean square error, which is the least-squares solution of least norm. lambda_i are the
eigenvalues of E_x[F F^T]; L is the population loss with its factor 1/2.

The paper gives L(P) at D = inf, L(D) at P = inf, their large-size exponents and the four regimes.
The form for both finite is derived here (see `loss`); its one approximate step is the ridgeless
limit of the replica formula for kernel regression (Canatar, Bordelon & Pehlevan 2021; for random
features Maloney, Roberts & Sully 2022).

Limits of use: Gaussian features and Gaussian projections. Against simulation it is low by about
5 % at min(D, P) = 2-4, 3 % at 8, 2 % at 16-32; it diverges at D = P, where a simulation of finite
size does not; orthonormal projections lie 5-9 % lower. "All features" is P = inf, not P = S.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.errors import BadInput


def power_spectrum(S: int, alpha: float) -> Float[ndarray, " S"]:
    """lambda_i = i^-(1+alpha), i = 1..S: the spectrum whose loss falls with exponent alpha."""
    if S < 1 or not alpha > 0:
        raise BadInput(f"a power spectrum needs S >= 1 and alpha > 0, not S={S}, alpha={alpha}")
    return np.arange(1, S + 1, dtype=np.float64) ** -(1 + alpha)


def effective_ridge(spectrum: Float[ndarray, " S"], m: float) -> float:
    """kappa'_m, the root of sum_i lambda_i / (lambda_i + kappa) = m.

    Below it eigendirections are not resolved by m examples (or m projections). 0 < m < number of
    positive eigenvalues; homogeneous, kappa'(c lambda) = c kappa'(lambda). 1e6 eigenvalues take
    a few dozen milliseconds. Raises BadInput for other m or a spectrum that is not one.
    """
    from scipy.optimize import root_scalar

    scale, lam = _normalised(spectrum)
    if not 0 < m < len(lam):
        raise BadInput(
            f"effective_ridge needs m above 0 and below {len(lam)}, the number of positive "
            f"eigenvalues; m is {m}"
        )

    def log_excess(log_kappa: float) -> float:
        return math.log((lam / (lam + math.exp(log_kappa))).sum() / m)

    # Every term is at least min/(min + kappa) and at most lambda/kappa, which brackets the root.
    lowest = math.log(lam.min()) + math.log((len(lam) - m) / m)
    highest = math.log(lam.sum() / m)
    # A quarter on either side: when all eigenvalues are equal the lower end is the root itself.
    bracket = (lowest - 0.25, highest + 0.25)
    return scale * math.exp(root_scalar(log_excess, bracket=bracket, method="brentq").root)


def loss(spectrum: Float[ndarray, " S"], D: float, P: float) -> float:
    """L(D, P) = m kappa'_m / (2 S) / (1 - m/M), with m = min(D, P) and M = max(D, P).

    D or P may be math.inf. Symmetric in D and P, as the simulated loss is (the duality of the
    paper). Infinite at D = P; zero when both reach the number of positive eigenvalues.

    Derivation for P < D (the other case by symmetry). Given the projections, the student is
    ordinary least squares on P Gaussian regressors whose residual is Gaussian and independent of
    them, so E_data L(D, P) = L(inf, P) (1 + P/(D - P - 1)) exactly; the large-size form of the
    bracket is 1/(1 - P/D). For L(inf, P) = Tr[C - C G^T (G C G^T)^-1 G C] / 2S (the paper's
    formula, G the projections) the deterministic equivalent of the trace is
    kappa' sum_i lambda_i / (lambda_i + kappa') = P kappa'_P.
    """
    if not (D > 0 and P > 0):
        raise BadInput(f"L(D, P) needs D > 0 and P > 0, not D={D}, P={P}")
    m, M = min(D, P), max(D, P)
    if m >= np.count_nonzero(spectrum):
        return 0.0
    if m == M:
        return math.inf
    return m * effective_ridge(spectrum, m) / (2 * len(spectrum)) / (1 - m / M)


def local_slope(spectrum: Float[ndarray, " S"], n: float) -> float:
    """d log L / d log n of the resolution-limited loss n kappa'_n / (2 S).

    Differentiating the equation of kappa' gives 1 - n / sum_i lambda_i kappa'/(lambda_i+kappa')^2,
    that is -gamma/(1 - gamma) with the paper's gamma = sum_i (lambda_i/(lambda_i+kappa'))^2 / n.
    """
    kappa = effective_ridge(spectrum, n)
    resolved = spectrum / (spectrum + kappa)
    return 1 - n / float((resolved * (1 - resolved)).sum())


def asymptotic_loss(S: int, alpha: float, n: float) -> float:
    """n^-alpha [ (pi/(1+alpha)) / sin(pi/(1+alpha)) ]^(1+alpha) / (2 S).

    The limit of n kappa'_n / (2 S) for 1 << n << S and lambda_i = i^-(1+alpha): the sum over i
    becomes an integral. At finite sizes it is high by relative (1 + alpha)/(2 n), the integral's
    end at i = 0, and (1 + alpha) (n/S)^alpha / (alpha c), the missing i > S (c: the bracket's
    power); the local slopes are off by +(1 + alpha)/(2 n) and -(1 + alpha) (n/S)^alpha / c.
    """
    angle = math.pi / (1 + alpha)
    return n**-alpha * (angle / math.sin(angle)) ** (1 + alpha) / (2 * S)


def _normalised(spectrum: Float[ndarray, " S"]) -> tuple[float, Float[ndarray, " r"]]:
    """(largest eigenvalue, positive eigenvalues divided by it)."""
    spectrum = np.asarray(spectrum, dtype=np.float64)
    valid = spectrum.ndim == 1 and len(spectrum) > 0 and np.isfinite(spectrum).all()
    if not (valid and spectrum.min() >= 0 and spectrum.max() > 0):
        raise BadInput("a spectrum is a 1-D array of finite eigenvalues >= 0, not all of them 0")
    scale = float(spectrum.max())
    lam = spectrum / scale
    return scale, lam[lam > 0]
