"""What each budget of `product-manifold` costs, and its cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from scalinglaws.experiments.experiment import require
from scalinglaws.experiments.students.config import Students, cell
from scalinglaws.experiments.students.settings import Training
from scalinglaws.experiments.students.target import Target
from scalinglaws.experiments.students.widths import HELD, geometric
from scalinglaws.result import Budget
from scalinglaws.sweep.cell import Cell

N_IN = 9  # of teachers and students, in the authors' code
NETWORKS = (3, 3, 3, 6)  # features of the teachers of a set, no two alike
AUTHORS = geometric(12, 7)  # their widths, of every target

Loss = Literal["kl", "mse"]


@dataclass(frozen=True)
class Settings(Training):
    """Sizes of a run.

    products: sums of T_3 and T_6; the networks of one are all different.
    every_part: whether each network of a product is learnt alone, or one of each kind.
    trials: of students that minimise KL, as in the paper; mse_trials: MSE, as in the authors'
        code; 0 for none.
    width_count: widths from 3k on, k the features of all parts, so that a student that keeps the
        parts apart has as many units for each of them; 0 for the authors' own.
    half: whether students of half the training show how far alpha still moves.
    teachers: sets of networks, with seeds seed, seed + 1, ...
    """

    products: tuple[Literal["3+3", "3+6", "3+3+3"], ...]
    trials: int
    mse_trials: int
    d_trials: int
    width_count: int
    steps: int
    every_part: bool = False
    teachers: int = 1
    half: bool = True
    teacher_width: int = 600


BUDGETS = {
    Budget.SMOKE: Settings(("3+3",), 2, 0, 1, 4, 500, teacher_width=100),
    Budget.QUICK: Settings(("3+3", "3+6"), 4, 0, 1, 6, 14_000),
    Budget.FULL: Settings(("3+3", "3+6", "3+3+3"), 5, 3, 1, 6, 80_000, every_part=True),
    Budget.PAPER: Settings(
        ("3+3", "3+6", "3+3+3"), 15, 15, 15, 0, 240_000, every_part=True, schedule="table1"
    ),
}


def check(settings: Settings) -> None:
    """Refuse settings that no family could meet, before any work. Raises BadInput."""
    s = settings
    rules = {
        "products, each once": 0 < len(s.products) == len(set(s.products)),
        "steps >= 24, and twice as many with half": s.steps >= (48 if s.half else 24),
        "trials or mse_trials >= 1, neither negative": max(s.trials, s.mse_trials) >= 1
        and min(s.trials, s.mse_trials) >= 0,
        "d_trials and teachers >= 1": min(s.d_trials, s.teachers) >= 1,
        "3 <= width_count <= 20, or 0: fewer widths show no exponent": s.width_count == 0
        or 3 <= s.width_count <= 20,
        "teacher_width >= 2": s.teacher_width >= 2,
        **s.rules(),
    }
    require("product-manifold", rules)


@dataclass(frozen=True)
class Product:
    """A sum, and its summands: each learnt alone, or one of as many features in its place."""

    target: Target
    parts: tuple[Target, ...]


def products(s: Settings) -> list[Product]:
    """Of every set of networks."""
    return [
        _product(s, name, len(NETWORKS) * which)
        for which in range(s.seed, s.seed + s.teachers)
        for name in s.products
    ]


def _product(s: Settings, name: str, first_seed: int) -> Product:
    """Features in turn from the set's networks of as many features, each used once."""
    features = tuple(map(int, name.split("+")))
    unused = list(enumerate(NETWORKS, start=first_seed))
    seeds: list[int] = []
    for k in features:
        at = next(at for at, (_, of) in enumerate(unused) if of == k)
        seeds.append(unused.pop(at)[0])
    alone = seeds if s.every_part else [seeds[features.index(k)] for k in features]
    return Product(
        target=_target(s, features, tuple(seeds)),
        parts=tuple(_target(s, (k,), (seed,)) for k, seed in zip(features, alone, strict=True)),
    )


def _target(s: Settings, features: tuple[int, ...], seeds: tuple[int, ...]) -> Target:
    return Target(features, seeds, n_in=N_IN, width=s.teacher_width, scale=s.output_scale)


def cells(settings: Settings) -> Sequence[Cell]:
    """One cell per sum and per part. Raises BadInput."""
    check(settings)
    s = settings
    targets = dict.fromkeys(t for p in products(s) for t in (p.target, *p.parts))
    return [cell(s.config(target, _families(s, target))) for target in targets]


def _families(s: Settings, target: Target) -> Iterator[Students]:
    each: tuple[tuple[Loss, int], ...] = (("kl", s.trials), ("mse", s.mse_trials))
    for loss, trials in each:
        for steps in (s.steps, s.steps // 2) if s.half else (s.steps,):
            d_trials = s.d_trials if steps == s.steps else 0
            if trials:
                yield Students(loss, widths(s, target.features), trials, d_trials, steps)


def widths(s: Settings, features: tuple[int, ...]) -> tuple[int, ...]:
    """Of the students of one target."""
    return geometric(HELD * sum(features), s.width_count) if s.width_count else AUTHORS
