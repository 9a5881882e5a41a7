"""One cell: small transformers of one width trained on a text, their loss on held-out text, and d
of their activations.

Sharma & Kaplan 2020 (arXiv 2004.10802), section 3.4: the activations of the last token of many
sequences, in the final layer before the unembedding; and of the tokens of one passage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Literal

from scalinglaws.data.text import Split, character_ids, load_text, split
from scalinglaws.errors import BadInput
from scalinglaws.experiments.gpt.activations import dimensions
from scalinglaws.result import Row
from scalinglaws.sweep.cell import scratch

if TYPE_CHECKING:
    from jaxtyping import Integer
    from torch import Tensor

    from scalinglaws.learn.gpt import GPTs, GPTShape
    from scalinglaws.learn.train_gpt import Sequences

Vocabulary = Literal["characters", "gpt2"]


class Stream(IntEnum):
    """Names the random stream: equal seed fields must not give equal numbers."""

    INIT = 1
    ORDER = 2
    TEST = 3


@dataclass(frozen=True)
class Gpt:
    """Everything that determines the numbers of a cell.

    tokens: that each model reads once; 0 is one epoch. trials: numbers of the models, which
    differ in their draws and in the order of their text. rate: AdamW's, `rate_factor` times what
    the width's is. test_sequences: 0 is all that is held out.
    points: sequences of which d is measured, 0 for none; see `activations`. outputs: d of every
    output of every block and in `passages` passages, else of the final layer alone.
    """

    corpus: str
    vocabulary: Vocabulary
    width: int
    layers: int
    heads: int
    context: int
    batch: int
    tokens: int
    trials: tuple[int, ...]
    rate: float
    rate_factor: float
    test_sequences: int
    points: int
    outputs: bool
    passages: int
    passage_tokens: int
    init_seed: int
    data_seed: int
    test_seed: int
    device: str


def run(config: Gpt) -> Sequence[Row]:
    """Train the models; a row for each, and one for each set of its activations."""
    import torch

    from scalinglaws.learn.gpt import GPTShape
    from scalinglaws.learn.networks import named_generator
    from scalinglaws.learn.train_gpt import losses_by_position

    c = config
    text, V = _text(c.vocabulary, c.context)
    shape = GPTShape(c.width, c.layers, c.heads, c.context, V)
    models, steps = _trained(shape, torch.from_numpy(text.training), c)

    stretches = torch.from_numpy(text.held_out).to(c.device, torch.long)
    held_out = stretches.flatten(0, 1)
    order = torch.randperm(len(held_out), generator=named_generator(Stream.TEST, c.test_seed))
    held_out = held_out[order.to(c.device)]
    tested = held_out[: c.test_sequences or None]
    L = losses_by_position(models, tested)
    common: Row = {
        "vocabulary": c.vocabulary,
        "width": c.width,
        "N": shape.N,
        "rate": c.rate,
        "rate_factor": c.rate_factor,
    }
    rows: list[Row] = [
        {
            "kind": "model",
            **common,
            "trial": trial,
            "V": V,
            "N_all": shape.n_parameters,
            "layers": c.layers,
            "heads": c.heads,
            "context": c.context,
            "steps": steps,
            "tokens": steps * c.batch * c.context,
            "test_tokens": tested[:, 1:].numel(),
            "L": L[m].mean().item(),
            "L_late": L[m, c.context // 2 :].mean().item(),
        }
        for m, trial in enumerate(c.trials)
    ]
    if c.points:
        measured = dimensions(models, held_out[: c.points], stretches, c)
        rows += [{**common, **row} for row in measured]
    return rows


def _text(vocabulary: Vocabulary, context: int) -> tuple[Split, int]:
    """The corpus in sequences, and the size of its vocabulary."""
    text = load_text()
    if vocabulary == "characters":
        ids, alphabet = character_ids(text)
        return split(ids, context), len(alphabet)
    from scalinglaws.data.by_hand import verified_path
    from scalinglaws.data.text import GPT2_ENCODER, GPT2_MERGES
    from scalinglaws.learn.byte_pairs import VOCABULARY, byte_pair_ids

    ids = byte_pair_ids(text, verified_path(GPT2_ENCODER), verified_path(GPT2_MERGES))
    return split(ids, context), VOCABULARY


def _trained(shape: GPTShape, training: Integer[Tensor, "n T+1"], config: Gpt) -> tuple[GPTs, int]:
    """The models after one pass over what they read, and its steps."""
    import torch

    from scalinglaws.learn.checkpoint import Checkpoint
    from scalinglaws.learn.gpt import GPTs
    from scalinglaws.learn.networks import named_generator
    from scalinglaws.learn.train_gpt import train_gpts

    c = config
    epoch = len(training) // c.batch
    steps = c.tokens // (c.batch * c.context) if c.tokens else epoch
    if not 1 <= steps <= epoch:
        raise BadInput(
            f"tokens: from a batch of {c.batch * c.context} to the epoch of "
            f"{epoch * c.batch * c.context}, not {c.tokens}"
        )

    def named(stream: Stream, seed: int) -> list[torch.Generator]:
        return [named_generator(stream, seed, c.width, trial) for trial in c.trials]

    models = GPTs(shape, named(Stream.INIT, c.init_seed)).to(c.device)
    # On the CPU, so that it is the same on any device.
    orders = [torch.randperm(len(training), generator=g) for g in named(Stream.ORDER, c.data_seed)]
    order = torch.stack(orders)[:, : steps * c.batch]

    def batch(step: int) -> Sequences:
        chosen = order[:, step * c.batch : (step + 1) * c.batch]
        return training[chosen].to(c.device, torch.long)

    train_gpts(models, batch, steps, c.rate, Checkpoint.at(scratch()))
    return models, steps
