"""Error bars for estimates made of points that share neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jaxtyping import Float
from numpy import ndarray

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

    The sum over points is the sandwich of independent ones; the Fisher error is it where d is
    one number, and is too small, by a factor of about 1.3, since points share neighbours. rho is
    what sharing multiplies the variance by, w the share of the variance that it does multiply
    (see `sharing`), m/n the chance that a neighbour is itself a query point.

    The sandwich of Conley (1999, J. Econometrics 92, 1), psi_i psi_j summed over the edges of the
    neighbour graph, was measured beside it and is worse: what places have in common, their d, it
    takes for sharing. On real images it claims 1.1 to 3 times the spread, this 0.9 to 1.2.

    psi, x: influence on d and the statistic it is a function of, per query point, of its first k
        neighbours.
    Points must be independent draws: frames of one film or tokens of one text are fewer than
    they seem, and no error bar here knows.
    """
    inflation = 1 + (sharing.rho(d, k) - 1) * sharing.within(x, k) * len(psi) / nb.n
    return float(psi @ psi * inflation) ** 0.5 / len(psi)
