"""What the settings of all experiments on teachers and students share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from scalinglaws.experiments import devices
from scalinglaws.experiments.students.config import ScheduleName, Students, TeacherStudents
from scalinglaws.experiments.students.target import Target


@dataclass(frozen=True, kw_only=True)
class Training:
    """How students are trained and measured, whatever they learn.

    schedule, init, activations: see `students.config.TeacherStudents`.
    output_scale: of every teacher (see `students.target.Target`).
    seed: of the students' starts, of all points and of the first teacher.
    """

    schedule: ScheduleName = "annealed"
    init: Literal["authors", "he", "torch"] = "authors"
    output_scale: float = 6.0
    activations: Literal["pre-relu", "post-relu"] = "pre-relu"
    seed: int = 0
    device: str = "cpu"

    def rules(self) -> dict[str, bool]:
        """What must hold of these settings: the rule, and whether it is kept."""
        return {
            "1e-6 <= output_scale <= 1e6": 1e-6 <= self.output_scale <= 1e6,
            "seed >= 0": self.seed >= 0,
            **devices.rule(self.device),
        }

    def config(
        self,
        target: Target,
        families: Iterable[Students],
        *,
        points: int = 0,
        linearity: bool = False,
    ) -> TeacherStudents:
        """The families of students that learn the target, trained so."""
        return TeacherStudents(
            target=target,
            families=tuple(families),
            schedule=self.schedule,
            init=self.init,
            activations=self.activations,
            points=points,
            linearity=linearity,
            init_seed=self.seed,
            data_seed=self.seed,
            test_seed=self.seed,
            device=self.device,
        )
