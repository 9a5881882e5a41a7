"""The main methods as scikit-learn estimators: parameters in, `fit`, results as attributes.

They clone, pickle, take parameters by name and pass scikit-learn's `check_estimator` with no
failure declared. scikit-learn is imported with this module, hence not with the package.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

from jaxtyping import Float
from numpy import ndarray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from scalinglaws.dimension.methods.corrint import corrint
from scalinglaws.dimension.methods.gride import N1, gride
from scalinglaws.dimension.methods.knn import knn
from scalinglaws.dimension.methods.mle import mle, mle_harmonic
from scalinglaws.dimension.methods.twonn import twonn
from scalinglaws.dimension.methods.twonn_line import DISCARD, twonn_line
from scalinglaws.dimension.neighbors import Neighbors, neighbors
from scalinglaws.dimension.result import Dimension
from scalinglaws.estimate import LEVEL

Points = Float[ndarray, "n D"]

K = 20  # neighbours where none are asked for


class DimensionEstimator(BaseEstimator, ABC):
    """An estimator of the intrinsic dimension; each method below is one.

    level: of the interval.
    After `fit(X)`, where X is any array-like of (points, coordinates):
    dimension_: d; stderr_: its standard error; interval_: (lo, hi);
    result_: the whole `Dimension`, with n, k, scale and notes;
    n_features_in_, and feature_names_in_ where X has them: as everywhere in scikit-learn.
    """

    level: float
    result_: Dimension
    dimension_: float
    stderr_: float
    interval_: tuple[float, float]

    def fit(self, X: Any, y: Any = None) -> Self:
        """Measure d of the points X; y is ignored.

        Raises BadInput, a ValueError, where the method does, and scikit-learn's own errors for
        sparse or complex X, a single point or no column.
        """
        # Rows that are not finite are left to `neighbors`, which names them.
        points: Any = validate_data(self, X, ensure_min_samples=2, ensure_all_finite=False)
        self.result_ = self._measure(points)
        self.dimension_ = self.result_.d
        self.stderr_ = self.result_.stderr
        self.interval_ = (self.result_.lo, self.result_.hi)
        return self

    @abstractmethod
    def _measure(self, X: Points) -> Dimension: ...


class TwoNN(DimensionEstimator):
    """`dimension.twonn`."""

    def __init__(self, *, level: float = LEVEL):
        self.level = level

    def _measure(self, X: Points) -> Dimension:
        return twonn(X, level=self.level)


class TwoNNLine(DimensionEstimator):
    """`dimension.twonn_line`.

    discard: share of the points, those of the largest r_2/r_1, left out of the fit.
    """

    def __init__(self, discard: float = DISCARD, *, level: float = LEVEL):
        self.discard = discard
        self.level = level

    def _measure(self, X: Points) -> Dimension:
        return twonn_line(X, self.discard, level=self.level)


class KNNRelation(DimensionEstimator):
    """`dimension.knn`: the relation of r_k to r_1.

    k: the neighbour compared with the first.
    """

    def __init__(self, k: int = 2, *, level: float = LEVEL):
        self.k = k
        self.level = level

    def _measure(self, X: Points) -> Dimension:
        return knn(X, self.k, level=self.level)


class MLE(DimensionEstimator):
    """`dimension.mle`, the mean of unbiased local estimates.

    k: neighbours; None for 20, or all there are where they are fewer.
    """

    def __init__(self, k: int | None = None, *, level: float = LEVEL):
        self.k = k
        self.level = level

    def _measure(self, X: Points) -> Dimension:
        nb = _neighbors(X, self.k)
        return mle(nb, nb.k, level=self.level)


class MLEHarmonic(DimensionEstimator):
    """`dimension.mle_harmonic`, the harmonic mean of local estimates.

    k: neighbours; None for 20, or all there are where they are fewer.
    """

    def __init__(self, k: int | None = None, *, level: float = LEVEL):
        self.k = k
        self.level = level

    def _measure(self, X: Points) -> Dimension:
        nb = _neighbors(X, self.k)
        return mle_harmonic(nb, nb.k, level=self.level)


class Gride(DimensionEstimator):
    """`dimension.gride`, which compares neighbours n1 and 2 n1.

    n1: None for 10, or half of the neighbours there are where they are fewer than 20.
    """

    def __init__(self, n1: int | None = None, *, level: float = LEVEL):
        self.n1 = n1
        self.level = level

    def _measure(self, X: Points) -> Dimension:
        if self.n1 is not None:
            return gride(X, self.n1, level=self.level)
        nb = neighbors(X, 2 * N1, or_fewer=True)
        return gride(nb, max(1, nb.k // 2), level=self.level)


class CorrInt(DimensionEstimator):
    """`dimension.corrint`, the correlation dimension between the median r_k1 and r_k2.

    k1: None for half of k2.
    k2: None for 20, or all neighbours there are where they are fewer.
    """

    def __init__(self, k1: int | None = None, k2: int | None = None, *, level: float = LEVEL):
        self.k1 = k1
        self.k2 = k2
        self.level = level

    def _measure(self, X: Points) -> Dimension:
        nb = _neighbors(X, self.k2)
        k1 = nb.k // 2 if self.k1 is None else self.k1
        return corrint(X, k1, nb.k, nb=nb, level=self.level)


def _neighbors(X: Points, k: int | None) -> Neighbors:
    """k neighbours; for None the usual number, fewer where there are fewer."""
    return neighbors(X, K if k is None else k, or_fewer=k is None)
