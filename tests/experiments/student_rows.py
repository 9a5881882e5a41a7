"""Rows as cells of students give them, of families with known exponents and dimensions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import numpy as np

from scalinglaws.result import Row

METHODS = ("twonn", "knn2", "knn3", "knn4", "mle20")


def inputs(k: int, d: float, **about) -> Row:
    """The row of the raw inputs."""
    return {"kind": "inputs", **_source(k, **about), **_dimensions(d)}


def family(
    k: int,
    alpha: float,
    d: float,
    widths: Sequence[int],
    *,
    A: float = 1.0,
    trials: int = 3,
    noise: float = 0.02,
    d_growth: float = 0.0,
    hidden: int = 2,
    seed: int = 1,
    loss: str = "mse",
    steps: int = 1000,
    **about,
) -> Iterator[Row]:
    """Students with L = A N^-alpha times e^noise; d grows by that share over the widths."""
    rng = np.random.default_rng(seed)
    for i, n in enumerate(widths):
        N = (hidden - 1) * n * (n + 1) + 21 * n + n + 1
        grown = d * (1 + d_growth * i / max(len(widths) - 1, 1))
        for trial in range(trials):
            yield {
                "kind": "student",
                **_source(k, **about),
                "loss": loss,
                "hidden": hidden,
                "activation": about.get("activation", "relu"),
                "taught": about.get("taught", "exact"),
                "noise": about.get("sigma", 0.0),
                "steps": steps,
                "polish": about.get("polish", "none"),
                "zero_skill": 0.1,
                "n": n,
                "trial": trial,
                "N_all": N,
                "N_used": N - (20 - k) * n,
                "L": A * N**-alpha * math.exp(noise * rng.standard_normal()),
                **{f"dead_{layer}": 0.1 for layer in range(1, hidden + 1)},
                **_dimensions(grown),
            }


def rows_of(*groups: Iterable[Row]) -> list[Row]:
    """Of students of k = 4, with their inputs."""
    return [inputs(4, 3.9), *chain(*groups)]


def _source(k: int, *, teacher: int = 0, kind: str = "relu", points: int = 0, **about) -> Row:
    return {
        "teacher": about.get("name", f"T_{{{k}}}"),
        "teacher_kind": kind,
        "teacher_seed": teacher,
        "k": k,
        "output_scale": about.get("scale", 6.0),
        "init": about.get("init", "authors"),
        "schedule": about.get("schedule", "annealed"),
        "activations": about.get("activations", "pre-relu"),
        "points": points,
    }


def _dimensions(d: float) -> Row:
    return {f"d_{m}": d for m in METHODS} | {f"d_{m}_stderr": 0.01 * d for m in METHODS}
