"""One-nearest-neighbour regression on a cluster, and what one degree of freedom costs it.

Brill 2024, arXiv:2412.07942: a learner of piecewise constant functions, c = 2.
"""

from __future__ import annotations

import numba
import numpy as np
from jaxtyping import Float, Float64, Int
from numpy import ndarray

from scalinglaws.errors import BadInput
from scalinglaws.percolation.bethe import Parents
from scalinglaws.percolation.nearest import nearest_labelled


def regression_loss(
    parent: Parents,
    y: Float64[ndarray, " s"],
    n_train: int,
    rng: np.random.Generator,
    n_test: int | None = None,
) -> float:
    """Mean squared error of nearest-neighbour regression from n_train random sites.

    The nearest training site, at graph distance l, predicts y / (1 + l/s^(1/2)): the posterior
    mean for a prior N(0, 1) and a noise of variance l/s^(1/2). Without training sites, 0.

    n_test: so many further sites are tested. None: every site that was not trained on, which
        the two sweeps give for nothing and which has the same mean.
    """
    s = len(parent)
    tested = s - n_train if n_test is None else n_test
    if n_train < 0 or tested < 1 or n_train + tested > s:
        raise BadInput(f"{n_train} training and {tested} test sites do not fit {s} sites")
    drawn = rng.choice(s, size=n_train + (n_test or 0), replace=False)
    train, test = drawn[:n_train], drawn[n_train:]
    if n_train == 0:
        return float(np.mean(np.square(y if n_test is None else y[test])))
    nearest = nearest_labelled(parent, train)
    if n_test is None:
        # A training site is its own neighbour at distance 0 and adds no error.
        return _squared_error(y, nearest.distance, nearest.site) / tested
    predicted = y[nearest.site[test]] / (1 + nearest.distance[test] / s**0.5)
    return float(np.mean(np.square(y[test] - predicted)))


@numba.njit(cache=True, nogil=True)
def _squared_error(y, distance, site):  # pyright: ignore[reportMissingParameterType]
    scale = 1 / np.sqrt(len(y))
    total = 0.0
    for i in range(len(y)):
        total += (y[i] - y[site[i]] / (1 + distance[i] * scale)) ** 2
    return total


def points_per_dof(
    n_train: Int[ndarray, " points"], loss: Float[ndarray, " points"], c_over_Df: float = 0.5
) -> float:
    """g >= 1 such that loss(n) = max(n/g, 1)^-(c/D_f): training sites per degree of freedom.

    Least squares of log loss with Huber's loss (threshold 1), from g = 5, as Brill 2024.
    """
    from scipy.optimize import least_squares

    log_loss, n = np.log(loss), np.asarray(n_train, dtype=np.float64)

    def residual(g: ndarray) -> ndarray:
        return log_loss + c_over_Df * np.log(np.maximum(n / g[0], 1.0))

    fit = least_squares(residual, x0=[5.0], bounds=([1.0], [np.inf]), loss="huber")
    return float(fit.x[0])
