"""Points in the unit cube about 0, [-1/2, 1/2]^d, and cubes drawn from a grid."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

_NODES = (3, 16)  # per axis: 3 integrate the square of a quadratic exactly


@dataclass(frozen=True)
class Points:
    """Points u with weights that add to 1: the mean over a cube is f(u) @ weight."""

    u: Float[ndarray, "points d"]
    weight: Float[ndarray, " points"]

    @property
    def basis(self) -> Float[ndarray, "points d+1"]:
        """1 and sqrt(12) u_a: orthonormal over the cube."""
        return np.hstack([np.ones((len(self.u), 1)), math.sqrt(12) * self.u])


def gauss(d: int, budget: int) -> Points:
    """Gauss-Legendre in each coordinate: exact for polynomials of degree 5 or more in each.

    About `budget` points: as many nodes per axis as it allows, 3 at least and 16 at most.
    """
    m = min(max(int(budget ** (1 / d) * (1 + 1e-12)), _NODES[0]), _NODES[1])
    node, weight = np.polynomial.legendre.leggauss(m)
    axes = np.meshgrid(*[node / 2] * d, indexing="ij")
    weights = np.meshgrid(*[weight / 2] * d, indexing="ij")
    return Points(
        np.stack(axes, -1).reshape(-1, d), np.stack(weights, -1).reshape(-1, d).prod(axis=1)
    )


def sobol(d: int, budget: int, seed: int) -> Points:
    """Scrambled Sobol' points, for what is not smooth across a cube: `budget`, a power of two."""
    from scipy.stats.qmc import Sobol

    u = Sobol(d, rng=np.random.default_rng(seed)).random_base2(int(math.log2(budget))) - 0.5
    return Points(u, np.full(len(u), 1 / len(u)))


@dataclass(frozen=True)
class Cubes:
    """Cubes of side s = 1/n of the grid of n^d, and the share of draws that each has."""

    centres: Float[ndarray, "cells d"]
    s: float
    share: Float[ndarray, " cells"]


def cubes_about(x: Float[ndarray, "draws d"], n: int) -> Cubes:
    """The cubes that hold the points x, uniform in [0, 1]^d: a cube drawn at random each.

    The same x at every n, in powers of two: each cube lies in the coarser one, so that losses at
    neighbouring n err together and slopes hardly at all.
    """
    index, counts = np.unique(np.floor(x * n), axis=0, return_counts=True)
    return Cubes((index + 0.5) / n, 1 / n, counts / counts.sum())
