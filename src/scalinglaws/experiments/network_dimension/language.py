"""One cell: a pretrained language model, and d of its last token's activations.

Sharma & Kaplan 2020 (arXiv 2004.10802), figures 16, 17, 19 and 22, right-hand panels: the last
token of each text sequence, at the attention output before the final layer and at the final layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scalinglaws.experiments.network_dimension.measures import measure
from scalinglaws.experiments.pretrained_text import opened, token_ids
from scalinglaws.result import Row

if TYPE_CHECKING:
    from scalinglaws.learn.transformer_layers import Block

# What rows call the two places.
ATTENTION, FINAL = "last attention output", "final layer"


@dataclass(frozen=True)
class LanguageModel:
    """Everything that determines the numbers of a cell.

    sequences: disjoint pieces of the corpus, each of `length` tokens. rungs: of the ladder
    sequences / 2^i of figure 19.
    """

    model: str
    corpus: str
    sequences: int
    length: int
    rungs: int
    data_seed: int


def run(config: LanguageModel) -> Sequence[Row]:
    """One forward pass over all sequences; d of each place as of any other network."""
    from scalinglaws.learn.transformer_layers import capture_tokens, transformer_blocks

    c = config
    pretrained = opened()
    model = pretrained.model
    rng = np.random.default_rng(c.data_seed)
    ids = token_ids(pretrained, c.sequences, c.length, rng)
    # The corpus is in order of time: in random order any run of sequences is a sample of it.
    ids = ids[rng.permutation(c.sequences)]
    places = _places(transformer_blocks(model)[-1])
    found = capture_tokens(model, ids, list(places.values()), [c.length - 1])
    N = sum(p.numel() for p in model.parameters())
    rows: list[Row] = []
    for name, module in places.items():
        common: Row = {"network": name, "sequences": c.sequences, "length": c.length}
        own = measure(found[module][:, 0].numpy(), c.rungs, drawn=True)
        rows += [{**row, **common} for row in ({"kind": "network", "N": N}, *own)]
    return rows


def _places(block: Block) -> dict[str, str]:
    """The two places of figures 17, 19 and 22, and their modules in the last block; the final
    layer is the residual stream as that block leaves it, before the final norm."""
    from scalinglaws.learn.transformer_layers import Kind

    return {ATTENTION: block[Kind.ATTENTION], FINAL: block[Kind.RESIDUAL]}
