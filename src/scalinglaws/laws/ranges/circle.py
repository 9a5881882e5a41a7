"""The circle rule: where a power law ends. Sharma & Kaplan 2020, arXiv:2004.10802, appendix A.1.

Circles are fitted to the first n >= 3 points of the log-log plane; the n whose circle has the
largest radius is the most linear prefix, and the power law is fitted to it.
The fit is geometric (least squares of distances). Its circles are written
    A (x^2 + y^2) + B x + C y + D = 0,  B^2 + C^2 = 1 + 4 A D,  radius 1 / |2A|,
so that straight points (A = 0) are an ordinary case; distances follow Chernov & Lesort 2005,
doi:10.1007/s10851-005-0482-8, section 7. The algebraic fit of Kasa 1976 only starts it: by
itself it prefers small circles.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput


@dataclass(frozen=True)
class Circle:
    """Centre and radius; straight points have an infinite radius and no finite centre."""

    x: float
    y: float
    radius: float


def linear_prefix(log_x: ArrayLike, log_y: ArrayLike, *, algebraic: bool = False) -> int:
    """The number n of first points that the paper's rule keeps.

    log_x, log_y: points in the order of growing log N. algebraic: judge by Kasa's fit, for
    comparison. Equal radii (straight points) keep the most points.
    """
    x, y = np.asarray(log_x, dtype=float), np.asarray(log_y, dtype=float)
    if x.ndim != 1 or x.shape != y.shape or len(x) < 3:
        raise BadInput(f"the circle rule needs 3 or more points: {x.shape}, {y.shape}")
    fit = fit_circle_algebraic if algebraic else fit_circle
    lengths = range(len(x), 2, -1)
    return max(lengths, key=lambda n: fit(x[:n], y[:n]).radius)


def fit_circle(x: ArrayLike, y: ArrayLike) -> Circle:
    """The circle of least squared distances to the points."""
    from scipy.optimize import leastsq  # late: slow to import

    plane = _Plane.of(np.asarray(x, dtype=float), np.asarray(y, dtype=float))

    def square(p: Float[ndarray, " 3"]) -> float:
        total = float(np.sum(plane.distances(p) ** 2))
        return total if math.isfinite(total) else math.inf

    starts = [plane.line(), *plane.kasa()]
    with np.errstate(over="ignore", invalid="ignore"):  # a start may run off: the other is taken
        # full_output: the outcome is judged by its squares, not by a warning.
        fits = [
            leastsq(plane.distances, p, Dfun=plane.derivatives, ftol=1e-14, full_output=True)[0]
            for p in starts
        ]
        return plane.circle(min([*starts, *fits], key=square))


def fit_circle_algebraic(x: ArrayLike, y: ArrayLike) -> Circle:
    """Kasa's fit: least squares of x^2 + y^2 + B x + C y + D, linear in B, C and D."""
    plane = _Plane.of(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    found = plane.kasa()
    return plane.circle(found[0] if found else plane.line())


@dataclass(frozen=True)
class _Plane:
    """The points about their mean in units of their spread, x along their longest direction.

    A circle is the vector (A, D, theta), with B = E cos theta, C = E sin theta, E^2 = 1 + 4AD.
    """

    u: Float[ndarray, " n"]
    v: Float[ndarray, " n"]
    mean: Float[ndarray, " 2"]
    axes: Float[ndarray, "2 2"]
    scale: float
    resolution: float  # rounding error of the coordinates, in units of the spread

    @classmethod
    def of(cls, x: Float[ndarray, " n"], y: Float[ndarray, " n"]) -> _Plane:
        points = np.stack([x, y])
        if not np.isfinite(points).all():
            raise BadInput("a circle needs finite points: x or y holds NaN or infinity")
        mean = points.mean(axis=1)
        centred = points - mean[:, None]
        scale = math.sqrt(float(np.mean(centred**2)))
        if scale == 0:
            raise BadInput("a circle needs points that differ")
        axes = np.linalg.svd(centred, full_matrices=False)[0]  # columns: longest direction first
        u, v = axes.T @ centred / scale
        resolution = 8 * float(np.finfo(float).eps * np.abs(points).max() / scale)
        return cls(u, v, mean, axes, scale, resolution)

    def line(self) -> Float[ndarray, " 3"]:
        """The straight line v = 0."""
        return np.array([0.0, 0.0, math.pi / 2])

    def kasa(self) -> list[Float[ndarray, " 3"]]:
        """The algebraic circle, or nothing for straight points."""
        design = np.stack([self.u, self.v, np.ones_like(self.u)], axis=1)
        (B, C, D), *_ = np.linalg.lstsq(design, -(self.u**2 + self.v**2), rcond=None)
        norm = math.sqrt(max(B**2 + C**2 - 4 * D, 0.0))
        if norm == 0 or self.is_straight(1 / norm):
            return []
        # The overall sign of (A, B, C, D) is free.
        return [np.array([1 / norm, D / norm, math.atan2(C, B)])]

    def is_straight(self, A: float) -> bool:
        """Whether the bulge of the arc over the points, |A| u_max^2, is below rounding."""
        return bool(abs(A) * np.max(self.u**2) <= self.resolution)

    def distances(self, circle: Float[ndarray, " 3"]) -> Float[ndarray, " n"]:
        """Signed distances 2P / (1 + sqrt(1 + 4AP)), P = A (u^2 + v^2) + B u + C v + D."""
        A, _, _ = circle
        P = self._power(circle)
        return 2 * P / (1 + np.sqrt(np.maximum(1 + 4 * A * P, 0)))

    def derivatives(self, circle: Float[ndarray, " 3"]) -> Float[ndarray, "n 3"]:
        """Of the distances with respect to A, D and theta."""
        A, D, theta = circle
        E = math.sqrt(max(1 + 4 * A * D, np.finfo(float).tiny))
        along = self.u * math.cos(theta) + self.v * math.sin(theta)
        across = self.v * math.cos(theta) - self.u * math.sin(theta)
        P = self._power(circle)
        Q = np.sqrt(np.maximum(1 + 4 * A * P, np.finfo(float).tiny))
        distance = 2 * P / (1 + Q)
        R = 2 * (1 - A * distance / Q) / (1 + Q)
        by_A = R * (self.u**2 + self.v**2 + 2 * D * along / E) - distance**2 / Q
        return np.stack([by_A, R * (2 * A * along / E + 1), R * E * across], axis=1)

    def _power(self, circle: Float[ndarray, " 3"]) -> Float[ndarray, " n"]:
        A, D, theta = circle
        E = math.sqrt(max(1 + 4 * A * D, 0.0))
        along = self.u * math.cos(theta) + self.v * math.sin(theta)
        return A * (self.u**2 + self.v**2) + E * along + D

    def circle(self, parameters: Float[ndarray, " 3"]) -> Circle:
        """Back in the caller's coordinates."""
        A, D, theta = (float(p) for p in parameters)
        if self.is_straight(A):
            return Circle(math.nan, math.nan, math.inf)
        E = math.sqrt(max(1 + 4 * A * D, 0.0))
        centre = -np.array([math.cos(theta), math.sin(theta)]) * E / (2 * A)
        x, y = self.mean + self.scale * self.axes @ centre
        return Circle(float(x), float(y), self.scale / abs(2 * A))
