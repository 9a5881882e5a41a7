"""The loops that numba compiles: each keeps, row by row, the c nearest found so far.

This module imports numba, hence nothing imports it before it is needed. Machine code is kept on
disk between runs; the loops leave Python's lock to other threads. Functions take whole arrays
and row numbers: a row taken out of an array would be counted as a reference each time.
"""
# pyright: reportMissingParameterType=false

from __future__ import annotations

import numba
import numpy as np

LANES = 32  # products looked at in one step: as many as keep the vector units busy
STEP = 8  # axes after which a box or a cell is given up if it is too far already
RINGS = (0.1, 0.4, 1.0)  # of the farthest squared distance of use: nearer cells go first

# Sums of squares may be reordered, which lets them use vector units. Infinity keeps its meaning.
SUMS = {"reassoc", "contract"}


@numba.njit(cache=True, nogil=True)
def insert(values, points, row, value, point):
    """Enter a point nearer than the last in this row, whose values ascend; the last drops out."""
    at = values.shape[1] - 1
    while at > 0 and value < values[row, at - 1]:
        values[row, at] = values[row, at - 1]
        points[row, at] = points[row, at - 1]
        at -= 1
    values[row, at] = value
    points[row, at] = point


@numba.njit(cache=True, nogil=True)
def keep(xy, half_x, half_y, start_x, start_y, value_x, point_x, value_y, point_y, both):
    """Enter each y where it is among the nearest of x by |y|^2/2 - xy, if `both` each x at y.

    xy: (x, steps, LANES) products; half_y: (steps, LANES). Points count from start_x, start_y.
    """
    last = value_x.shape[1] - 1
    limit_y = np.full(half_y.shape, -np.inf, value_x.dtype)  # nothing is below it
    if both:
        for s in range(half_y.shape[0]):
            for lane in range(LANES):
                limit_y[s, lane] = value_y[s * LANES + lane, last]
    for i in range(xy.shape[0]):
        of_x, limit_x = half_x[i], value_x[i, last]
        for s in range(half_y.shape[0]):
            p, of_y, limit = xy[i, s], half_y[s], limit_y[s]
            hit = np.uint8(0)
            for lane in range(LANES):
                hit |= np.uint8((of_y[lane] - p[lane] < limit_x) | (of_x - p[lane] < limit[lane]))
            if hit == 0:
                continue
            for lane in range(LANES):
                j = s * LANES + lane
                if of_y[lane] - p[lane] < limit_x:
                    insert(value_x, point_x, i, of_y[lane] - p[lane], start_y + j)
                    limit_x = value_x[i, last]
                if of_x - p[lane] < limit[lane]:
                    insert(value_y, point_y, j, of_x - p[lane], start_x + i)
                    limit[lane] = value_y[j, last]


@numba.njit(cache=True, nogil=True, fastmath=SUMS)
def box_gaps(lo, hi, i, other_lo, other_hi, limits, squares):
    """Squared distances from box i to others; False, half done, once all are above their limits.

    lo, hi: (D, boxes), one axis after another, so that many boxes go in one step.
    """
    D, others = other_lo.shape
    squares[:] = 0.0
    for start in range(0, D, STEP):
        for d in range(start, start + STEP):
            low, high = lo[d, i], hi[d, i]
            for j in range(others):
                gap = max(max(other_lo[d, j] - high, low - other_hi[d, j]), 0.0)
                squares[j] += gap * gap
        hit = np.uint8(0)
        for j in range(others):
            hit |= np.uint8(squares[j] < limits[j])
        if hit == 0:
            return False
    return True


@numba.njit(cache=True, nogil=True, fastmath=SUMS)
def point_gaps(x, i, cells, cell, limit, squares):
    """The same from point i to the points of a cell, all of one limit.

    x: (D, points); cells: (cells, D, points).
    """
    _, D, others = cells.shape
    squares[:] = 0.0
    for start in range(0, D, STEP):
        for d in range(start, start + STEP):
            here = x[d, i]
            for j in range(others):
                gap = cells[cell, d, j] - here
                squares[j] += gap * gap
        hit = np.uint8(0)
        for j in range(others):
            hit |= np.uint8(squares[j] < limit)
        if hit == 0:
            return False
    return True


@numba.njit(cache=True, nogil=True)
def scan(x, lo, hi, starts, at, rows, first, last, value, point, work):
    """The c nearest of all queries that stand in cells first to last, by squared distance.

    x: (cells, D, points of a cell); lo, hi: (D, cells), the cells' boxes. The queries of cell i
    are starts[i] to starts[i + 1]: at says where each stands, rows where its answers go.
    work: counts queries, boxes compared with theirs and with each, cells looked through.
    """
    cells, D, size = x.shape
    farthest = value.shape[1] - 1
    bound, anywhere, squares = np.empty(cells), np.full(cells, np.inf), np.empty(size)
    box_lo, box_hi = np.empty((D, 1)), np.empty((D, 1))
    for home in range(first, last):
        begin, asked = starts[home], starts[home + 1] - starts[home]
        if asked == 0:
            continue
        here, limits, gaps = np.empty((D, asked)), np.full(asked, np.inf), np.empty(asked)
        for d in range(D):
            box_lo[d, 0], box_hi[d, 0] = np.inf, -np.inf
            for q in range(asked):
                here[d, q] = x[home, d, at[begin + q] - home * size]
                box_lo[d, 0] = min(box_lo[d, 0], here[d, q])
                box_hi[d, 0] = max(box_hi[d, 0], here[d, q])
        box_gaps(box_lo, box_hi, 0, lo, hi, anywhere, bound)
        bound[home] = -1.0
        work[0] += asked
        work[1] += cells
        inner, outer = -np.inf, -1.0  # their own cell first, those that touch it, ring by ring
        for ring in range(2 + len(RINGS)):
            for other in range(cells):
                if not inner < bound[other] <= outer:
                    continue
                work[2] += asked
                if not box_gaps(lo, hi, other, here, here, limits, gaps):
                    continue
                for q in range(asked):
                    if gaps[q] >= limits[q]:
                        continue
                    work[3] += 1
                    if not point_gaps(here, q, x, other, limits[q], squares):
                        continue
                    row = rows[begin + q]
                    for j in range(size):
                        if squares[j] < limits[q]:
                            insert(value, point, row, squares[j], other * size + j)
                            limits[q] = value[row, farthest]
            inner, outer = max(inner, outer), 0.0  # no ring goes over a cell again
            if ring > 0:
                for q in range(asked):
                    outer = max(outer, limits[q])
                outer *= RINGS[min(ring, len(RINGS)) - 1]


@numba.njit(cache=True, nogil=True, fastmath=SUMS)
def square_distance(data, i, j, scale):
    square = 0.0
    for d in range(data.shape[1]):
        gap = np.float64(data[i, d]) * scale - np.float64(data[j, d]) * scale
        square += gap * gap
    return square


@numba.njit(cache=True, nogil=True)
def k_nearest(data, scale, at, points, places, r, index):
    """r[places] and index[places]: the k nearest of each query's candidates, itself left out.

    points: the query in column 0 and its candidates after it; at: the rows of data they stand in.
    """
    k = r.shape[1]
    for i in range(at.shape[0]):
        place = places[i]
        for j in range(k):
            r[place, j] = np.inf
        for j in range(1, at.shape[1]):
            if points[i, j] != points[i, 0]:
                square = square_distance(data, at[i, 0], at[i, j], scale)
                if square < r[place, k - 1]:
                    insert(r, index, place, square, points[i, j])
        for j in range(k):
            r[place, j] = np.sqrt(r[place, j])
