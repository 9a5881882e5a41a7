"""What students imitate: a random network of a few features, or a sum of such networks.

Sharma & Kaplan 2020 (arXiv 2004.10802), sections 3.1, 3.2.1, A.2.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

    from scalinglaws.data.teachers import AnyTeacher, Teacher
    from scalinglaws.data.vetting import Slices
    from scalinglaws.learn.losses import AnyLoss

N_OUT = 3  # the value that is regressed on, and two logits
LOGITS = slice(1, None)
HIDDEN_LAYERS = 2  # of every teacher (A.2.1)
ROUNDS = 200  # of slices that score a teacher (A.3)
HEAT, FINALISTS = 10, 100  # rounds for all candidates, and how many then run all rounds
SLICE_POINTS = 10  # evenly spaced; A.3 does not say how many
_VETTING, _SCORING = 6, 7  # names of streams, beside those of `cell.Stream`


@dataclass(frozen=True)
class Target:
    """One teacher, or the sum of several on features of their own.

    features, seeds: of each network. A network serves every number of features: its inputs
        beyond them are zero.
    n_in: its inputs, and its students': 20 (A.2.1), 9 for sums and vetted teachers.
    width: of its hidden layers.
    kind: relu has zero biases, as the paper's; biased and tanh draw theirs from N(0, 0.5^2).
    scale: of its outputs: the authors' code, not in the paper.
    vetted_from: random networks of which the one with the least linear logits is taken (A.3), for
        each number of features anew; that of an unvetted target, 0, is the first of them.
    """

    features: tuple[int, ...]
    seeds: tuple[int, ...]
    n_in: int = 20
    width: int = 600
    kind: Literal["relu", "biased", "tanh"] = "relu"
    scale: float = 6.0
    vetted_from: int = 0

    @property
    def k(self) -> int:
        """Live inputs."""
        return sum(self.features)

    @property
    def name(self) -> str:
        """T_k, as the paper writes it: T_{3+6} is a sum; a vetted one is T_{3}^{5000}."""
        vetted = f"^{{{self.vetted_from}}}" if self.vetted_from else ""
        return f"T_{{{'+'.join(map(str, self.features))}}}{vetted}"

    def build(self) -> AnyTeacher:
        """The function itself, with N_OUT outputs."""
        from scalinglaws.data.teachers import Sum

        parts = zip(self.features, self.seeds, strict=True)
        networks = [
            self._vetted(k, seed) if self.vetted_from else self._network(seed) for k, seed in parts
        ]
        if len(networks) == 1:
            return networks[0]
        return Sum(tuple(zip(self.features, networks, strict=True)))

    def _vetted(self, k: int, seed: int) -> Teacher:
        from scalinglaws.data.vetting import vet

        return vet(
            lambda number: self._network(seed, number),
            self.vetted_from,
            _slices(k, _VETTING, seed, k),
            heat=HEAT,
            finalists=FINALISTS,
            outputs=LOGITS,
        ).teacher

    def _network(self, *seed: int) -> Teacher:
        from scalinglaws.data.teachers import Teacher
        from scalinglaws.learn.networks import (
            Activation,
            Init,
            Shape,
            initialise,
            named_generator,
        )

        shape = Shape(self.n_in, (self.width,) * HIDDEN_LAYERS, N_OUT)
        init = Init.TEACHER if self.kind == "relu" else Init.AUTHORS
        activation = Activation.TANH if self.kind == "tanh" else Activation.RELU
        return Teacher(initialise(shape, init, named_generator(*seed)), self.scale, activation)


def linearity(target: Target, teacher: AnyTeacher) -> float:
    """A.3's score of the logits, on slices that vetted no teacher: R^2, 1 for a linear function."""
    from scalinglaws.data.vetting import score

    return score(teacher, _slices(target.k, _SCORING, target.k), LOGITS)


def _slices(k: int, *seed: int) -> Slices:
    from scalinglaws.data.vetting import slices
    from scalinglaws.learn.networks import named_generator

    return slices(k, ROUNDS, SLICE_POINTS, named_generator(*seed))


def vetting_flop(target: Target) -> float:
    """What the races among its candidates cost."""
    rounds = HEAT * target.vetted_from + ROUNDS * min(FINALISTS, target.vetted_from)
    return 2.0 * target.width**2 * SLICE_POINTS * target.k * rounds


def outputs_for(loss: AnyLoss, answers: Tensor) -> Tensor:
    """The outputs [points, N_OUT] that students of this loss learn: the value, or the logits."""
    return answers[:, :1] if loss.n_out == 1 else answers[:, LOGITS]
