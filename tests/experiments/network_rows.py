"""Rows of worlds with a known answer, as cells of network_dimension would give them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.random import Generator, default_rng

from scalinglaws.experiments.network_dimension.measures import METHODS, NEIGHBOURS
from scalinglaws.result import Row

STUDENTS = {"[20, 25, 25, 2]": 10, "[15, 28, 28, 2]": 15}
CNN = "fashion-mnist"
LANGUAGE = "final layer"
NETWORKS = 5
NOISE = 0.01  # of every d, relative

DOf = Callable[[float], float]  # of n or of k, relative to a network's own d


def rows(
    *,
    of_n: DOf = lambda n: 1.0,
    of_k: DOf = lambda k: 1.0,
    bend: float = 0.0,
    names: tuple[str, ...] = (*STUDENTS, CNN, LANGUAGE),
) -> list[Row]:
    """Networks of d = 10 +- 1, whose d depends on n and on k as given."""
    rng = default_rng(0)
    made: list[Row] = []
    for name in names:
        for trial in range(1 if name == LANGUAGE else NETWORKS):
            d = 10 + rng.standard_normal()
            own = [_network(name), *_measures(d, of_n, of_k, bend, rng)]
            own += _drawn(d, rng) if trial == 0 else []
            made += [{**row, **_common(name), **_trial(name, trial)} for row in own]
        if name in STUDENTS:
            own = list(_measures(9.0, of_n, of_k, bend, rng))
            made += [{**row, **_common(name), "network": f"inputs of {name}"} for row in own]
    return made


def _common(name: str) -> Row:
    if name in STUDENTS:
        return {"network": name, "features": STUDENTS[name]}
    if name == LANGUAGE:
        return {"network": name, "sequences": 12000, "length": 64}
    return {"network": name, "epochs": 4}


def _trial(name: str, trial: int) -> Row:
    """There is one language model."""
    return {} if name == LANGUAGE else {"trial": trial}


def _network(name: str) -> Row:
    row: Row = {"kind": "network", "N": 1000, "L": 0.01}
    return {**row, "zero_skill": 0.1} if name in STUDENTS else {**row, "accuracy": 0.9}


def _measures(d: float, of_n: DOf, of_k: DOf, bend: float, rng: Generator) -> Iterator[Row]:
    def measured(value: float) -> float:
        return value * (1 + NOISE * rng.standard_normal())

    for n in (750, 1500, 3000, 6000, 12000):
        row: Row = {"kind": "points", "n": n}
        for method in METHODS:
            row[f"d_{method}"] = measured(d * of_n(n))
            row[f"d_{method}_stderr"] = NOISE * d
        yield row
    for k in NEIGHBOURS:
        for method in ("knn", "mle") if k >= 4 else ("knn",):
            own: Row = {"method": method, "k": k, "d": measured(d * of_k(k)), "d_stderr": NOISE * d}
            yield {"kind": "neighbours", "n": 12000, **own}
    for k in (2, 3, 4):
        bent: Row = {"bend": bend + NOISE * rng.standard_normal(), "bend_stderr": NOISE}
        yield {"kind": "relation", "n": 12000, "k": k, "d": d, "d_stderr": NOISE * d, **bent}
    for k in (20, 100):
        mean: Row = {"d": measured(d * of_k(k)), "d_stderr": NOISE * d, "sd": d / (k - 3) ** 0.5}
        yield {"kind": "local", "n": 12000, "k": k, **mean}


def _drawn(d: float, rng: Generator) -> Iterator[Row]:
    """What figures show of the first network: all of constant d."""
    for k in (2, 3, 4):
        for y in np.linspace(0.1, 8, 20):
            at: Row = {"x": float(y / d), "y": float(y), "used": bool(y < 2.3)}
            yield {"kind": "relation-point", "k": k, **at}
    for k in (20, 100):
        counts, edges = np.histogram(d * (k - 2) / rng.gamma(k - 1, size=4000), 20)
        for lo, hi, count in zip(edges[:-1], edges[1:], counts, strict=True):
            bar: Row = {"lo": float(lo), "hi": float(hi), "count": int(count)}
            yield {"kind": "bin", "k": k, **bar}
