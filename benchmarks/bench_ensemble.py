"""Student-steps per second: a loop over single PyTorch models, our ensemble, and bare products.

8 widths (4..45) x 10 trials, MSE, k = 4, batch 200, one thread. The loop trains one student of
width 16 (the ladder's middle) on stored batches and pays no teacher; ours trains all 80 online
and pays its own teacher [20, 600, 600, 1]. Medians of rounds that take turns, so that a busy
machine slows all alike.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch

from scalinglaws.data.teachers import random_teacher, stream
from scalinglaws.learn.ensemble import Ensemble
from scalinglaws.learn.losses import Loss
from scalinglaws.learn.networks import Init, Shape, initialise, named_generator, widths_by_ratio
from scalinglaws.learn.schedule import Stage
from scalinglaws.learn.train import Lesson, train

K, BATCH, TRIALS, ROUNDS, STEPS = 4, 200, 10, 7, 200
WIDTHS = widths_by_ratio(4, 2**0.5, 8)


def loop() -> Callable[[], float]:
    """Steps of one nn.Sequential under Adam, as anyone would write them."""
    n = WIDTHS[len(WIDTHS) // 2]
    layers = [torch.nn.Linear(20, n), torch.nn.ReLU(), torch.nn.Linear(n, n), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers, torch.nn.Linear(n, 1))
    adam = torch.optim.Adam(model.parameters(), lr=1e-2)
    X, y = torch.rand(BATCH, 20) - 0.5, torch.rand(BATCH, 1)

    def run() -> float:
        start = time.perf_counter()
        for _ in range(STEPS):
            adam.zero_grad()
            torch.nn.functional.mse_loss(model(X), y).backward()
            adam.step()
        return STEPS / (time.perf_counter() - start)

    return run


def ensemble() -> tuple[Callable[[], float], float]:
    """Steps of all students with their teacher, and the FLOP of one (students, teacher)."""
    shapes = [Shape(20, (n, n), 1) for n in WIDTHS for _ in range(TRIALS)]
    starts = [initialise(s, Init.AUTHORS, named_generator(1, i)) for i, s in enumerate(shapes)]
    students = Ensemble(shapes, starts, K, "cpu")
    teacher = random_teacher(Shape(20, (600, 600), 1), 6.0, seed=0)
    sampler = stream(teacher, K, named_generator(2))

    def run() -> float:
        start = time.perf_counter()
        train([Lesson(students, Loss.MSE, [Stage(STEPS, BATCH, 1e-2)])], sampler)
        return STEPS * len(shapes) / (time.perf_counter() - start)

    # 6 FLOP per weight and point for forward and backward, 2 for the teacher's forward.
    student_flop = 6 * BATCH * sum(s.n_parameters(K) for s in shapes)
    teacher_flop = 2 * BATCH * Shape(20, (600, 600), 1).n_parameters(K)
    return run, (student_flop + teacher_flop) / len(shapes)


def product() -> Callable[[], float]:
    """GFLOP/s of a bare 2048^3 float32 product."""
    A, B = torch.randn(2048, 2048), torch.randn(2048, 2048)
    out = torch.empty_like(A)

    def run() -> float:
        start = time.perf_counter()
        torch.mm(A, B, out=out)
        return 2 * 2048**3 / (time.perf_counter() - start) / 1e9

    return run


def main() -> None:
    torch.set_num_threads(1)
    run_ours, flop = ensemble()
    runs = {"loop": loop(), "ours": run_ours, "product": product()}
    for run in runs.values():
        run()
    rounds = [{name: run() for name, run in runs.items()} for _ in range(ROUNDS)]
    loops, ours, gflops = ([r[name] for r in rounds] for name in runs)
    ratios = [b / a for a, b in zip(loops, ours, strict=True)]
    share = [b * flop / 1e9 / g for b, g in zip(ours, gflops, strict=True)]
    median = statistics.median
    print(f"one-model loop            {median(loops):10.0f} student-steps/s")
    print(f"ensemble with its teacher {median(ours):10.0f} student-steps/s")
    print(
        f"ratio                     {median(ratios):10.1f} ({min(ratios):.1f} to {max(ratios):.1f})"
    )
    print(f"2048^3 float32 product    {median(gflops):10.0f} GFLOP/s")
    print(f"ensemble's share of it    {median(share):10.0%} (teacher included)")


if __name__ == "__main__":
    main()
