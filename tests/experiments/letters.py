"""A language model small enough to build in a test, and a text for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest


def random_text() -> str:
    """Letters in no order."""
    return "".join(map(chr, np.random.default_rng(5).integers(97, 123, 20_000)))


class Letters:
    """Stands in for a pretrained model: a small random Llama that reads text letter by letter."""

    description = "letters"

    def __init__(self) -> None:
        torch = pytest.importorskip("torch")
        transformers = pytest.importorskip("transformers")
        config = transformers.LlamaConfig(
            vocab_size=128,
            hidden_size=16,
            intermediate_size=24,
            num_hidden_layers=2,
            num_attention_heads=2,
            initializer_range=0.5,
        )
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.model = transformers.LlamaModel(config).eval()

    def ids(self, text: str) -> Any:
        torch = pytest.importorskip("torch")
        return torch.tensor([ord(letter) for letter in text])
