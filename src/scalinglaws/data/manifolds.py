"""Points on manifolds of known dimension: what an estimate of d is tested on.

A family is (n, d, rng) -> points, a single manifold (n, rng) -> points; uniform with respect to
volume unless said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.random import Generator

Points = Float[ndarray, "n D"]
Sampler = Callable[[int, Generator], Points]
Family = Callable[[int, int, Generator], Points]


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


def affine(n: int, rng: Generator) -> Points:
    """M2: a cube of side 4 in R^3, mapped to a flat piece of R^5."""
    to_five = np.array(
        [[1.2, -0.5, 0], [0.5, 0.9, 0], [-0.5, -0.2, 1], [0.4, -0.9, -0.1], [1.1, -0.3, 0]]
    )
    return 4 * cube(n, 3, rng) @ to_five.T


def nonlinear(n: int, rng: Generator) -> Points:
    """M3: a cube in R^4, bent into R^6; uniform in the cube."""
    u0, u1, u2, u3 = cube(n, 4, rng).T
    return np.stack(
        [
            u1**2 * np.cos(2 * np.pi * u0),
            u2**2 * np.sin(2 * np.pi * u0),
            u1 + u2 + (u1 - u3) ** 2,
            u1 - 2 * u2 + (u0 - u3) ** 2,
            -u1 - 2 * u2 + (u2 - u3) ** 2,
            u0**2 - u1**2 + u2**2 - u3**2,
        ],
        axis=1,
    )


def helix(n: int, rng: Generator) -> Points:
    """M5a: a closed curve that winds eight times around a torus in R^3; uniform in its angle."""
    t = 2 * np.pi * rng.random(n)
    rho = 2 + np.cos(8 * t)
    return np.stack([rho * np.cos(t), rho * np.sin(t), np.sin(8 * t)], axis=1)


def helicoid(n: int, rng: Generator) -> Points:
    """M5b: (r cos p, r sin p, p/2), r and p uniform in [0, 10 pi]: five turns, pi apart."""
    r, p = 10 * np.pi * rng.random((2, n))
    return np.stack([r * np.cos(p), r * np.sin(p), p / 2], axis=1)


def s_curve(n: int, rng: Generator) -> Points:
    """M13a: a sheet bent to an S in R^3, three half circles long and 2 wide."""
    t = 3 * np.pi * (rng.random(n) - 0.5)
    return np.stack([np.sin(t), 2 * rng.random(n), np.sign(t) * (np.cos(t) - 1)], axis=1)


def spiral(n: int, rng: Generator) -> Points:
    """M13b: (100 cos t, 100 sin t, t), five turns 2 pi apart, among 13 columns."""
    t = 10 * np.pi * rng.random(n)
    return np.pad(np.stack([100 * np.cos(t), 100 * np.sin(t), t], axis=1), ((0, 0), (0, 10)))


@dataclass(frozen=True)
class Manifold:
    """A manifold of dimension d in `ambient` columns."""

    sample: Sampler
    ambient: int
    d: int


def student(n: int, d: int, rng: Generator, degrees: float = 3.0) -> Points:
    """Student's t in R^d, of few degrees of freedom: far outliers."""
    return rng.standard_normal((n, d)) / np.sqrt(rng.chisquare(degrees, (n, 1)) / degrees)


# The manifolds of the study of error bars, by name, and densities that are far from uniform.
KNOWN: dict[str, Sampler] = {
    "S^2": lambda n, rng: sphere(n, 2, rng),
    "S^5": lambda n, rng: sphere(n, 5, rng),
    "torus 2": lambda n, rng: torus(n, 2, rng),
    "torus 5": lambda n, rng: torus(n, 5, rng),
    "torus 10": lambda n, rng: torus(n, 10, rng),
    "10-ball": lambda n, rng: ball(n, 10, rng),
    "swiss roll": swiss_roll,
}
SKEWED: dict[str, Sampler] = {
    "N(0, I_20)": lambda n, rng: gaussian(n, 20, rng),
    "t_3 in R^5": lambda n, rng: student(n, 5, rng),
}
# Hein & Audibert 2005 and Campadelli et al. 2015, as scikit-dimension names them.
BENCHMARK: dict[str, Manifold] = {
    "M1": Manifold(lambda n, rng: sphere(n, 10, rng), 11, 10),
    "M2": Manifold(affine, 5, 3),
    "M3": Manifold(nonlinear, 6, 4),
    "M5a": Manifold(helix, 3, 1),
    "M5b": Manifold(helicoid, 3, 2),
    "M7": Manifold(swiss_roll, 3, 2),
    "M9": Manifold(lambda n, rng: 5 * cube(n, 20, rng) - 2.5, 20, 20),
    "M12": Manifold(lambda n, rng: gaussian(n, 20, rng), 20, 20),
    "M13a": Manifold(s_curve, 3, 2),
    "M13b": Manifold(spiral, 13, 1),
}
