"""Points on manifolds of known dimension: what an estimate of d is tested on.

Every sampler is (n, d, rng) -> points, uniform with respect to the manifold's volume unless said.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.random import Generator

Points = Float[ndarray, "n D"]
Sampler = Callable[[int, Generator], Points]


def cube(n: int, d: int, rng: Generator) -> Points:
    """[0, 1]^d: most of a large cube is near its boundary, where d reads low."""
    return rng.random((n, d))


def torus(n: int, d: int, rng: Generator) -> Points:
    """The flat torus, d circles of radius 1 in R^2d: no boundary, no curvature of its own."""
    angle = 2 * np.pi * rng.random((n, d))
    return np.concatenate([np.cos(angle), np.sin(angle)], axis=1)


def sphere(n: int, d: int, rng: Generator) -> Points:
    """The unit sphere S^d in R^(d+1)."""
    x = rng.standard_normal((n, d + 1))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def ball(n: int, d: int, rng: Generator) -> Points:
    """The unit ball of R^d."""
    return sphere(n, d - 1, rng) * rng.random((n, 1)) ** (1 / d)


def gaussian(n: int, d: int, rng: Generator) -> Points:
    """N(0, I_d): not uniform."""
    return rng.standard_normal((n, d))


def swiss_roll(n: int, rng: Generator) -> Points:
    """A rolled-up sheet in R^3, d = 2: (t cos t, h, t sin t), t = 1.5 pi (1 + 2u), h = 21 u'.

    Uniform in t and h, hence not in area.
    """
    t = 1.5 * np.pi * (1 + 2 * rng.random(n))
    return np.stack([t * np.cos(t), 21 * rng.random(n), t * np.sin(t)], axis=1)


# The manifolds of the study of error bars, by name.
KNOWN: dict[str, Sampler] = {
    "S^2": lambda n, rng: sphere(n, 2, rng),
    "S^5": lambda n, rng: sphere(n, 5, rng),
    "torus 2": lambda n, rng: torus(n, 2, rng),
    "torus 5": lambda n, rng: torus(n, 5, rng),
    "torus 10": lambda n, rng: torus(n, 10, rng),
    "10-ball": lambda n, rng: ball(n, 10, rng),
    "swiss roll": swiss_roll,
}
