"""TwoNN: d from the ratio of the first two neighbours' distances.

Facco et al. 2017, doi:10.1038/s41598-017-11873-y; Sharma & Kaplan 2020, appendix B.1.
"""

from __future__ import annotations

from typing import Any

from scalinglaws.dimension.errorbars import neighbor_stderr
from scalinglaws.dimension.neighbors import Neighbors, as_neighbors, log_mu
from scalinglaws.dimension.result import Dimension
from scalinglaws.dimension.sharing import LIKELIHOOD
from scalinglaws.errors import BadInput
from scalinglaws.estimate import LEVEL, Estimate


def twonn(X: Any, *, level: float = LEVEL) -> Dimension:
    """The unbiased maximum-likelihood TwoNN estimate of points or Neighbors X.

    mu = r_2/r_1 has density d mu^-(d+1) on mu >= 1 (eq. B.5), so log mu is exponential of rate d
    and sum log mu is Gamma(n, 1/d): d-hat = (n-1) / sum log mu has mean d.

    Raises BadInput for fewer than three distinct points, or if no point tells r_1 from r_2.
    """
    nb: Neighbors = as_neighbors(X, k=2)
    x = log_mu(nb, k=2)
    if not x.any():
        raise BadInput(
            f"the first two neighbours of each of {len(x)} points are equally far, as on a "
            "lattice: TwoNN has no d for such points; try knn or mle with larger k"
        )
    d = float((len(x) - 1) / x.sum())
    psi = -(d**2) * (x - x.mean())  # influence of d = 1 / mean log mu
    stderr = neighbor_stderr(psi, x, nb, 2, d, LIKELIHOOD)
    return Dimension.of(Estimate.normal(d, stderr, level), nb, 2, "twonn")
