"""What each budget of lm-layers fixes, and the estimators, which are the paper's."""

from __future__ import annotations

from dataclasses import dataclass

from scalinglaws.experiments.experiment import require
from scalinglaws.experiments.pretrained_text import CONTEXT
from scalinglaws.result import Budget

KNN_K = (2, 3, 4)  # figure 10, left
MLE_K = 100  # figure 10, right: "MLE (with 100 neighbors)" of figure 17


@dataclass(frozen=True)
class Settings:
    """Sizes in tokens; positions count from 0."""

    sequences: int = 1500  # different sequences, each measured at its last token
    length: int = 64  # of each
    positions: tuple[int, ...] = (1, 2, 4, 8, 16, 32)  # and the last: figure 11, right
    passages: int = 4  # long sequences, each measured alone at all its tokens
    passage_length: int = 1024  # as in figure 11, left
    seed: int = 0

    def __post_init__(self) -> None:
        rules = {
            "2 <= length, passage_length <= 2048": 2 <= self.length <= CONTEXT
            and 2 <= self.passage_length <= CONTEXT,
            f"passage_length > {MLE_K + 1}, for MLE with k = {MLE_K}": self.tokens > MLE_K,
            "passage_length - 1 <= sequences, to compare them at equal n": self.tokens
            <= self.sequences,
            "passages >= 1 and seed >= 0": self.passages >= 1 and self.seed >= 0,
            f"positions that rise from 1 or more to below {self.length - 1}, the last": list(
                self.positions
            )
            == sorted({p for p in self.positions if 0 < p < self.length - 1}),
        }
        require("lm-layers", rules)

    @property
    def tokens(self) -> int:
        """The n of a passage: all of its tokens but the first."""
        return self.passage_length - 1


BUDGETS = {
    Budget.SMOKE: Settings(
        sequences=150, length=16, positions=(2, 8), passages=1, passage_length=128
    ),
    Budget.QUICK: Settings(),
    Budget.FULL: Settings(
        sequences=5000, length=128, positions=(1, 2, 4, 8, 16, 32, 64), passages=8
    ),
    # 10 000 vectors are the paper's, its sequences' length is not said; of 128 tokens, that many
    # fill four fifths of the corpus.
    Budget.PAPER: Settings(
        sequences=10_000, length=128, positions=(1, 2, 4, 8, 16, 32, 64), passages=8
    ),
}
