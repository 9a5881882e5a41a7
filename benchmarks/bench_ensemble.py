"""Student-steps per CPU second: a loop over single PyTorch models, our ensemble, and its parts.

Two settings, at k = 4 and on one thread:

- MSE, 8 widths (4..45) x 10 trials; the loop trains a student of width 16, the ladder's middle.
- KL, the widths 106 and 138 that the paper's ladder floor(22 1.3^i) has above 100, x 10 trials;
  the loop trains a student of width 106.

Both train at batch 200, the first stage of the paper's schedule; its batches of 1000 and 4000 are
fed in pieces of 500 and share an Adam step, and its whole stands beside. Both train online, and pay
their teacher [20, 600, 600, n_out] for every batch; what each does without it stands beside.
Seconds are those of the thread, so that other work on the machine takes nothing away, though it
fills caches: the parts take turns, and medians and ratios are of rounds.

    python benchmarks/bench_ensemble.py
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from scalinglaws.data.teachers import random_teacher, stream
from scalinglaws.learn.ensemble import Ensemble
from scalinglaws.learn.losses import Loss, evaluate
from scalinglaws.learn.networks import Init, Shape, initialise, named_generator, widths_by_ratio
from scalinglaws.learn.schedule import Schedule, Stage, stages
from scalinglaws.learn.train import Lesson, Sampler, train

K, BATCH, TRIALS, ROUNDS, STEPS = 4, 200, 10, 15, 50
PRODUCT = 2048
FIRST = (Stage(STEPS, BATCH, 1e-2),)
WHOLE = stages(Schedule.TABLE1, 48)  # in the proportions of 240 000 steps

Run = Callable[[], object]


@dataclass(frozen=True)
class Setting:
    loss: Loss
    widths: Sequence[int]
    alone: int  # the width of the loop's student

    @property
    def teacher(self) -> Shape:
        return Shape(20, (600, 600), self.loss.n_out)

    @property
    def students(self) -> list[Shape]:
        n_out = self.loss.n_out
        return [Shape(20, (n, n), n_out) for n in self.widths for _ in range(TRIALS)]

    @property
    def student_flop(self) -> float:
        """Of a step of all students: 6 per weight and point, forward and backward."""
        return 6 * BATCH * sum(s.n_parameters(K) for s in self.students)

    @property
    def layers_flop(self) -> float:
        """The same of all weights and biases but the first layer's."""
        return 6 * BATCH * sum((n + 1) * (n + s.n_out) for s in self.students for n in s.hidden[:1])

    @property
    def teacher_flop(self) -> float:
        """Of the answers to a batch."""
        return 2 * BATCH * self.teacher.n_parameters(K)


SETTINGS = {
    "MSE, widths 4 to 45": Setting(Loss.MSE, widths_by_ratio(4, 2**0.5, 8), 16),
    "KL, widths 106 and 138": Setting(Loss.KL, widths_by_ratio(22, 1.3, 8)[-2:], 106),
}


def stored(n_out: int) -> Sampler:
    """Batches that cost nothing."""
    X, y = torch.rand(10 * BATCH, K) - 0.5, torch.randn(10 * BATCH, n_out)
    return lambda n: (X[:n], y[:n])


def loop(setting: Setting, with_teacher: bool) -> Run:
    """Steps of one nn.Sequential under Adam, as anyone would write them."""

    def network(n: int) -> torch.nn.Sequential:
        layers = [torch.nn.Linear(20, n), torch.nn.ReLU(), torch.nn.Linear(n, n), torch.nn.ReLU()]
        return torch.nn.Sequential(*layers, torch.nn.Linear(n, setting.loss.n_out))

    model, teacher = network(setting.alone), network(600)
    adam = torch.optim.Adam(model.parameters(), lr=1e-2)
    X, y = torch.rand(BATCH, 20) - 0.5, torch.rand(BATCH, setting.loss.n_out)

    def run() -> None:
        nonlocal X, y
        for _ in range(STEPS):
            if with_teacher:
                X = torch.rand(BATCH, 20) - 0.5
                with torch.no_grad():
                    y = teacher(X)
            adam.zero_grad()
            evaluate(setting.loss, model(X), y).mean().backward()
            adam.step()

    return run


def ensemble(setting: Setting, with_teacher: bool, schedule: Sequence[Stage] = FIRST) -> Run:
    """Steps of all students."""
    shapes = setting.students
    starts = [initialise(s, Init.AUTHORS, named_generator(1, i)) for i, s in enumerate(shapes)]
    students = Ensemble(shapes, starts, K, "cpu")
    sampler = (
        stream(random_teacher(setting.teacher, 6.0, seed=0), K, named_generator(2))
        if with_teacher
        else stored(setting.loss.n_out)
    )
    return lambda: train([Lesson(students, setting.loss, schedule)], sampler)


def answers(setting: Setting) -> Run:
    """The teacher's answers to the points of so many steps."""
    sampler = stream(random_teacher(setting.teacher, 6.0, seed=0), K, named_generator(2))

    def run() -> None:
        for _ in range(STEPS // 10):
            sampler(10 * BATCH)

    return run


def layers(setting: Setting) -> Run:
    """Every layer's products but the first's, and nothing else: what the step could not beat."""
    shapes = setting.students
    starts = [initialise(s, Init.AUTHORS, named_generator(1, i)) for i, s in enumerate(shapes)]
    spaces = Ensemble(shapes, starts, K, "cpu").buffers(BATCH).workspaces
    products = [p for space in spaces for layer in space.products for p in layer]
    with torch.inference_mode():
        for p in products:  # new memory may hold numbers that are slow
            p.H.normal_()
            p.dZ.normal_()

    @torch.inference_mode()
    def run() -> None:
        for _ in range(STEPS):
            for p in products:
                torch.bmm(p.W, p.H, out=p.Z)
                torch.baddbmm(p.dW, p.dZ, p.H_T, beta=0, out=p.dW)
                torch.bmm(p.W_T, p.dZ, out=p.dH)

    return run


def adam(setting: Setting) -> Run:
    """Adam's steps on all parameters."""
    theta = torch.zeros(sum(s.n_parameters(K) for s in setting.students))
    theta.grad = torch.ones_like(theta)
    optimiser = torch.optim.Adam([theta], fused=True)

    def run() -> None:
        for _ in range(STEPS):
            optimiser.step()

    return run


def product() -> Run:
    """A bare 2048^3 float32 product."""
    A, B = torch.randn(PRODUCT, PRODUCT), torch.randn(PRODUCT, PRODUCT)
    out = torch.empty_like(A)
    return lambda: torch.mm(A, B, out=out)


def seconds(run: Run) -> float:
    start = time.thread_time()
    run()
    return time.thread_time() - start


def measure(setting: Setting) -> None:
    runs = {
        "loop": loop(setting, with_teacher=False),
        "loop and teacher": loop(setting, with_teacher=True),
        "ours": ensemble(setting, with_teacher=False),
        "ours and teacher": ensemble(setting, with_teacher=True),
        "schedule": ensemble(setting, with_teacher=True, schedule=WHOLE),
        "teacher": answers(setting),
        "layers": layers(setting),
        "adam": adam(setting),
        "product": product(),
    }
    for run in runs.values():
        run()
    rounds = [{name: seconds(run) for name, run in runs.items()} for _ in range(ROUNDS)]

    def median(of: Callable[[dict[str, float]], float]) -> float:
        return statistics.median(map(of, rounds))

    def ratio(of: Callable[[dict[str, float]], float], unit: str) -> str:
        found = sorted(map(of, rounds))
        return f"{median(of):8.3g}{unit}  ({found[0]:.3g} to {found[-1]:.3g})"

    count = len(setting.students)
    students, teacher = setting.student_flop, setting.teacher_flop
    bare = 2 * PRODUCT**3
    for name in ("loop", "loop and teacher"):
        print(f"  {name:18} {median(lambda r, n=name: STEPS / r[n]):8.0f} student-steps/s")
    for name in ("ours", "ours and teacher"):
        rate = median(lambda r, n=name: STEPS * count / r[n])
        step = median(lambda r, n=name: 1e3 * r[n] / STEPS)
        print(f"  {name:18} {rate:8.0f} student-steps/s, {step:.2f} ms a step of {count}")
    for name in ("teacher", "layers", "adam"):
        step = median(lambda r, n=name: 1e3 * r[n] / STEPS)
        print(f"  {name + ' alone':18} {step:8.2f} ms a step")
    print(f"  {'product':18} {median(lambda r: bare / r['product'] / 1e9):8.0f} GFLOP/s")

    def share(name: str, flop: float, points: int = STEPS * BATCH) -> str:
        rate = flop * points / BATCH
        return ratio(lambda r: 100 * rate / r[name] / (bare / r["product"]), " %")

    def speed_up(ours: str, theirs: str) -> str:
        return ratio(lambda r: count * r[theirs] / r[ours], "  ")

    print(
        f"  times the loop, both with teacher   {speed_up('ours and teacher', 'loop and teacher')}"
    )
    print(f"  times the loop, both without        {speed_up('ours', 'loop')}")
    print(f"  share of the product, with teacher  {share('ours and teacher', students + teacher)}")
    points = sum(stage.steps * stage.batch for stage in WHOLE)
    whole = share("schedule", students + teacher, points)
    print(f"  the same over the paper's schedule  {whole}")
    print(f"  share of the product, without       {share('ours', students)}")
    print(f"  share of the product, the teacher   {share('teacher', teacher)}")
    print(f"  share of the product, bare layers   {share('layers', setting.layers_flop)}")


def main() -> None:
    torch.set_num_threads(1)
    for name, setting in SETTINGS.items():
        print(f"{name}, {TRIALS} trials each")
        measure(setting)


if __name__ == "__main__":
    main()
