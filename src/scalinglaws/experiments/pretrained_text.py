"""A pretrained language model and the text it reads, for the experiments that measure it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from scalinglaws.data import by_hand
from scalinglaws.data.checkpoints import SMOLLM2
from scalinglaws.data.text import SOTU, load_text, passages
from scalinglaws.errors import BadInput
from scalinglaws.learn.pretrained import Pretrained, missing_extra, open_gguf

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Int
    from torch import Tensor

OPEN_S, TOKENS_PER_S = 25.0, 800.0  # what opening and reading cost, on 2 cores
CONTEXT = 2048  # tokens that the model was trained to read at once
CHARACTERS_PER_TOKEN = 8  # of text cut out, more than any passage needs: the mean is 5


def absent() -> str:
    """What this machine lacks to read, and the mend; empty if it lacks nothing."""
    missing = missing_extra()
    return str(missing) if missing else by_hand.absent(SMOLLM2) or by_hand.absent(SOTU)


@lru_cache(maxsize=1)
def opened() -> Pretrained:
    """Opened once in a worker: that takes longer than a few passages do."""
    return open_gguf(by_hand.verified_path(SMOLLM2), SMOLLM2.title)


def token_ids(
    pretrained: Pretrained, n: int, length: int, rng: np.random.Generator
) -> Int[Tensor, "n length"]:
    """n disjoint sequences, spread evenly over the corpus; each starts at a word, as plain text."""
    import torch

    cut = passages(load_text(), n, CHARACTERS_PER_TOKEN * length, rng)
    ids = [pretrained.ids(passage)[:length] for passage in cut]
    if (shortest := min(map(len, ids))) < length:
        raise BadInput(f"a passage holds {shortest} tokens of {length}: cut longer ones")
    return torch.stack(ids)
