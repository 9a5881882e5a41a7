"""One cell: a teacher of k features and all its students, trained against one stream.

Sharma & Kaplan 2020 (arXiv 2004.10802), section 3.1, A.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Literal

from scalinglaws import dimension
from scalinglaws.result import Row
from scalinglaws.sweep.cell import scratch

if TYPE_CHECKING:
    from torch import Tensor

    from scalinglaws.data.teachers import Teacher
    from scalinglaws.learn.networks import Layers, Shape

N_IN, TEACHER_WIDTH = 20, 600  # A.2.1
HIDDEN_LAYERS = 2
TEST_POINTS = 50_000
D_POINTS = 12_000  # section 3.1
MLE_K = 20


class Stream(IntEnum):
    """Names the random stream: equal seed fields must not give equal numbers."""

    INIT = 1
    DATA = 2
    TEST = 3


@dataclass(frozen=True)
class TeacherStudent:
    """Everything that determines the numbers of a cell.

    d_trials: trials per width whose d is measured; all trials at the largest width.
    """

    loss: Literal["mse", "kl"]
    k: int
    steps: int
    widths: tuple[int, ...]
    trials: int
    d_trials: int
    schedule: Literal["settled", "table1"]
    init: Literal["authors", "he", "torch"]
    output_scale: float
    activations: Literal["pre-relu", "post-relu"]
    teacher_seed: int
    init_seed: int
    data_seed: int
    test_seed: int
    device: str


def run(config: TeacherStudent) -> Sequence[Row]:
    """Train the students, then one row each, and one row for the raw inputs."""
    from scalinglaws.data.teachers import cube, random_teacher
    from scalinglaws.learn.losses import Loss, zero_skill
    from scalinglaws.learn.networks import Shape, named_generator

    c, loss = config, Loss(config.loss)
    hidden = (TEACHER_WIDTH,) * HIDDEN_LAYERS
    teacher = random_teacher(Shape(N_IN, hidden, loss.n_out), c.output_scale, c.teacher_seed)
    named = [(n, trial) for n in c.widths for trial in range(c.trials)]
    shapes = [Shape(N_IN, (n,) * HIDDEN_LAYERS, loss.n_out) for n, _ in named]
    students = _trained(teacher, shapes, named, c)

    test = named_generator(Stream.TEST, c.test_seed, c.k)
    X = cube(TEST_POINTS, c.k, test).double()
    X_d = cube(D_POINTS, c.k, test).double()
    answers = teacher(X)
    common: Row = {
        "loss": c.loss,
        "k": c.k,
        "steps": c.steps,
        "teacher_seed": c.teacher_seed,
        "output_scale": c.output_scale,
        "init": c.init,
        "schedule": c.schedule,
        "activations": c.activations,
        "zero_skill": zero_skill(loss, answers),
    }
    rows: list[Row] = [{"kind": "inputs", **common, **_dimensions(X_d)}]
    for (n, trial), shape, layers in zip(named, shapes, students, strict=True):
        measured = trial < c.d_trials or n == max(c.widths)
        rows.append(
            {
                "kind": "student",
                **common,
                "n": n,
                "trial": trial,
                **_student(shape, layers, X, answers, c),
                **(_dimensions(_activations(layers, X_d, c)) if measured else {}),
            }
        )
    return rows


def _trained(
    teacher: Teacher,
    shapes: Sequence[Shape],
    named: Sequence[tuple[int, int]],
    config: TeacherStudent,
) -> list[Layers]:
    """All students (width, trial) after training against one stream from the teacher."""
    from scalinglaws.data.teachers import stream
    from scalinglaws.learn.checkpoint import Checkpoint
    from scalinglaws.learn.ensemble import Ensemble
    from scalinglaws.learn.losses import Loss
    from scalinglaws.learn.networks import Init, initialise, named_generator
    from scalinglaws.learn.schedule import Schedule, stages
    from scalinglaws.learn.train import train

    c = config
    # Each family has its own students and points, so that families err independently.
    family = (c.teacher_seed, c.k)
    starts = [
        initialise(shape, Init(c.init), named_generator(Stream.INIT, c.init_seed, *family, *name))
        for shape, name in zip(shapes, named, strict=True)
    ]
    ensemble = Ensemble(shapes, starts, c.k, c.device)
    points = named_generator(Stream.DATA, c.data_seed, *family)
    sampler = stream(teacher, c.k, points, c.device)
    schedule = stages(Schedule(c.schedule), c.steps)
    checkpoint = Checkpoint.at(scratch(), points)
    train(ensemble, sampler, Loss(c.loss), schedule, checkpoint=checkpoint)
    return ensemble.students()


def _student(
    shape: Shape, layers: Layers, X: Tensor, answers: Tensor, config: TeacherStudent
) -> Row:
    """Sizes, held-out loss in float64, and the share of units never positive on those points."""
    import torch

    from scalinglaws.learn.losses import Loss, evaluate
    from scalinglaws.learn.networks import forward, to

    Z = forward(to(layers, torch.float64), X)
    L = evaluate(Loss(config.loss), Z[-1], answers).mean().item()
    dead = [(z.amax(0) <= 0).double().mean().item() for z in Z[:-1]]
    return {
        "N_all": shape.n_parameters(),
        "N_used": shape.n_parameters(config.k),
        "L": L,
        **{f"dead_{layer}": share for layer, share in enumerate(dead, start=1)},
    }


def _activations(layers: Layers, X: Tensor, config: TeacherStudent) -> Tensor:
    """The last hidden layer, one row per point."""
    import torch

    from scalinglaws.learn.networks import forward, to

    Z = forward(to(layers, torch.float64), X)[-2]
    return torch.relu(Z) if config.activations == "post-relu" else Z


def _dimensions(points: Tensor) -> Row:
    """d by every method the paper uses, with standard errors, from one neighbour search.

    A network may collapse all points to one (all its units dead): no d then.
    """
    from scalinglaws.errors import BadInput

    try:
        nb = dimension.neighbors(points, MLE_K)
    except BadInput:
        return {}
    found = {"d_twonn": dimension.twonn(nb), f"d_mle{MLE_K}": dimension.mle(nb, MLE_K)}
    found |= {f"d_knn{k}": dimension.knn(nb, k) for k in (2, 3, 4)}
    row: Row = {"d_n": nb.n}
    for name, d in found.items():
        row[name], row[f"{name}_stderr"] = d.d, d.stderr
    return row
