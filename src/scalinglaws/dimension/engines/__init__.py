"""Exact nearest neighbours by whichever way of finding candidates is quickest for the points.

    differences  sums of squared differences, every pair: few points, and the last resort
    tree         cells of a KD-tree after rotation to principal axes: small d
    product      |x|^2 + |y|^2 - 2xy by matrix products: everything else

An engine may err by rounding and says by how much: it hands over candidates and a floor, a
distance that no point left out can be below. `search` measures the candidates anew and asks
again, another way, where the floor leaves a doubt.
"""

from scalinglaws.dimension.engines.candidates import TIE
from scalinglaws.dimension.engines.search import search

__all__ = ["TIE", "search"]
