"""Points -> exact neighbours, computed once -> intrinsic dimension d with an interval.

Sharma & Kaplan 2020 (arXiv 2004.10802), section 2.3 and appendix B.
"""

from scalinglaws.dimension.knn import knn
from scalinglaws.dimension.mle import mle, mle_harmonic
from scalinglaws.dimension.neighbors import Neighbors, neighbors
from scalinglaws.dimension.result import Dimension
from scalinglaws.dimension.twonn import twonn

__all__ = ["Dimension", "Neighbors", "knn", "mle", "mle_harmonic", "neighbors", "twonn"]
