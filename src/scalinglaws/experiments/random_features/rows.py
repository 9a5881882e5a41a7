"""The rows of random-features as arrays: one row of an array per draw, aligned over sizes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.result import Row, Value

EXCESS_FROM = 2  # the excess over a limit is followed from D = 2 P (P = 2 D) on

Sizes = tuple[float, float]  # (D, P); infinite for all


@dataclass(frozen=True)
class Losses:
    """Simulated losses in one spectrum lambda_i = i^-(1+alpha)."""

    alpha: float
    S: int
    draws: dict[Sizes, Float[ndarray, " draws"]]

    @property
    def sizes(self) -> list[int]:
        """Every finite D, ascending."""
        return sorted({int(D) for D, _ in self.draws if math.isfinite(D)})

    def at(self, sizes: Iterable[Sizes]) -> Float[ndarray, "draws sizes"]:
        return np.stack([self.draws[pair] for pair in sizes], axis=1)

    def excess_over_data(self, D: Sequence[int], P: int) -> Float[ndarray, "draws sizes"]:
        """L(D, P) - L(inf, P) at the same projections."""
        return self.at([(n, P) for n in D]) - self.at([(math.inf, P)])

    def excess_over_projections(self, P: Sequence[int], D: int) -> Float[ndarray, "draws sizes"]:
        """L(D, P) - L(D, inf) at the same data."""
        return self.at([(D, n) for n in P]) - self.at([(D, math.inf)])


@dataclass(frozen=True)
class ImageLosses:
    """Losses and eigenvalues of random ReLU features of one image set at one pool size."""

    dataset: str
    pool: int
    S: int
    sizes: Float[ndarray, " sizes"]
    over_data: Float[ndarray, "draws sizes"]  # L(D), all features
    over_projections: Float[ndarray, "draws sizes"]  # L(P), all training images
    closed_over_data: Float[ndarray, "draws sizes"]
    closed_over_projections: Float[ndarray, "draws sizes"]
    ranks: Float[ndarray, " ranks"]
    eigenvalues: Float[ndarray, "draws ranks"]


def read_spectra(rows: Sequence[Row]) -> list[Losses]:
    """One Losses per alpha, ascending."""
    found: dict[tuple[float, int], dict[Sizes, dict[Value, float]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for row in rows:
        if row["part"] == "spectrum":
            sizes = _size(row["D"]), _size(row["P"])
            found[_number(row["alpha"]), int(_number(row["S"]))][sizes][row["draw"]] = _number(
                row["loss"]
            )
    return [
        Losses(alpha, S, {sizes: _by_draw(draws) for sizes, draws in losses.items()})
        for (alpha, S), losses in sorted(found.items())
    ]


def read_images(rows: Sequence[Row]) -> list[ImageLosses]:
    """One ImageLosses per image set and pool size."""
    found: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rows:
        if row["part"] == "images":
            found[str(row["dataset"]), int(_number(row["pool"]))].append(row)
    return [_image_losses(name, pool, own) for (name, pool), own in sorted(found.items())]


def _image_losses(name: str, pool: int, rows: list[Row]) -> ImageLosses:
    over_data = [row for row in rows if row.get("D") is not None and row.get("P") is None]
    over_projections = [row for row in rows if row.get("P") is not None]
    spectrum = [row for row in rows if row.get("rank") is not None]
    sizes, losses = _columns(over_data, "D", "loss")
    ranks, eigenvalues = _columns(spectrum, "rank", "eigenvalue")
    return ImageLosses(
        dataset=name,
        pool=pool,
        S=int(_number(rows[0]["S"])),
        sizes=sizes,
        over_data=losses,
        over_projections=_columns(over_projections, "P", "loss")[1],
        closed_over_data=_columns(over_data, "D", "closed")[1],
        closed_over_projections=_columns(over_projections, "P", "closed")[1],
        ranks=ranks,
        eigenvalues=eigenvalues,
    )


def _columns(
    rows: list[Row], x: str, y: str
) -> tuple[Float[ndarray, " sizes"], Float[ndarray, "draws sizes"]]:
    """(the distinct x, ascending; y of every draw at them)."""
    found: dict[float, dict[Value, float]] = defaultdict(dict)
    for row in rows:
        found[_number(row[x])][row["draw"]] = _number(row[y])
    at = sorted(found)
    return np.array(at), np.stack([_by_draw(found[n]) for n in at], axis=1)


def _by_draw(values: dict[Value, float]) -> Float[ndarray, " draws"]:
    """In one order of draws everywhere: a cell stores all its rows or none."""
    return np.array([values[draw] for draw in sorted(values, key=_number)])


def _size(value: Value) -> float:
    return math.inf if value is None else _number(value)


def _number(value: Value) -> float:
    return float(cast(float, value))
