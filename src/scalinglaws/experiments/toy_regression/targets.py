"""What is fitted: smooth random functions, and random ReLU networks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from numpy.random import Generator

if TYPE_CHECKING:
    from torch import Tensor

    from scalinglaws.learn.networks import Layers

Centres = Float[ndarray, "cells d"]
Offsets = Float[ndarray, "points d"]  # from a cube's centre, in units of its side


@dataclass(frozen=True)
class PlaneWaves:
    """f(x) = sqrt(2/M) sum_m cos(w_m.x + phase_m), M waves: C-infinity, of variance 1.

    w: Gaussian of deviation 1/scale in each coordinate, so that f approaches the Gaussian process
    of kernel exp(-|x - y|^2 / (2 scale^2)); generic, and nothing in it is a product or a sum.
    """

    w: Float[ndarray, "waves d"]
    phase: Float[ndarray, " waves"]

    @property
    def amplitude(self) -> float:
        return math.sqrt(2 / len(self.phase))

    def across(self, centres: Centres, s: float, u: Offsets) -> Float[ndarray, "cells points"]:
        """f(centre + s u): cos(a + b) = cos a cos b - sin a sin b makes it a matrix product."""
        a, b = centres @ self.w.T + self.phase, s * u @ self.w.T
        return self.amplitude * (np.cos(a) @ np.cos(b).T - np.sin(a) @ np.sin(b).T)

    def gradient(self, x: Centres) -> Float[ndarray, "cells d"]:
        return -self.amplitude * np.sin(x @ self.w.T + self.phase) @ self.w

    def hessian(self, x: Centres) -> Float[ndarray, "cells d d"]:
        cos = np.cos(x @ self.w.T + self.phase)
        return -self.amplitude * np.einsum("cm,ma,mb->cab", cos, self.w, self.w)


def plane_waves(d: int, waves: int, scale: float, rng: Generator) -> PlaneWaves:
    """A random function of d variables."""
    return PlaneWaves(rng.normal(0, 1 / scale, (waves, d)), rng.uniform(0, 2 * np.pi, waves))


@dataclass(frozen=True)
class ReluNetwork:
    """A biased ReLU network of one output, of x - 1/2; float64."""

    layers: Layers

    def across(self, centres: Centres, s: float, u: Offsets) -> Float[ndarray, "cells points"]:
        """f(centre + s u)."""
        from scalinglaws.learn.networks import forward

        X = centres[:, None] + s * u - 0.5
        return (
            forward(self.layers, _tensor(X.reshape(-1, X.shape[-1])))[-1]
            .reshape(X.shape[:2])
            .numpy()
        )

    def kinked(self, centres: Centres, s: float) -> Bool[ndarray, " cells"]:
        """Whether some unit switches within the cube: exact.

        Where none of the layers before switches a pre-activation is linear in the cube, z + J.u,
        and |J.u| is at most (s/2) sum_a |J_a|, which a corner reaches.
        """
        import torch

        from scalinglaws.learn.networks import forward

        *hidden, _ = self.layers
        X = _tensor(centres - 0.5)
        jacobian = torch.eye(X.shape[1], dtype=X.dtype).expand(len(X), -1, -1)
        switches = torch.zeros(len(X), dtype=torch.bool)
        for (W, _), z in zip(hidden, forward(self.layers, X), strict=False):
            jacobian = W @ jacobian  # (cells, units, d)
            switches |= (z.abs() <= s / 2 * jacobian.abs().sum(-1)).any(1)
            jacobian = jacobian * (z > 0)[..., None]
        return switches.numpy()


def relu_network(d: int, hidden: tuple[int, ...], seed: int) -> ReluNetwork:
    """W ~ N(0, 1/n_in), b ~ N(0, 1/4), the initialisation of the authors' students."""
    import torch

    from scalinglaws.learn.networks import Init, Shape, initialise, named_generator, to

    layers = initialise(Shape(d, hidden, 1), Init.AUTHORS, named_generator(seed, d))
    return ReluNetwork(to(layers, torch.float64))


def _tensor(X: Float[ndarray, "n d"]) -> Tensor:
    import torch

    return torch.from_numpy(np.ascontiguousarray(X))
