"""Runs that differ in size and data: N, D and the loss of each."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Bool, Float, Int
from numpy import ndarray


@dataclass(frozen=True)
class Runs:
    """N parameters, D tokens and loss L of each run."""

    N: Float[ndarray, " n"]
    D: Float[ndarray, " n"]
    L: Float[ndarray, " n"]

    def where(self, kept: Bool[ndarray, " n"] | Int[ndarray, " m"]) -> Runs:
        return Runs(self.N[kept], self.D[kept], self.L[kept])

    @property
    def columns(self) -> dict[str, Float[ndarray, " n"]]:
        """By the names that `laws.fit` is given."""
        return {"N": self.N, "D": self.D, "loss": self.L}
