"""Reference families, a manifold for each d: the neighbours of points whose d is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.random import Generator

from scalinglaws.dimension.neighbors import Neighbors, neighbors

Family = Callable[[int, int, Generator], Float[ndarray, "n D"]]  # (n, d, rng) -> points

NODES = 200  # of the table of radii: exact to 1e-6 of a radius, measured for d = 1 to 1000


def on_sphere(m: int, n: int, d: float, k: int, rng: Generator) -> Neighbors:
    """The k neighbours of m points, each among n - 1 others of its own, on the unit sphere S^d.

    On S^d a cap of angle theta holds the share U = I_x(d/2, d/2) of the area, x = sin^2(theta/2)
    and I the regularised incomplete beta function; its chord is 2 sqrt(x). The shares of the caps
    that reach the n - 1 others are uniform, in order U_j = G_j/G_n with G_j a sum of j
    exponentials. So the cost does not depend on n, and d need be no whole number.

    No two points share neighbours, which the count of m n points says: an estimate has the mean
    that it has on a sphere, and the error of independent points.
    """
    G = rng.standard_exponential((m, k)).cumsum(axis=1)
    G_n = G[:, -1:] + rng.standard_gamma(n - k, size=(m, 1))
    of_their_own = np.arange(m)
    return Neighbors(
        r=2 * _half_chord(np.log(G / (G_n - G)), d),
        index=rng.integers(m, size=(m, k)),  # of no meaning: no two queries share a neighbour
        queries=of_their_own,
        rows=of_their_own,
        n=m * n,
        ambient=int(np.ceil(d)) + 1,
        duplicates=0,
        engine="exact law",
    )


def on_spheres(sets: int, m: int, n: int, d: float, k: int, rng: Generator) -> Iterator[Neighbors]:
    """`on_sphere` for so many data sets, all drawn at once."""
    together = on_sphere(sets * m, n, d, k, rng)
    for r in np.split(together.r, sets):
        of_their_own = np.arange(m)
        index = together.index[:m] % m
        yield replace(together, r=r, index=index, queries=of_their_own, rows=of_their_own, n=m * n)


def on_member(family: Family, m: int, n: int, d: int, k: int, rng: Generator) -> Neighbors:
    """The k neighbours of m among n points of a family's member of dimension d."""
    return neighbors(family(n, d, rng), k, queries=m, seed=int(rng.integers(2**32)))


def _half_chord(log_odds: Float[ndarray, "m k"], d: float) -> Float[ndarray, "m k"]:
    """sqrt(x) of I_x(d/2, d/2) = U, from log U/(1 - U), of which log x is a smooth function."""
    from scipy.interpolate import CubicSpline
    from scipy.special import betaincinv, expit

    nodes = np.linspace(log_odds.min(), log_odds.max(), NODES)
    log_x = CubicSpline(nodes, np.log(betaincinv(d / 2, d / 2, expit(nodes))))
    return np.exp(log_x(log_odds) / 2)
