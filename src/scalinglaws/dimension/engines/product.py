"""Candidates from matrix products: |x - y|^2/2 = |x|^2/2 + |y|^2/2 - xy, y ranked by its part.

float32 takes half the time of float64, and where all points are asked for every product serves
both of its points. Products are looked through a block at a time, while they are in the cache,
for those nearer than the nearest kept so far: most are dismissed 32 at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, Int32
from numpy import ndarray
from numpy.typing import DTypeLike

from scalinglaws.dimension.cloud import STREAM, Cloud, blocks, mapped
from scalinglaws.dimension.engines.candidates import Candidates
from scalinglaws.threads import share

ROWS = 1024  # of a block of products
HELD = 1 << 30  # bytes of centred coordinates held at once
SEED = 0  # of the order in which points are looked at; any would do

Rooms = list[Float[ndarray, " products"]]  # where products are written, one for each thread


@dataclass(frozen=True)
class Centred:
    """Centred points at the precision of the products, rows of zeros up to a multiple of LANES."""

    x: Float[ndarray, "n D"]
    half: Float[ndarray, " n"]  # |x|^2/2; infinite in the rows of zeros

    def part(self, some: slice) -> Centred:
        return Centred(self.x[some], self.half[some])


@dataclass(frozen=True)
class Kept:
    """Of each query the c points nearest so far: |y|^2/2 - xy, ascending, and which they are."""

    value: Float[ndarray, "m c"]
    point: Int32[ndarray, "m c"]

    def part(self, some: slice) -> Kept:
        return Kept(self.value[some], self.point[some])


def product(
    cloud: Cloud, c: int, queries: Int[ndarray, " m"], dtype: DTypeLike, threads: int
) -> Candidates:
    """c candidates for each query, found at the precision of dtype.

    Points are looked at in an order drawn at random: where each is nearer than the one before,
    as along a path, almost every product would have to be kept for a while.
    """
    m, order, row = len(queries), _shuffled(cloud), cloud.D * np.dtype(dtype).itemsize
    rooms = [np.empty(ROWS * ROWS, dtype) for _ in range(threads)]
    last, point = np.empty(m, dtype), np.empty((m, c), np.int32)
    if m == cloud.n and m * row <= HELD:
        kept = _all_pairs(_centred(cloud, order, dtype), m, c, rooms)
        last[order], point[order] = kept.value[:, -1], order[kept.point]
    else:
        for some in blocks(m, row, HELD):
            kept = _against_all(cloud, queries[some], order, c, rooms)
            last[some], point[some] = kept.value[:, -1], order[kept.point]
    if c == cloud.n:
        return Candidates(point, np.full(m, np.inf))
    farthest = last.astype(np.float64)
    return Candidates(point, _floor(cloud.norms(queries), farthest, cloud.D, dtype))


def _shuffled(cloud: Cloud) -> Int32[ndarray, " n"]:
    """All points at random; those of a file block by block, so that it is read in order."""
    rng, order = np.random.default_rng(SEED), np.arange(cloud.n, dtype=np.int32)
    for some in blocks(cloud.n, 1, ROWS if mapped(cloud.data) else cloud.n):
        rng.shuffle(order[some])
    return order


def _all_pairs(x: Centred, n: int, c: int, rooms: Rooms) -> Kept:
    """Every pair of the n points once: each block meets itself, then all others by turns."""
    kept, players = _none(x, n, c), list(blocks(len(x.x), 1, ROWS))

    def train(i: slice) -> None:
        _meet(x.part(i), x.part(i), i.start, i.start, kept.part(i), None, rooms)

    def play(pair: tuple[slice, slice]) -> None:
        i, j = pair
        _meet(x.part(i), x.part(j), i.start, j.start, kept.part(i), kept.part(j), rooms)

    share(train, players, len(rooms))
    for pairs in _rounds(players):
        share(play, pairs, len(rooms))
    return kept.part(slice(n))


def _rounds(players: list[slice]) -> Iterator[list[tuple[slice, slice]]]:
    """A tournament: all meet once, and none meets two at a time, so threads never collide."""
    ring = [*players, *[None] * (len(players) % 2)]
    half = len(ring) // 2
    for _ in range(len(ring) - 1):
        pairs = zip(ring[:half], reversed(ring[half:]), strict=True)
        yield [(a, b) for a, b in pairs if a is not None and b is not None]
        ring = [ring[0], ring[-1], *ring[1:-1]]


def _against_all(
    cloud: Cloud, queries: Int[ndarray, " m"], order: Int32[ndarray, " n"], c: int, rooms: Rooms
) -> Kept:
    """The queries against all points, which are centred a block at a time and not held."""
    dtype = rooms[0].dtype
    x = _centred(cloud, queries, dtype)
    kept = _none(x, len(queries), c)
    for j in blocks(cloud.n, 1, ROWS):
        y = _centred(cloud, order[j], dtype)

        def meet(i: slice, y: Centred = y, start: int = j.start) -> None:
            _meet(x.part(i), y, 0, start, kept.part(i), None, rooms)

        share(meet, blocks(len(x.x), 1, ROWS), len(rooms))
    return kept.part(slice(len(queries)))


def _meet(
    x: Centred, y: Centred, start_x: int, start_y: int, of_x: Kept, of_y: Kept | None, rooms: Rooms
) -> None:
    """Enter each y where it is among the nearest of x, and unless of_y is None each x at y."""
    from scalinglaws.dimension.engines.kernels import LANES, keep

    room = rooms.pop()
    xy = room[: len(x.x) * len(y.x)].reshape(len(x.x), len(y.x))
    np.matmul(x.x, y.x.T, out=xy)
    both, of_y = of_y is not None, of_y or of_x
    keep(
        xy.reshape(len(xy), -1, LANES), x.half, y.half.reshape(-1, LANES), start_x, start_y,
        of_x.value, of_x.point, of_y.value, of_y.point, both,
    )  # fmt: skip
    rooms.append(room)


def _centred(cloud: Cloud, which: Int[ndarray, " m"], dtype: DTypeLike) -> Centred:
    """What is too small to be squared at this precision counts as zero."""
    from scalinglaws.dimension.engines.kernels import LANES

    rows, small = -(-len(which) // LANES) * LANES, _smallest(dtype)
    x, half = np.zeros((rows, cloud.D), dtype), np.full(rows, np.inf, dtype)
    for some in blocks(len(which), cloud.D, STREAM):
        block = cloud.centred(which[some])
        half[some] = np.einsum("nd,nd->n", block, block) / 2
        block[np.abs(block) < small] = 0
        x[some] = block
    return Centred(x, half)


def _none(x: Centred, m: int, c: int) -> Kept:
    """Nothing kept yet. Nothing is nearer than minus infinity, so rows of zeros keep nothing."""
    value = np.full((len(x.x), c), np.inf, x.x.dtype)
    value[m:] = -np.inf
    return Kept(value, np.zeros((len(x.x), c), np.int32))


def _smallest(dtype: DTypeLike) -> float:
    """The smallest number whose square has all its digits at this precision."""
    return float(np.sqrt(np.finfo(dtype).tiny))


def _floor(
    x: Float[ndarray, " m"], farthest: Float[ndarray, " m"], D: int, dtype: DTypeLike
) -> Float[ndarray, " m"]:
    """The distance d below which no point y was left out, from the farthest value kept.

    Left out means |y|^2/2 - xy came out >= farthest. Whatever the order of its sums it comes
    out wrong by at most g (|y|^2/2 + |x||y|) <= g (|x|^2/2 + |y|^2) with g = nu/(1 - nu),
    n = D + 5 and u half the spacing of numbers at 1: D products and sums, three roundings of
    coordinates and |y|^2, one difference (Higham 2002, Accuracy and Stability of Numerical
    Algorithms, section 3.1). |x|^2 is itself wrong by g |x|^2 at most. Coordinates below s
    counted as zero add sqrt(D) s (|x| + |y|) + D s^2, which is less than
    g (|x|^2 + |y|^2)/32 + 17 D s^2/g. With |y| <= |x| + d this makes

        d^2 >= |x|^2 + 2 farthest - 2.1 g (|x|^2 + (|x| + d)^2) - 34 D s^2/g,

    solved for d. x: |x| in float64.
    """
    nu = (D + 5) * float(np.finfo(dtype).eps) / 2
    if nu >= 0.5:
        return np.zeros(len(x))
    g = nu / (1 - nu)
    known = x**2 + 2 * farthest - 4.2 * g * x**2 - 34 * D * _smallest(dtype) ** 2 / g
    # (1 + 2.1 g) d^2 + 4.2 g |x| d >= known
    a, b = 1 + 2.1 * g, 2.1 * g * x
    return np.where(known > 0, (np.sqrt(b**2 + a * known.clip(0)) - b) / a, 0.0)
