"""Error bars for estimates made of points that share neighbours."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from jaxtyping import Float
from numpy import ndarray

from scalinglaws.dimension.engines import TIE
from scalinglaws.dimension.sharing import Sharing

if TYPE_CHECKING:
    from scalinglaws.dimension.neighbors import Neighbors


def neighbor_stderr(
    psi: Float[ndarray, " m"],
    x: Float[ndarray, " m"],
    nb: Neighbors,
    k: int,
    d: float,
    sharing: Sharing,
) -> float:
    """Standard error of an estimate d whose influence values are psi (d-hat - E ~ mean of psi).

        m^2 var(d-hat) = sum_i psi_i^2 (1 + (rho - 1) w m/n)

    The sum over points alone is the sandwich of independent ones, and the Fisher error where d is
    one number. It is 1.3 times too small for most estimators, and for the mean of local estimates
    at d <= 2 too large. rho is what sharing neighbours multiplies the variance by, w the share of
    the variance that it does multiply (see `sharing`), m/n the chance that a point correlated
    with this one is a query point too. Infinite where all points say the same, as on a lattice:
    their scatter then tells no error.

    The psi_i psi_j summed over the edges of the neighbour graph (Conley 1999, J. Econometrics 92,
    1) do not serve here: neighbours also lie in one place and have its d in common, which is no
    sharing, and the sum counts it as such.

    psi, x: influence on d and the statistic it is a function of, per query point, of its first k
        neighbours.
    Points must be independent draws: frames of one film or tokens of one text are fewer than
    they seem, and no error bar here knows.
    """
    alone = float(psi @ psi)
    if alone <= len(psi) * (TIE * d) ** 2:
        return inf
    inflation = 1 + (sharing.rho(d, k) - 1) * sharing.within(x, k) * len(psi) / nb.n
    return (alone * inflation) ** 0.5 / len(psi)
