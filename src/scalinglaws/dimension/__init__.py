"""Points -> exact neighbours, computed once -> intrinsic dimension d with an interval.

Sharma & Kaplan 2020 (arXiv 2004.10802), section 2.3 and appendix B.

`estimators`, the methods as scikit-learn classes, loads on use: it needs scikit-learn at once.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from scalinglaws.dimension.correction import Corrected, corrected
from scalinglaws.dimension.methods.corrint import corrint
from scalinglaws.dimension.methods.gride import gride, gride_scan
from scalinglaws.dimension.methods.knn import knn
from scalinglaws.dimension.methods.linear import participation_ratio, pca_count
from scalinglaws.dimension.methods.local import LocalDimension, local_dimension
from scalinglaws.dimension.methods.mle import mle, mle_harmonic
from scalinglaws.dimension.methods.twonn import twonn
from scalinglaws.dimension.methods.twonn_line import twonn_line
from scalinglaws.dimension.neighbors import Neighbors, neighbors
from scalinglaws.dimension.result import Dimension
from scalinglaws.dimension.scale import (
    Plateau,
    ScalePoint,
    ScaleProfile,
    against_points,
    against_radius,
)

if TYPE_CHECKING:
    from scalinglaws.dimension import estimators

__all__ = [
    "Corrected",
    "Dimension",
    "LocalDimension",
    "Neighbors",
    "Plateau",
    "ScalePoint",
    "ScaleProfile",
    "against_points",
    "against_radius",
    "corrected",
    "corrint",
    "estimators",
    "gride",
    "gride_scan",
    "knn",
    "local_dimension",
    "mle",
    "mle_harmonic",
    "neighbors",
    "participation_ratio",
    "pca_count",
    "twonn",
    "twonn_line",
]


def __getattr__(name: str) -> object:
    if name != "estimators":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(f"{__name__}.estimators")
