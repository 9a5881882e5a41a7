"""GPT-2's tokens of a text, from the two files that its makers publish."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from scalinglaws.errors import MissingExtra

VOCABULARY = 50_257


def missing_extra() -> MissingExtra | None:
    """The error that `byte_pair_ids` would raise for its absent library; imports none."""
    return None if importlib.util.find_spec("tokenizers") else MissingExtra("tokenizers", "lm")


def byte_pair_ids(text: str, encoder: Path, merges: Path) -> Int[ndarray, " n"]:
    """encoder, merges: encoder.json and vocab.bpe. Raises MissingExtra."""
    if missing := missing_extra():
        raise missing
    from tokenizers import ByteLevelBPETokenizer

    tokenizer = ByteLevelBPETokenizer.from_file(str(encoder), str(merges))
    return np.array(tokenizer.encode(text).ids, dtype=np.int64)
