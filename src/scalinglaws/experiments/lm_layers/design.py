"""The work of lm-layers: one forward pass over all sequences, one over the long passages."""

from __future__ import annotations

from dataclasses import dataclass

from scalinglaws.data.checkpoints import SMOLLM2
from scalinglaws.data.text import SOTU
from scalinglaws.experiments.lm_layers.settings import Settings
from scalinglaws.experiments.pretrained_text import OPEN_S, TOKENS_PER_S, absent
from scalinglaws.sweep.cell import Cell

TASKS = "scalinglaws.experiments.lm_layers.tasks"
VERSION = 1
THREADS = 2
CLOUD_S = 0.2  # d of 1500 points, on 2 cores
CLOUDS = 90  # blocks x kinds


@dataclass(frozen=True)
class SequencesConfig:
    """Different sequences at their last token, all and as many as a passage has; and the final
    layer at fixed positions."""

    model: str
    corpus: str
    sequences: int
    length: int
    positions: tuple[int, ...]
    equal_n: int
    data_seed: int


@dataclass(frozen=True)
class PassagesConfig:
    """Long sequences, each alone at all its tokens but the first."""

    model: str
    corpus: str
    passages: int
    length: int
    data_seed: int


def cells(settings: Settings) -> list[Cell]:
    """Two cells; none where the model, the text or an extra is absent."""
    if absent():
        return []
    seed = 2 * settings.seed
    sequences = SequencesConfig(
        model=SMOLLM2.name,
        corpus=SOTU.name,
        sequences=settings.sequences,
        length=settings.length,
        positions=settings.positions,
        equal_n=settings.tokens,
        data_seed=seed,
    )
    passages = PassagesConfig(
        model=SMOLLM2.name,
        corpus=SOTU.name,
        passages=settings.passages,
        length=settings.passage_length,
        data_seed=seed + 1,
    )
    return [
        _cell("run_sequences", sequences, settings.sequences * settings.length, clouds=2),
        _cell(
            "run_passages",
            passages,
            settings.passages * settings.passage_length,
            clouds=settings.passages,
        ),
    ]


def _cell(task: str, config: object, tokens: int, clouds: int) -> Cell:
    cost = OPEN_S + tokens / TOKENS_PER_S + clouds * CLOUDS * CLOUD_S
    return Cell(f"{TASKS}:{task}", VERSION, config, threads=THREADS, cost=cost)
