"""L(N) of a family as series of a figure: its points, and the law whose alpha is used."""

from __future__ import annotations

import numpy as np

from scalinglaws.experiments.students.families import Family
from scalinglaws.result import Series


def curve(f: Family, label: str, color: int) -> tuple[Series, Series]:
    """Log-mean loss of each size with its standard error, and the fit."""
    N = np.array([s.N_all for s in f.sizes], dtype=float)
    L, error = np.array([(s.L_log_mean, s.L_log_stderr) for s in f.sizes]).T
    dense = np.geomspace(N[0], N[-1], 60)
    points = Series(
        label=label,
        x=floats(N),
        y=floats(L),
        lo=floats(L * np.exp(-error)),
        hi=floats(L * np.exp(error)),
        color=color,
    )
    fit = Series("", floats(dense), floats(f.exponent.predict(dense)), "line", color=color)
    return points, fit


def floats(values: object) -> tuple[float, ...]:
    """As a series has them."""
    return tuple(float(v) for v in np.asarray(values, dtype=float))
