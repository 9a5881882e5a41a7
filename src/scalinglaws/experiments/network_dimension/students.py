"""One cell: students of one shape, trained as in `teacher-student`, and d of what they learnt.

Sharma & Kaplan 2020 (arXiv 2004.10802), A.2, figures 16, 17, 19, 21.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from scalinglaws.experiments.network_dimension.measures import measure
from scalinglaws.result import Row
from scalinglaws.sweep.cell import scratch

if TYPE_CHECKING:
    from torch import Tensor

    from scalinglaws.data.teachers import Teacher
    from scalinglaws.learn.networks import Layers, Shape

TEACHER_WIDTH, HIDDEN_LAYERS, N_OUT = 600, 2, 2  # A.2.1
OUTPUT_SCALE = 6.0  # of the teacher: the authors' code, not in the paper
TEST_POINTS = 10_000  # as many as the authors used
INIT, DATA, TEST = 11, 12, 13  # names of the random streams


@dataclass(frozen=True)
class Students:
    """Everything that determines the numbers of a cell.

    Students [k, n, n, 2] of a teacher [k, 600, 600, 2] of k features, or [n_in, n, n, 2] with
    n_in - k inputs that are always zero, trained on the KL divergence.
    points: activation vectors per student, fresh for each. rungs: of the ladder points / 2^i.
    """

    n_in: int
    k: int
    n: int
    trials: int
    steps: int
    schedule: Literal["settled", "table1"]
    points: int
    rungs: int
    teacher_seed: int
    init_seed: int
    data_seed: int
    test_seed: int
    device: str

    @property
    def named(self) -> tuple[int, ...]:
        """Each teacher and shape of student has streams of its own."""
        return self.teacher_seed, self.n_in, self.k, self.n

    @property
    def shape(self) -> Shape:
        from scalinglaws.learn.networks import Shape

        return Shape(self.n_in, (self.n,) * HIDDEN_LAYERS, N_OUT)


def name_of(n_in: int, n: int) -> str:
    """What rows call such students, as the paper writes it."""
    return f"[{n_in}, {n}, {n}, {N_OUT}]"


def inputs_of(name: str) -> str:
    """What rows call the raw inputs of these students."""
    return f"inputs of {name}"


def run(config: Students) -> Sequence[Row]:
    """Train the students, then measure each one's last hidden layer, and the raw inputs once."""
    from scalinglaws.data.teachers import cube, random_teacher
    from scalinglaws.learn.losses import Loss, zero_skill
    from scalinglaws.learn.networks import Shape, named_generator

    c = config
    teacher = random_teacher(
        Shape(c.n_in, (TEACHER_WIDTH,) * HIDDEN_LAYERS, N_OUT), OUTPUT_SCALE, c.teacher_seed
    )
    test = named_generator(TEST, c.test_seed, *c.named)
    X = cube(TEST_POINTS, c.k, test).double()
    answers = teacher(X)
    constant = zero_skill(Loss.KL, answers)
    inputs = cube(c.points, c.k, test).double()

    name = name_of(c.n_in, c.n)
    of_inputs: Row = {"network": inputs_of(name), "features": c.k}
    rows = [{**row, **of_inputs} for row in measure(inputs.numpy(), c.rungs, drawn=False)]
    for trial, layers in enumerate(_trained(teacher, c)):
        common: Row = {"network": name, "features": c.k, "trial": trial}
        first: Row = {
            "kind": "network",
            "N": c.shape.n_parameters(),
            "L": _loss(layers, X, answers),
            "zero_skill": constant,
        }
        Z = _last_hidden(layers, cube(c.points, c.k, test).double())
        own = measure(Z.numpy(), c.rungs, drawn=trial == 0)
        rows += [{**row, **common} for row in (first, *own)]
    return rows


def _trained(teacher: Teacher, config: Students) -> list[Layers]:
    """All students after training against one stream from the teacher."""
    from scalinglaws.data.teachers import stream
    from scalinglaws.learn.checkpoint import Checkpoint
    from scalinglaws.learn.ensemble import Ensemble
    from scalinglaws.learn.losses import Loss
    from scalinglaws.learn.networks import Init, initialise, named_generator
    from scalinglaws.learn.schedule import Schedule, stages
    from scalinglaws.learn.train import Lesson, train

    c = config
    starts = [
        initialise(c.shape, Init.AUTHORS, named_generator(INIT, c.init_seed, *c.named, trial))
        for trial in range(c.trials)
    ]
    ensemble = Ensemble([c.shape] * c.trials, starts, c.k, c.device)
    points = named_generator(DATA, c.data_seed, *c.named)
    sampler = stream(teacher, c.k, points, c.device)
    lesson = Lesson(ensemble, Loss.KL, stages(Schedule(c.schedule), c.steps))
    train([lesson], sampler, Checkpoint.at(scratch(), points))
    return ensemble.students()


def _loss(layers: Layers, X: Tensor, answers: Tensor) -> float:
    """Held-out KL in float64."""
    import torch

    from scalinglaws.learn.losses import Loss, evaluate
    from scalinglaws.learn.networks import forward, to

    Y = forward(to(layers, torch.float64), X)[-1]
    return evaluate(Loss.KL, Y, answers).mean().item()


def _last_hidden(layers: Layers, X: Tensor) -> Tensor:
    """Its activations before the ReLU, one row per point."""
    import torch

    from scalinglaws.learn.networks import forward, to

    return forward(to(layers, torch.float64), X)[-2]
