"""Smoothly broken power laws."""

from __future__ import annotations

import math
from dataclasses import make_dataclass
from itertools import combinations
from typing import Any, ClassVar, cast

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.laws.forms.power_constant import without_constant
from scalinglaws.laws.forms.sums import log_sum, logistic, shares, softplus
from scalinglaws.laws.law import Coordinates, Kind, Law, LogX, Theta, stacked

_SHARES = (0.0, 0.5, 0.9, 0.99)  # of the least loss that E is taken to be at the start
_PLACES = 5  # trial places of a break, within the range of x
_WIDTHS = (0.3, 1.5)  # trial f
_SHARPEST = 16.0  # |log f|


class Broken(Law):
    """L = E + A x^-alpha prod_i (1 + (x/x_i)^(1/f_i))^(-c_i f_i).

    Beyond each break x_i the exponent is larger by c_i (smaller where it is negative); f_i is how
    many e-folds of x the change takes. Fields: E, A, alpha, then x1, c1, f1, x2, c2, f2, ...
    """

    equation: ClassVar[str] = "L = E + A x^-alpha prod_i (1 + (x/x_i)^(1/f_i))^(-c_i f_i)"
    source: ClassVar[str] = "Caballero et al. 2022, arXiv:2210.14891, eq. 1"

    @staticmethod
    def log_loss(theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n"]:
        return log_sum(theta[0], _power(theta, log_X[0]))

    @classmethod
    def log_loss_gradient(cls, theta: Coordinates, log_X: LogX) -> Float[ndarray, "... n p"]:
        (log_x,) = log_X
        constant, power = shares(theta[0], _power(theta, log_x))
        columns = [constant, power, -log_x * power]
        for log_d, c, log_f in _breaks(theta):
            f = _width(log_f)
            z = (log_x - log_d) / f
            # of -c f softplus(z): by log d, by c, by log f
            columns += [
                power * c * logistic(z),
                -power * f * softplus(z),
                -power * c * f * (softplus(z) - z * logistic(z)),
            ]
        return stacked(*columns)

    @classmethod
    def settled(cls, theta: Theta) -> Theta:
        """A break as sharp, or as soft, as numbers can show."""
        moved = theta.copy()
        moved[5::3] = np.clip(moved[5::3], -_SHARPEST, _SHARPEST)
        return moved

    @classmethod
    def _starts(cls, log_X: LogX, log_L: Float[ndarray, " n"], breaks: int) -> list[Theta]:
        """At given E, places and widths, log (L - E) is linear in log A, alpha and every c."""
        (log_x,) = log_X
        places = np.linspace(log_x.min(), log_x.max(), _PLACES + 2)[1:-1]
        starts: list[Theta] = []
        for share in _SHARES:
            log_E, log_excess = without_constant(log_L, share)
            for log_d in combinations(places, breaks):
                for f in _WIDTHS:
                    bends = [-f * softplus((log_x - at) / f) for at in log_d]
                    design = np.stack([np.ones_like(log_x), -log_x, *bends], axis=1)
                    log_A, alpha, *c = np.linalg.lstsq(design, log_excess)[0]
                    each = zip(log_d, c, [math.log(f)] * breaks, strict=True)
                    starts.append(np.array([log_E, log_A, alpha, *(v for b in each for v in b)]))
        return starts


def broken(breaks: int) -> type[Law]:
    """The law with so many breaks: "broken" with one, "broken-2" with two, ..."""
    names = ["E", "A", "alpha", *(f"{v}{i}" for i in range(1, breaks + 1) for v in "xcf")]
    kinds = (Kind.CONSTANT, Kind.POSITIVE, Kind.EXPONENT)
    kinds += breaks * (Kind.POSITIVE, Kind.REAL, Kind.POSITIVE)
    name = "broken" if breaks == 1 else f"broken-{breaks}"

    def starts(log_X: LogX, log_L: Float[ndarray, " n"]) -> list[Theta]:
        return Broken._starts(log_X, log_L, breaks)  # pyright: ignore[reportPrivateUsage]

    made = make_dataclass(
        f"Broken{breaks}",
        [(field, float) for field in names],
        bases=(Broken,),
        namespace={"name": name, "kinds": kinds, "starts": staticmethod(starts)},
        frozen=True,
    )
    made.__module__ = __name__  # where a pickled law finds its class
    return cast(type[Law], made)


def _power(theta: Coordinates, log_x: Float[ndarray, " n"]) -> Float[ndarray, "... n"]:
    _, log_A, alpha, *_ = theta
    total = log_A - alpha * log_x
    for log_d, c, log_f in _breaks(theta):
        f = _width(log_f)
        total = total - c * f * softplus((log_x - log_d) / f)
    return total


def _width(log_f: Float[ndarray, ...]) -> Float[ndarray, ...]:
    """f, not so far from 1 that a break is sharper, or softer, than numbers can show."""
    return np.exp(np.clip(log_f, -_SHARPEST, _SHARPEST))


def _breaks(theta: Coordinates) -> list[tuple[Any, Any, Any]]:
    rest = list(theta[3:])
    return list(zip(rest[::3], rest[1::3], rest[2::3], strict=True))


Broken1, Broken2 = broken(1), broken(2)
