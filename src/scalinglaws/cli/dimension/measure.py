"""Neighbours found once, and every estimate that was asked for made of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from scalinglaws.cli.dimension.methods import Request, title
from scalinglaws.data import manifolds
from scalinglaws.dimension import (
    Corrected,
    Dimension,
    Neighbors,
    ScaleProfile,
    against_radius,
    corrected,
    neighbors,
)
from scalinglaws.dimension.correction import SPHERE
from scalinglaws.dimension.methods.mle import log_ratio_sums
from scalinglaws.dimension.methods.table import CORRECTABLE, METHODS
from scalinglaws.errors import BadInput
from scalinglaws.files.refusal import name_rows

# The profile looks at so many neighbours, or at as many as an estimate does. A search of 32 costs
# 1.1 times one of 20, of 64 1.5 to 1.9 times (12 000 x 64, 50 000 x 32).
PROFILE = 32


@dataclass(frozen=True)
class Measured:
    """What was found of a set of points."""

    n: int  # distinct points
    ambient: int
    duplicates: int
    level: float
    nb: Neighbors | None  # None where nothing asked for looks at neighbours
    estimates: tuple[Dimension, ...]
    corrections: tuple[Corrected, ...]
    profile: ScaleProfile | None
    left_out: tuple[str, ...]  # what could not be made, and why

    def corrected(self, raw: Dimension) -> Corrected | None:
        return next((c for c in self.corrections if c.raw is raw), None)


def measure(
    points: Any,
    asked: Sequence[Request],
    *,
    queries: int | None,
    seed: int,
    level: float,
    reference: str | None,
    search: bool,
) -> Measured:
    """The estimates asked for, each corrected by the reference family where one is named.

    search: whether neighbours are needed even if no estimate looks at them.
    Raises BadInput where points are no points, an estimate that was named cannot be made, or
    none can.
    """
    left_out: list[str] = []
    nb = None
    if search or any(request.neighbours for request in asked):
        most = max(PROFILE, *(request.neighbours for request in asked))
        nb = neighbors(points, most, queries=queries, seed=seed, or_fewer=True)
    estimates = _estimates(points, nb, asked, level, left_out)
    n = estimates[0].n
    return Measured(
        n=n,
        ambient=points.shape[1],
        duplicates=len(points) - n,
        level=level,
        nb=nb,
        estimates=tuple(estimates),
        corrections=tuple(_corrections(estimates, reference, seed, left_out)),
        profile=None if nb is None else _profile(nb, level, left_out),
        left_out=tuple(left_out),
    )


def _estimates(
    points: Any,
    nb: Neighbors | None,
    asked: Sequence[Request],
    level: float,
    left_out: list[str],
) -> list[Dimension]:
    found: list[Dimension] = []
    # Those left out for one reason: too few points, or what a method says at its first k.
    without: dict[str, list[tuple[Request, BadInput]]] = {}
    for request in asked:
        try:
            found.append(_estimate(points, nb, request, level))
        except BadInput as error:
            if request.named or (request.k_given and isinstance(error, TooFew)):
                raise
            reason = "too few" if isinstance(error, TooFew) else request.method
            without.setdefault(reason, []).append((request, error))
    for group in without.values():
        names = ", ".join(str(request) for request, _ in group)
        _, least = min(group, key=lambda pair: pair[0].neighbours)
        left_out.append(f"{names} {'is' if len(group) == 1 else 'are'} left out: {least}")
    if not found:
        raise BadInput(f"no estimate can be made from these points: {left_out[0]}")
    return found


class TooFew(BadInput):
    """There are fewer neighbours than an estimate looks at."""


def _estimate(points: Any, nb: Neighbors | None, request: Request, level: float) -> Dimension:
    method, k = request.method, request.k
    if not request.neighbours and isinstance(points, np.memmap) and len(points) < points.shape[1]:
        raise BadInput(
            f"{method} holds all points in memory where they have more columns than there are "
            "points, which these do not fit: use fewer columns"
        )
    if nb is not None and request.neighbours > nb.k:
        raise TooFew(
            f"{request.neighbours} neighbours need at least {request.neighbours + 1} distinct "
            f"points, got {nb.n}: use more points or smaller k"
        )
    # As `mle` refuses ties from the first k that it takes, but by the rows of a file.
    if method == "mle" and nb is not None and k >= 4 and len(tied := _tied(nb, k)):
        raise BadInput(
            f"mle k={k}: all {k} neighbours are equally far (a lattice?) in "
            f"{name_rows(tied)}; the local d is infinite there: use larger k or "
            "mle-harmonic"
        )
    return METHODS[method].measure(points, nb, k, level)


def _tied(nb: Neighbors, k: int) -> Int[ndarray, " m"]:
    """Rows whose k neighbours are equally far."""
    return nb.rows[nb.queries[log_ratio_sums(nb, k) == 0]]


def _corrections(
    estimates: Sequence[Dimension], reference: str | None, seed: int, left_out: list[str]
) -> Iterator[Corrected]:
    if reference is None:
        return
    # The sphere has an exact law, which `corrected` knows by its name.
    family = reference if reference == SPHERE else getattr(manifolds, reference)
    for raw in estimates:
        if raw.method not in CORRECTABLE:
            left_out.append(f"{title(raw.method, raw.k)} has no correction")
            continue
        try:
            yield corrected(raw, family, seed=seed)
        except BadInput as error:
            left_out.append(f"{title(raw.method, raw.k)} is not corrected: {error}")


def _profile(nb: Neighbors, level: float, left_out: list[str]) -> ScaleProfile | None:
    try:
        return against_radius(nb, level=level)
    except BadInput as error:
        left_out.append(f"there is no profile: {error}")
        return None
