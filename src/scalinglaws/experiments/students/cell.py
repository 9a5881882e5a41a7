"""One cell: a teacher, a stream of its points, and the families of students that learn from it.

Sharma & Kaplan 2020 (arXiv 2004.10802), section 3.1, A.2. The teacher answers once for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING

from scalinglaws import dimension
from scalinglaws.experiments.students.config import Students, TeacherStudents
from scalinglaws.experiments.students.target import linearity, outputs_for
from scalinglaws.result import Row
from scalinglaws.sweep.cell import scratch

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from scalinglaws.data.teachers import Answers, AnyTeacher
    from scalinglaws.learn.checkpoint import Checkpoint
    from scalinglaws.learn.ensemble import Ensemble
    from scalinglaws.learn.losses import AnyLoss
    from scalinglaws.learn.networks import Layers, Shape
    from scalinglaws.learn.train import Lesson, Sampler

TEST_POINTS = 50_000
D_POINTS = 12_000  # section 3.1
MLE_K = 20
POST_WIDTHS = 3  # largest widths whose d is measured after the non-linearity too


class Stream(IntEnum):
    """Names the random stream: equal seed fields must not give equal numbers."""

    INIT = 1
    DATA = 2
    TEST = 3
    NOISE = 4
    ORDER = 5


def run(config: TeacherStudents) -> Sequence[Row]:
    """Train all students, then one row each, and one row for the raw inputs."""
    from scalinglaws.data.teachers import finite, stream
    from scalinglaws.learn.checkpoint import Checkpoint
    from scalinglaws.learn.networks import named_generator
    from scalinglaws.learn.train import train

    c = config
    teacher = c.target.build()
    classes = [_Class(c, family) for family in c.families]
    drawn, order = (
        named_generator(of, c.data_seed, *c.source) for of in (Stream.DATA, Stream.ORDER)
    )
    sampler = stream(teacher, c.target.k, drawn, c.device)
    if c.points:
        sampler = finite(sampler, c.points, order)
    checkpoint = Checkpoint.at(scratch(), drawn, order, *(each.generator for each in classes))
    train([each.lesson for each in classes], sampler, checkpoint)
    for i, each in enumerate(classes):
        own = checkpoint and replace(checkpoint, name=f"polish.{i}.safetensors")
        each.polish(sampler, own)
    test = _Test(c, teacher)
    score: Row = {"linearity": linearity(c.target, teacher)} if c.linearity else {}
    inputs: Row = {"kind": "inputs", **_about(c), **score, **_dimensions(test.X_d)}
    return [inputs, *(row for each in classes for row in each.rows(test))]


def _about(c: TeacherStudents) -> Row:
    """What all rows of a cell share."""
    return {
        "teacher": c.target.name,
        "teacher_kind": c.target.kind,
        "teacher_seed": c.target.seeds[0],
        "k": c.target.k,
        "output_scale": c.target.scale,
        "init": c.init,
        "schedule": c.schedule,
        "activations": c.activations,
        "points": c.points,
    }


class _Test:
    """Held-out points with exact answers, in float64."""

    def __init__(self, c: TeacherStudents, teacher: AnyTeacher):
        from scalinglaws.data.teachers import cube
        from scalinglaws.learn.networks import named_generator

        generator = named_generator(Stream.TEST, c.test_seed, c.target.k)
        self.X = cube(TEST_POINTS, c.target.k, generator).double()
        self.X_d = cube(D_POINTS, c.target.k, generator).double()
        self.answers = teacher(self.X)


@dataclass(frozen=True)
class _Class:
    """A family in training, and its rows afterwards.

    trained: what a second stage made of the ensemble's students.
    """

    config: TeacherStudents
    family: Students
    trained: list[Layers] = field(default_factory=list)

    @cached_property
    def loss(self) -> AnyLoss:
        from scalinglaws.learn.losses import loss_of

        return loss_of(self.family.loss)

    @cached_property
    def generator(self) -> Generator:
        """Of the noise or labels it is taught with."""
        from scalinglaws.learn.networks import named_generator

        return named_generator(Stream.NOISE, self.config.data_seed, *self.config.source)

    @cached_property
    def shapes(self) -> list[Shape]:
        from scalinglaws.learn.networks import Shape

        f, n_in = self.family, self.config.target.n_in
        return [Shape(n_in, (n,) * f.hidden, self.loss.n_out) for n, _ in f.named]

    @cached_property
    def ensemble(self) -> Ensemble:
        from scalinglaws.learn.ensemble import Ensemble
        from scalinglaws.learn.networks import Activation, Init, initialise, named_generator

        c = self.config
        starts = [
            initialise(
                shape,
                Init(c.init),
                named_generator(Stream.INIT, c.init_seed, *c.source, self.family.hidden, *name),
            )
            for shape, name in zip(self.shapes, self.family.named, strict=True)
        ]
        activation = Activation(self.family.activation)
        return Ensemble(self.shapes, starts, c.target.k, c.device, activation)

    @cached_property
    def lesson(self) -> Lesson:
        from scalinglaws.learn.schedule import Schedule, stages
        from scalinglaws.learn.train import Lesson

        schedule = stages(Schedule(self.config.schedule), self.family.steps)
        return Lesson(self.ensemble, self.loss, schedule, self._taught(), self.family.epsilon)

    def _taught(self) -> Answers:
        """Its part of the teacher's answers, with the entropy that the family is taught with."""
        from scalinglaws.data.teachers import labels, noise

        match self.family.taught:
            case "labels":
                entropy = labels(self.generator)
            case "noise":
                entropy = noise(self.family.noise, self.generator)
            case "exact":
                return lambda answers: outputs_for(self.loss, answers)
        return lambda answers: entropy(outputs_for(self.loss, answers))

    def polish(self, sampler: Sampler, checkpoint: Checkpoint | None) -> None:
        """Go on with the second stage, if there is one, on further points."""
        from scalinglaws.learn.polish import Method, polish

        f, lesson = self.family, self.lesson
        if f.polish == "none":
            return

        def own(n: int) -> tuple[Tensor, Tensor]:
            X, answers = sampler(n)
            return X, lesson.answers(answers)

        method, steps = Method(f.polish), f.polish_steps
        polished = polish(self.ensemble, own, self.loss, method, steps=steps, checkpoint=checkpoint)
        self.trained.extend(polished)

    def rows(self, test: _Test) -> Iterator[Row]:
        """Each student's size, losses and d."""
        from scalinglaws.learn.losses import entropy, zero_skill

        f, answers = self.family, outputs_for(self.loss, test.answers)
        common: Row = {
            "kind": "student",
            **_about(self.config),
            "loss": f.loss,
            "hidden": f.hidden,
            "activation": f.activation,
            "taught": f.taught,
            "noise": f.noise,
            "steps": f.steps,
            "polish": f.polish,
            "zero_skill": zero_skill(self.loss, answers),
            **({"entropy": entropy(answers)} if f.taught == "labels" else {}),
        }
        after = self.config.activations == "post-relu"
        widest = set() if after else set(sorted(f.widths)[-POST_WIDTHS:])
        students = self.trained or self.ensemble.students()
        every = zip(f.named, self.shapes, students, strict=True)
        for (n, trial), shape, layers in every:
            measured = trial < f.d_trials or n == max(f.widths)
            yield {
                **common,
                "n": n,
                "trial": trial,
                "N_all": shape.n_parameters(),
                "N_used": shape.n_parameters(self.config.target.k),
                **self._losses(layers, test.X, answers),
                **(self._d(layers, test.X_d, after) if measured else {}),
                **(_post(self._d(layers, test.X_d, True)) if trial == 0 and n in widest else {}),
            }

    def _losses(self, layers: Layers, X: Tensor, answers: Tensor) -> Row:
        """Held-out losses, and of each hidden layer the share of units never positive."""
        from scalinglaws.learn.losses import Power, evaluate

        *Z, Y = self._forward(layers, X)
        dead = [(z.amax(0) <= 0).double().mean().item() for z in Z]
        return {
            "L": evaluate(self.loss, Y, answers).mean().item(),
            **{
                f"moment_{p:g}": evaluate(Power(p), Y, answers).mean().item()
                for p in self.family.moments
            },
            **{f"dead_{layer}": share for layer, share in enumerate(dead, start=1)},
        }

    def _d(self, layers: Layers, X: Tensor, after: bool) -> Row:
        """d of the last hidden layer, before or after the non-linearity."""
        from scalinglaws.learn.networks import Activation

        Z = self._forward(layers, X)[-2]
        return _dimensions(Activation(self.family.activation)(Z) if after else Z)

    def _forward(self, layers: Layers, X: Tensor) -> list[Tensor]:
        import torch

        from scalinglaws.learn.networks import Activation, forward, to

        return forward(to(layers, torch.float64), X, Activation(self.family.activation))


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


def _post(d: Row) -> Row:
    """d_twonn -> d_post_twonn, and so on."""
    return {name.replace("d_", "d_post_", 1): value for name, value in d.items()}
