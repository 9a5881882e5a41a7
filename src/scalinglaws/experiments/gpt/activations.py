"""d of the activations of trained transformers, by block and output.

Sharma & Kaplan 2020 (arXiv 2004.10802), section 3.4: "we use the activations from the last token in
each sequence", and for one passage those of its tokens one after the other. There GPT-2 reads the
whole passage; here each token is the last of a window of its own, so that in both measurements
every token sees a whole context and nothing differs but where the tokens come from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from jaxtyping import Float
from numpy import ndarray

from scalinglaws.errors import BadInput
from scalinglaws.experiments.network_dimension.measures import COLLAPSED, mean_by_method
from scalinglaws.result import Row

if TYPE_CHECKING:
    from jaxtyping import Int
    from torch import Tensor

    from scalinglaws.experiments.gpt.cell import Gpt
    from scalinglaws.learn.gpt import GPTs

AT_ONCE = 100  # sequences fed together
LAST, EQUAL, PASSAGE = "last", "equal", "passage"  # what a row says its tokens are
FINAL = "residual"  # of the last block: the final layer, but for its norm

Output = tuple[int, str]  # block from 1, kind
Points = Float[ndarray, "models n d"]


def dimensions(
    models: GPTs,
    sequences: Int[Tensor, "n T+1"],
    stretches: Int[Tensor, "stretches each T+1"],
    config: Gpt,
) -> Iterator[Row]:
    """d of the last tokens of `sequences`; with `outputs`, of every output, and of passages
    beside as many of the sequences. A passage begins a stretch; stretches evenly spaced are taken.
    """
    c = config
    yield from _rows(_last_tokens(models, sequences[:, :-1], c.outputs), c, {"part": LAST})
    if not (c.outputs and c.passages):
        return
    equal = _last_tokens(models, sequences[: c.passage_tokens, :-1], every=True)
    yield from _rows(equal, c, {"part": EQUAL})
    for i in range(c.passages):
        stretch = stretches[i * len(stretches) // c.passages, :, :-1].flatten()
        windows = stretch.unfold(0, c.context, 1)[: c.passage_tokens]
        found = _last_tokens(models, windows, every=True)
        yield from _rows(found, c, {"part": PASSAGE, "passage": i})


def _last_tokens(models: GPTs, ids: Int[Tensor, "n T"], every: bool) -> Mapping[Output, Points]:
    """Activations of each model's last token of the same sequences, by output."""
    from scalinglaws.learn.activations import capture
    from scalinglaws.learn.transformer_layers import Kind, transformer_blocks

    layers: dict[Output, str] = {
        (block, kind.value): names[kind]
        for block, names in enumerate(transformer_blocks(models), start=1)
        for kind in Kind
    }
    if not every:
        layers = dict([list(layers.items())[-1]])
    batches = [part.expand(len(models), *part.shape) for part in ids.split(AT_ONCE)]
    # Rows are sequences: the models stand side by side in them.
    rows = capture(
        models,
        batches,
        list(layers.values()),
        select=lambda h: h[:, :, -1].transpose(0, 1).flatten(1),
    )
    return {
        output: rows[name].unflatten(1, (len(models), -1)).transpose(0, 1).numpy()
        for output, name in layers.items()
    }


def _rows(found: Mapping[Output, Points], config: Gpt, labels: Row) -> Iterator[Row]:
    for (block, kind), points in found.items():
        for trial, X in zip(config.trials, points, strict=True):
            own: Row = {**labels, "trial": trial, "block": block, "output": kind, "n": len(X)}
            try:
                yield {"kind": "activations", **own, **mean_by_method([X])}
            except BadInput:  # a network may send all to too few places
                yield {"kind": COLLAPSED, **own}
