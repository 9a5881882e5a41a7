"""The loops of `batch_last` that numba compiles: 3 x 3 correlation and 2 x 2 pooling.

An array is (channels, rows, columns x batch): in a row the images' values of one column lie side
by side, so that a shift by one column is a shift by the batch, and every loop runs along a whole
row. Machine code is kept on disk between runs; the loops leave Python's lock to other threads.
"""
# pyright: reportMissingParameterType=false

from __future__ import annotations

import numba
import numpy as np

# Sums may be reordered, which lets them use vector units. NaN and infinity keep their meaning.
SUMS = {"reassoc", "contract"}


@numba.njit(cache=True, nogil=True)
def _shifted(row, long):
    """The row from columns 0, 1 and 2 on; as arrays of their own their loop can be vectorised."""
    batch = (len(row) - long) // 2
    return row[:long], row[batch : batch + long], row[2 * batch :]


@numba.njit(cache=True, nogil=True, fastmath=SUMS)
def correlate(x, weight, y):
    """y[o, i, j] += sum over c, u, v of weight[o, c, u, v] x[c, i + u, j + v]."""
    outputs, channels = weight.shape[:2]
    rows, long = y.shape[1:]
    for i in range(rows):
        for o in range(outputs):
            out = y[o, i]
            for c in range(channels):
                a0, a1, a2 = weight[o, c, 0]
                b0, b1, b2 = weight[o, c, 1]
                d0, d1, d2 = weight[o, c, 2]
                x0, x1, x2 = _shifted(x[c, i], long)
                y0, y1, y2 = _shifted(x[c, i + 1], long)
                z0, z1, z2 = _shifted(x[c, i + 2], long)
                for t in range(long):
                    out[t] += (
                        (a0 * x0[t] + a1 * x1[t] + a2 * x2[t])
                        + (b0 * y0[t] + b1 * y1[t] + b2 * y2[t])
                        + (d0 * z0[t] + d1 * z1[t] + d2 * z2[t])
                    )


@numba.njit(cache=True, nogil=True, fastmath=SUMS)
def weight_gradient(x, gradient, out):
    """out[o, c, u, v] += sum over i, j of gradient[o, i, j] x[c, i + u, j + v]."""
    outputs, channels = out.shape[:2]
    rows, long = gradient.shape[1:]
    for i in range(rows):
        for o in range(outputs):
            g = gradient[o, i]
            for c in range(channels):
                for u in range(3):
                    x0, x1, x2 = _shifted(x[c, i + u], long)
                    s0 = s1 = s2 = np.float32(0)
                    for t in range(long):
                        s0 += g[t] * x0[t]
                        s1 += g[t] * x1[t]
                        s2 += g[t] * x2[t]
                    out[o, c, u, 0] += s0
                    out[o, c, u, 1] += s1
                    out[o, c, u, 2] += s2


@numba.njit(cache=True, nogil=True)
def pool(x, y):
    """y: the largest of every 2 x 2 block of x, both (channels, rows, columns, batch)."""
    channels, rows, columns, batch = y.shape
    for c in range(channels):
        for i in range(rows):
            for j in range(columns):
                p, q = x[c, 2 * i, 2 * j], x[c, 2 * i, 2 * j + 1]
                r, s = x[c, 2 * i + 1, 2 * j], x[c, 2 * i + 1, 2 * j + 1]
                out = y[c, i, j]
                for t in range(batch):
                    upper = p[t] if p[t] > q[t] else q[t]
                    lower = r[t] if r[t] > s[t] else s[t]
                    out[t] = upper if upper > lower else lower


@numba.njit(cache=True, nogil=True)
def pool_gradient(x, y, left, out):
    """Each block's gradient goes to the first of its largest values. `left` is used up."""
    channels, rows, columns, _ = y.shape
    for c in range(channels):
        for i in range(rows):
            for j in range(columns):
                for u in range(2):
                    for v in range(2):
                        row, column = 2 * i + u, 2 * j + v
                        _give(x[c, row, column], y[c, i, j], left[c, i, j], out[c, row, column])


@numba.njit(cache=True, nogil=True)
def _give(x, y, left, out):
    """Few arrays in one loop: more would not be told apart, and the loop not be vectorised."""
    for t in range(len(x)):
        out[t] = left[t] if x[t] == y[t] else np.float32(0)
        left[t] -= out[t]
