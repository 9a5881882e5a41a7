"""What each budget of `gpt` costs, and its cells."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from scalinglaws.data import by_hand
from scalinglaws.data.text import GPT2_ENCODER, GPT2_MERGES, PER_STRETCH, SOTU
from scalinglaws.experiments import devices, lm_layers
from scalinglaws.experiments.experiment import require
from scalinglaws.experiments.gpt.cell import Gpt, Vocabulary
from scalinglaws.experiments.network_dimension.settings import LEAST
from scalinglaws.learn.byte_pairs import missing_extra
from scalinglaws.result import Budget
from scalinglaws.sweep.cell import Cell

TASK, VERSION = "scalinglaws.experiments.gpt.cell:run", 1
FACTORS = (0.5, 2.0)  # of the rate, at both ends of the widths
APART = 96  # models wider than this are large enough to be trained alone
CHARACTERS_TO_TRAIN = 11_400_000  # about; for the cost of an epoch


@dataclass(frozen=True)
class Settings:
    """Sizes of a run.

    widths: d_model, rising. trials: models of each of them. tokens, test_sequences, points,
    passages, passage_tokens: see Gpt. shorter: tokens of one more model of each width, which show
    how far alpha still moves with them; 0 for none. pretrained: of which budget of lm-layers the
    pretrained model's rows stand beside ours; "none" for none.
    """

    widths: tuple[int, ...]
    trials: tuple[int, ...]
    tokens: int
    shorter: int = 0
    layers: int = 2
    heads: int = 2
    context: int = 64
    batch: int = 16
    vocabulary: Vocabulary = "characters"
    test_sequences: int = 3072
    points: int = 6000
    passages: int = 4
    passage_tokens: int = 1024  # as in figure 11, left
    pretrained: str = "quick"
    seed: int = 0
    device: str = "cpu"


QUICK_WIDTHS = (8, 12, 16, 24, 32, 48, 64, 96)
FULL_WIDTHS = (*QUICK_WIDTHS, 128, 192)
BUDGETS = {
    Budget.SMOKE: Settings(
        (8, 12, 16, 24),
        (2, 2, 2, 2),
        30_000,
        batch=4,
        test_sequences=64,
        points=300,
        passages=2,
        passage_tokens=128,
        pretrained="none",
    ),
    Budget.QUICK: Settings(QUICK_WIDTHS, (2,) * 8, 1_500_000),
    Budget.FULL: Settings(
        FULL_WIDTHS,
        (2,) * 7 + (1,) * 3,
        0,
        shorter=1_500_000,
        test_sequences=0,
        points=10_000,
        passages=8,
    ),
    # The paper trained no transformer: these are its tokens, its number of points, and GPT-2
    # small's depth and width as the largest. The text has too few tokens for such models.
    Budget.PAPER: Settings(
        (64, 96, 128, 192, 256, 384, 512, 768),
        (3,) * 8,
        0,
        layers=12,
        heads=4,
        context=128,
        batch=16,
        vocabulary="gpt2",
        test_sequences=0,
        points=10_000,
        passages=8,
        pretrained="paper",
    ),
}


def rate_of(width: int) -> float:
    """AdamW's full rate, min(6e-3, 0.2 / d_model); FACTORS check it at both ends of the widths.

    From single models on 500 000 tokens: at width 96 losses of 1.973, 1.958 and 2.012 at 1.5e-3,
    3e-3 and 6e-3, a least one near 2.5e-3; at width 32 of 2.100 and 2.028 at 3e-3 and 6e-3. Rates
    that halve at widths 16 and 64 made the loss rise from width 64 to 96, at 2 million tokens.
    """
    return min(6e-3, 0.2 / width)


def absent(vocabulary: Vocabulary) -> str:
    """What this machine lacks to train, and the mend; empty if it lacks nothing."""
    if vocabulary == "characters":
        return by_hand.absent(SOTU)
    missing = missing_extra()
    lacking = (by_hand.absent(file) for file in (SOTU, GPT2_ENCODER, GPT2_MERGES))
    return str(missing) if missing else next(filter(None, lacking), "")


def check(settings: Settings) -> None:
    """Refuse settings that show no law, before any work. Raises BadInput."""
    s = settings
    rules = {
        "three or more widths, rising": len(s.widths) >= 3
        and all(a < b for a, b in pairwise(s.widths)),
        "heads >= 1, and widths that are multiples of twice as many": s.heads >= 1
        and all(w > 0 and w % (2 * s.heads) == 0 for w in s.widths),
        "as many numbers of trials as widths, each >= 1": len(s.trials) == len(s.widths)
        and min(s.trials) >= 1,
        "layers, batch >= 1 and context >= 2": min(s.layers, s.batch, s.context - 1) >= 1,
        "tokens of at least 24 steps, or 0 for one epoch": s.tokens == 0
        or s.tokens >= 24 * s.batch * s.context,
        "shorter as well, and less than tokens": s.shorter == 0
        or 24 * s.batch * s.context <= s.shorter < (s.tokens or math.inf),
        "test_sequences >= 0": s.test_sequences >= 0,
        f"points >= passage_tokens >= {LEAST}": s.points >= s.passage_tokens >= LEAST,
        "a passage and the context before it within a stretch of held-out text: passage_tokens "
        f"<= {PER_STRETCH - 1} x context": s.passage_tokens <= (PER_STRETCH - 1) * s.context,
        "passages >= 2, for their spread": s.passages >= 2,
        f"pretrained: a budget of lm-layers ({', '.join(Budget)}) or none": s.pretrained
        in {"none", *Budget},
        "seed >= 0": s.seed >= 0,
        **devices.rule(s.device),
    }
    require("gpt", rules)


def cells(settings: Settings) -> Sequence[Cell]:
    """Per width its models, the widest apart; those that read less; the ends at half and double
    rate; and the cell of lm-layers that measures the pretrained model. Raises BadInput."""
    check(settings)
    if absent(settings.vocabulary):
        return []
    s = settings
    return [*_ladder(s), *_shorter(s), *_rate_checks(s), *pretrained_cells(s)]


def pretrained_cells(settings: Settings) -> list[Cell]:
    """That of lm-layers itself: what its store holds is not measured again."""
    if settings.pretrained == "none":
        return []
    experiment = lm_layers.EXPERIMENT
    return list(experiment.cells(experiment.budgets[Budget(settings.pretrained)]))[:1]


def _ladder(s: Settings) -> Iterator[Cell]:
    for width, count in zip(s.widths, s.trials, strict=True):
        together = 1 if width > APART else count
        for first in range(0, count, together):
            yield _cell(s, width, tuple(range(first, first + together)), measured=True)


def _shorter(s: Settings) -> Iterator[Cell]:
    """One model each: the same draws as the ladder's first, and the beginning of its text."""
    for width in s.widths if s.shorter else ():
        yield _cell(replace(s, tokens=s.shorter), width, (0,))


def _rate_checks(s: Settings) -> Iterator[Cell]:
    """One model each: the same draws and text as the ladder's first."""
    for width in (s.widths[0], s.widths[-1]):
        for factor in FACTORS:
            yield _cell(s, width, (0,), factor)


def _cell(
    s: Settings,
    width: int,
    trials: tuple[int, ...],
    factor: float = 1.0,
    *,
    measured: bool = False,
) -> Cell:
    """measured: whether d is, too."""
    widest = width == s.widths[-1]
    config = Gpt(
        corpus=SOTU.name,
        vocabulary=s.vocabulary,
        width=width,
        layers=s.layers,
        heads=s.heads,
        context=s.context,
        batch=s.batch,
        tokens=s.tokens,
        trials=trials,
        rate=factor * rate_of(width),
        rate_factor=factor,
        test_sequences=s.test_sequences,
        points=s.points if measured else 0,
        outputs=widest,
        passages=s.passages if widest else 0,
        passage_tokens=s.passage_tokens,
        init_seed=s.seed,
        data_seed=s.seed,
        test_seed=s.seed,
        device=s.device,
    )
    read = (s.tokens or CHARACTERS_TO_TRAIN) * len(trials)
    # Seconds per token, measured on one core at 2 layers: calls, activations, products.
    per_token = s.layers / 2 * (4.5e-6 + 1.2e-7 * width + 1.2e-9 * width**2)
    return Cell(TASK, VERSION, config, cost=5 + read * per_token)
