"""What a second stage of training buys: loss by width and CPU seconds, for each method.

Students [20, n, n, 1] of ReLU teachers of k = 2, 3 and 4 features (outputs x6), MSE, all trained by
the annealed schedule first; then each method goes on from there. "longer" is a control: a first
stage that sees as many points as first stage and decay together.

    python benchmarks/polish.py
"""

from __future__ import annotations

import argparse
import math
import time

import torch

from scalinglaws.data.teachers import Teacher, cube, random_teacher, stream
from scalinglaws.learn.ensemble import Ensemble
from scalinglaws.learn.losses import Loss, evaluate
from scalinglaws.learn.networks import Init, Layers, Shape, forward, initialise, named_generator, to
from scalinglaws.learn.polish import Method, polish
from scalinglaws.learn.polish.decay import falling
from scalinglaws.learn.schedule import Schedule, stages
from scalinglaws.learn.train import Lesson, train

WIDTHS, TRIALS = (6, 10, 16, 26), 3
BATCH = 200  # of the annealed schedule
SHAPES = [Shape(20, (n, n), 1) for n in WIDTHS for _ in range(TRIALS)]
STEPS = {Method.DECAY: 4600, Method.REVIVAL: 4600, Method.LBFGS: 400, Method.LM: 30}


def first_stage(teacher: Teacher, k: int, steps: int) -> Ensemble:
    starts = [initialise(s, Init.AUTHORS, named_generator(1, k, i)) for i, s in enumerate(SHAPES)]
    students = Ensemble(SHAPES, starts, k, "cpu")
    points = stream(teacher, k, named_generator(2, k))
    train([Lesson(students, Loss.MSE, stages(Schedule.ANNEALED, steps))], points)
    return students


def copy(students: Ensemble) -> Ensemble:
    return Ensemble(students.shapes, students.students(), students.k, "cpu")


def losses(students: list[Layers], teacher: Teacher, k: int) -> torch.Tensor:
    """Held-out loss in float64: (widths, trials)."""
    X = cube(50_000, k, named_generator(3, k)).double()
    y = teacher(X)
    found = [
        evaluate(Loss.MSE, forward(to(s, torch.float64), X)[-1], y).mean().item() for s in students
    ]
    return torch.tensor(found, dtype=torch.float64).view(len(WIDTHS), TRIALS)


def report(name: str, L: torch.Tensor, k: int, before: torch.Tensor, cpu_s: float) -> None:
    """Log-means, best of trials at the largest width, the slope, and decades per width gained."""
    mean = L.log().mean(1)
    gained = (before.log().mean(1) - mean) / math.log(10)
    log_N = torch.tensor([Shape(20, (n, n), 1).n_parameters(k) for n in WIDTHS]).double().log()
    centred = log_N - log_N.mean()
    alpha = -(centred * mean).sum().item() / centred.square().sum().item()
    cells = " ".join(f"{x:9.2e}" for x in mean.exp())
    tens = " ".join(f"{x:5.2f}" for x in gained)
    best = L.amin(1)[-1].item()
    print(
        f"k={k} {name:9} {cells}  best {best:8.2e}  alpha {alpha:5.2f}  decades {tens}  "
        f"{cpu_s:6.1f} s",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=12_000, help="of the first stage")
    parser.add_argument("--share", type=float, default=1.0, help="of the second stage's steps")
    parser.add_argument("--ks", type=int, nargs="+", default=[2, 3, 4])
    args = parser.parse_args()
    torch.set_num_threads(1)
    print(f"L at widths {WIDTHS}, log-mean of {TRIALS}; first stage of {args.steps} steps")
    for k in args.ks:
        teacher = random_teacher(Shape(20, (600, 600), 1), 6.0, seed=0)
        start = time.process_time()
        students = first_stage(teacher, k, args.steps)
        before = losses(students.students(), teacher, k)
        report("none", before, k, before, time.process_time() - start)
        for method in Method:
            steps = int(STEPS[method] * args.share)
            start = time.process_time()
            points = stream(teacher, k, named_generator(4, k))
            done = polish(copy(students), points, Loss.MSE, method, steps=steps)
            cpu_s = time.process_time() - start
            report(method, losses(done, teacher, k), k, before, cpu_s)
        start = time.process_time()
        second = sum(s.steps * s.batch for s in falling(int(STEPS[Method.DECAY] * args.share)))
        longer = first_stage(teacher, k, args.steps + second // BATCH).students()
        report("longer", losses(longer, teacher, k), k, before, time.process_time() - start)


if __name__ == "__main__":
    main()
