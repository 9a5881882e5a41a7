"""TwoNN's original estimate: the slope of a line on the distribution of mu = r_2/r_1.

Facco et al. 2017, doi:10.1038/s41598-017-11873-y; Sharma & Kaplan 2020, eqs. 2.8 and B.16 at k=2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.dimension.errorbars import neighbor_stderr
from scalinglaws.dimension.methods.line import Line, line_through_origin, slope_influence
from scalinglaws.dimension.neighbors import as_neighbors, log_mu
from scalinglaws.dimension.result import Dimension
from scalinglaws.dimension.sharing import LINE
from scalinglaws.errors import BadInput
from scalinglaws.estimate import LEVEL, Estimate

DISCARD = 0.1  # share of the largest mu, those that meet boundaries and curvature first
OTHER_DISCARD = "discard "  # how the note of a result of another share begins


def twonn_line(X: Any, discard: float = DISCARD, *, level: float = LEVEL) -> Dimension:
    """d by a line through the origin on TwoNN's relation, of points or Neighbors X.

    C(mu) = 1 - mu^-d makes y = -log(1 - C) equal d log mu (eq. B.16 at k = 2). With C estimated
    by F = i/n over the sorted mu, d is the least-squares slope through the origin of the first
    n (1 - discard) points. The distribution is DADApy's, and scikit-dimension's since 0.5;
    Sharma and Kaplan's code also drops two points before it counts: `knn` at k = 2.

    discard: share of the points, those of the largest mu, left out of the fit; the result notes
        one that is not the default.
    Raises BadInput for a discard that keeps the last point (F = 1, y infinite) or none at all,
    or if the points kept do not tell r_1 from r_2.
    """
    nb = as_neighbors(X, k=2)
    x = log_mu(nb, k=2)
    line = fit_twonn_line(x, discard)
    stderr = neighbor_stderr(slope_influence(x, line), x, nb, 2, line.d, LINE)
    notes = () if discard == DISCARD else (f"{OTHER_DISCARD}{discard:g}, not {DISCARD:g}",)
    return Dimension.of(Estimate.normal(line.d, stderr, level), nb, 2, "twonn-line", notes)


def fit_twonn_line(log_mu_2: Float[ndarray, " n"], discard: float = DISCARD) -> Line:
    """The sorted points of the relation but for the last, and their fit."""
    n = len(log_mu_2)
    fitted = int(n * (1 - discard)) if 0 < discard < 1 else 0
    if not 0 < fitted < n:
        raise BadInput(
            f"twonn-line needs a discard that leaves out some of the {n} points and keeps some, "
            f"got {discard:g}"
        )
    F = np.arange(1, n) / n
    return line_through_origin(np.sort(log_mu_2)[:-1], -np.log1p(-F), fitted, "twonn-line")
