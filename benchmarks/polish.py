"""What a second stage of training buys: loss by width and CPU seconds, for each method.

Students [20, n, n, 1], n >= 3k, of ReLU teachers of k = 2, 3 and 4 features (outputs x6), MSE. All
are trained by the annealed schedule first; then each method goes on from there. "longer" is a
control: a first stage that sees as many points as first stage and decay together. Below each line
stands the best of the trials instead of their mean: what restarts buy.

A row: L at every width, the decades that it spans from the narrowest to the widest, its alpha over
the three narrower and over the three wider, with what the scatter of trials leaves of it unknown (a
law that goes on has no smaller alpha there), the decades by which the second stage lowered the loss
at the narrowest and at the widest, and CPU seconds of that stage ("none", "longer": of all).

    python benchmarks/polish.py
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from scalinglaws.data.teachers import Teacher, cube, random_teacher, stream
from scalinglaws.experiments.students.widths import HELD
from scalinglaws.learn.ensemble import Ensemble
from scalinglaws.learn.losses import Loss, evaluate
from scalinglaws.learn.networks import Init, Layers, Shape, forward, initialise, named_generator, to
from scalinglaws.learn.polish import LENGTHS, Method, points_drawn, polish
from scalinglaws.learn.schedule import Schedule, stages
from scalinglaws.learn.train import Lesson, Sampler, train

TRIALS, WIDTHS = 4, 6
WIDEST = 34  # wider ones cost Levenberg-Marquardt minutes each
BATCH = 200  # of the annealed schedule


@dataclass(frozen=True)
class Family:
    """Students of one teacher of k features."""

    k: int

    @cached_property
    def teacher(self) -> Teacher:
        return random_teacher(Shape(20, (600, 600), 1), 6.0, seed=0)

    @cached_property
    def widths(self) -> list[int]:
        return [round(n) for n in np.geomspace(HELD * self.k, WIDEST, WIDTHS)]

    @cached_property
    def shapes(self) -> list[Shape]:
        return [Shape(20, (n, n), 1) for n in self.widths for _ in range(TRIALS)]

    @cached_property
    def log_N(self) -> Tensor:
        N = [Shape(20, (n, n), 1).n_parameters(self.k) for n in self.widths]
        return torch.tensor(N).double().log()

    def points(self, *name: int) -> Sampler:
        return stream(self.teacher, self.k, named_generator(*name, self.k))

    def first_stage(self, steps: int) -> Ensemble:
        starts = [
            initialise(s, Init.AUTHORS, named_generator(1, self.k, i))
            for i, s in enumerate(self.shapes)
        ]
        students = Ensemble(self.shapes, starts, self.k, "cpu")
        train([Lesson(students, Loss.MSE, stages(Schedule.ANNEALED, steps))], self.points(2))
        return students

    def log_losses(self, students: list[Layers]) -> Tensor:
        """Logarithms of held-out losses in float64: (widths, trials)."""
        X = cube(50_000, self.k, named_generator(3, self.k)).double()
        y = self.teacher(X)
        L = [evaluate(Loss.MSE, forward(to(s, torch.float64), X)[-1], y).mean() for s in students]
        return torch.stack(L).log().view(-1, TRIALS)


def copy(students: Ensemble) -> Ensemble:
    return Ensemble(students.shapes, students.students(), students.k, "cpu")


def alpha(log_N: Tensor, log_L: Tensor) -> tuple[float, float]:
    """The slope through all trials, and its standard error."""
    x, y = log_N - log_N.mean(), log_L.mean(1)
    weights = -x / x.square().sum()
    scatter = log_L.var(1) / log_L.shape[1]
    return (weights @ y).item(), (weights.square() @ scatter).sqrt().item()


def report(name: str, family: Family, log_L: Tensor, before: Tensor, cpu_s: float) -> None:
    """The row of a method, by the mean of trials and by their best."""
    halves = slice(WIDTHS // 2), slice(WIDTHS // 2, None)
    alphas = [alpha(family.log_N[half], log_L[half]) for half in halves]
    mean = " ".join(f"{value:5.2f}+-{error:4.2f}" for value, error in alphas)
    print(_row(name, family, log_L.mean(1), before.mean(1)), f"alpha {mean}  {cpu_s:6.0f} s")
    print(_row("  best", family, log_L.amin(1), before.amin(1)), flush=True)


def _row(name: str, family: Family, log_L: Tensor, before: Tensor) -> str:
    gained = (before - log_L) / math.log(10)
    spans = (log_L[0] - log_L[-1]).item() / math.log(10)
    return (
        f"k={family.k} {name:9} {' '.join(f'{x:8.1e}' for x in log_L.exp())}  spans {spans:4.2f}  "
        f"lower by {gained[0]:5.2f} {gained[-1]:5.2f}  "
    )


def measure(family: Family, steps: int, share: float) -> None:
    def timed(name: str, train: Callable[[], list[Layers]]) -> None:
        start = time.process_time()
        students = train()
        cpu_s = time.process_time() - start
        report(name, family, family.log_losses(students), before, cpu_s)

    print(f"k={family.k}: widths {family.widths}, {TRIALS} trials, first stage of {steps} steps")
    start = time.process_time()
    students = family.first_stage(steps)
    cpu_s = time.process_time() - start
    before = family.log_losses(students.students())
    report("none", family, before, before, cpu_s)
    for method in Method:
        own = int(LENGTHS[method] * share)
        timed(
            method,
            lambda method=method, own=own: polish(
                copy(students), family.points(4), Loss.MSE, method, steps=own
            ),
        )
    second = points_drawn(Method.DECAY, int(LENGTHS[Method.DECAY] * share))
    timed("longer", lambda: family.first_stage(steps + second // BATCH).students())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=12_000, help="of the first stage")
    parser.add_argument("--share", type=float, default=1.0, help="of the second stage's steps")
    parser.add_argument("--ks", type=int, nargs="+", default=[2, 3, 4])
    args = parser.parse_args()
    torch.set_num_threads(1)
    for k in args.ks:
        measure(Family(k), args.steps, args.share)


if __name__ == "__main__":
    main()
