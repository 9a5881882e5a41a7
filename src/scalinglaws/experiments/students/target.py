"""What students imitate: a random network of a few features, or a sum of such networks.

Sharma & Kaplan 2020 (arXiv 2004.10802), sections 3.1, 3.2.1, A.2.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

    from scalinglaws.data.teachers import AnyTeacher, Teacher
    from scalinglaws.learn.losses import AnyLoss

N_OUT = 3  # the value that is regressed on, and two logits
HIDDEN_LAYERS = 2  # of every teacher (A.2.1)


@dataclass(frozen=True)
class Target:
    """One teacher, or the sum of several on features of their own.

    features, seeds: of each network. A network serves every number of features: its inputs
        beyond them are zero.
    n_in: its inputs, and its students': 20 (A.2.1), 9 for sums and vetted teachers.
    width: of its hidden layers.
    kind: relu has zero biases, as the paper's; biased and tanh draw theirs from N(0, 0.5^2).
    scale: of its outputs: the authors' code, not in the paper.
    """

    features: tuple[int, ...]
    seeds: tuple[int, ...]
    n_in: int = 20
    width: int = 600
    kind: Literal["relu", "biased", "tanh"] = "relu"
    scale: float = 6.0

    @property
    def k(self) -> int:
        """Live inputs."""
        return sum(self.features)

    @property
    def name(self) -> str:
        """T_k, as the paper writes it: T_{3+6} is a sum."""
        return f"T_{{{'+'.join(map(str, self.features))}}}"

    def build(self) -> AnyTeacher:
        """The function itself, with N_OUT outputs."""
        from scalinglaws.data.teachers import Sum

        networks = [self._network(seed) for seed in self.seeds]
        if len(networks) == 1:
            return networks[0]
        return Sum(tuple(zip(self.features, networks, strict=True)))

    def _network(self, seed: int) -> Teacher:
        from scalinglaws.data.teachers import random_teacher
        from scalinglaws.learn.networks import Activation, Init, Shape

        shape = Shape(self.n_in, (self.width,) * HIDDEN_LAYERS, N_OUT)
        init = Init.TEACHER if self.kind == "relu" else Init.AUTHORS
        activation = Activation.TANH if self.kind == "tanh" else Activation.RELU
        return random_teacher(shape, self.scale, seed, init, activation)


def outputs_for(loss: AnyLoss, answers: Tensor) -> Tensor:
    """The outputs [points, N_OUT] that students of this loss learn: the value, or the logits."""
    return answers[:, :1] if loss.n_out == 1 else answers[:, 1:]
