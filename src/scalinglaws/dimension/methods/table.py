"""The methods of the contract by their names: what each is asked for, and what it looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scalinglaws.dimension.methods.corrint import corrint
from scalinglaws.dimension.methods.gride import N1, gride
from scalinglaws.dimension.methods.knn import knn
from scalinglaws.dimension.methods.linear import participation_ratio, pca_count
from scalinglaws.dimension.methods.mle import mle, mle_harmonic
from scalinglaws.dimension.methods.twonn import twonn
from scalinglaws.dimension.methods.twonn_line import twonn_line
from scalinglaws.dimension.neighbors import Neighbors
from scalinglaws.dimension.result import Dimension

# (points, their Neighbors, k, level); what a method does not look at may be None.
Measure = Callable[[Any, Neighbors | None, int, float], Dimension]


@dataclass(frozen=True)
class Method:
    """An estimator as those see it who know it by name."""

    measure: Measure
    ks: tuple[int, ...]  # where none is asked for
    takes_k: bool = True
    reach: int = 1  # neighbours that it looks at for each k
    correctable: bool = True  # `corrected` simulates it


def _at_k(estimator: Callable[..., Dimension]) -> Measure:
    return lambda points, nb, k, level: estimator(nb, k, level=level)


def _at_two(estimator: Callable[..., Dimension]) -> Measure:
    return lambda points, nb, k, level: estimator(nb, level=level)


def _of_points(estimator: Callable[..., Dimension]) -> Measure:
    return lambda points, nb, k, level: estimator(points, level=level)


def _corrint(points: Any, nb: Neighbors | None, k: int, level: float) -> Dimension:
    """Between neighbours k/2 and k."""
    return corrint(points, k // 2, k, nb=nb, level=level)


METHODS = {
    "twonn": Method(_at_two(twonn), (2,), takes_k=False),
    "twonn-line": Method(_at_two(twonn_line), (2,), takes_k=False),
    "knn": Method(_at_k(knn), (2, 3, 4)),
    "mle": Method(_at_k(mle), (20,)),
    "mle-harmonic": Method(_at_k(mle_harmonic), (20,)),
    "gride": Method(_at_k(gride), (N1,), reach=2),  # its k is n1
    "corrint": Method(_corrint, (20,), correctable=False),
    "pr": Method(_of_points(participation_ratio), (0,), takes_k=False, correctable=False),
    "pca": Method(_of_points(pca_count), (0,), takes_k=False, correctable=False),
}
CORRECTABLE = tuple(name for name, method in METHODS.items() if method.correctable)
