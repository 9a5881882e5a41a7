"""Pretrained language models from a file on this machine. Nothing is downloaded."""

from __future__ import annotations

import importlib.util
import io
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock
from typing import TYPE_CHECKING, Any

from scalinglaws.errors import BadInput, MissingExtra

if TYPE_CHECKING:
    from jaxtyping import Int
    from torch import Tensor, nn

# What opening a model needs, and the extra that brings it.
NEEDS = {"torch": "train", "transformers": "lm", "gguf": "lm", "tokenizers": "lm"}


@dataclass(frozen=True)
class Pretrained:
    """A pretrained language model in eval mode, and what every result of it must say.

    model: without the layer that makes logits.
    description: say "SmolLM2-135M, 4-bit, instruction-tuned".
    """

    model: nn.Module
    tokenizer: Any
    description: str

    def ids(self, text: str) -> Int[Tensor, " tokens"]:
        """The text's tokens; nothing is put before or after them."""
        import torch

        encoded = self.tokenizer(text, add_special_tokens=False, verbose=False)
        return torch.tensor(encoded["input_ids"], dtype=torch.long)


def missing_extra() -> MissingExtra | None:
    """The error that `open_gguf` would raise for an absent library; imports none."""
    absent = (module for module in NEEDS if importlib.util.find_spec(module) is None)
    return next((MissingExtra(module, NEEDS[module]) for module in absent), None)


def open_gguf(path: Path, description: str) -> Pretrained:
    """The causal model and the tokenizer of a GGUF file, its weights unpacked to float32.

    The file's quantisation stays in the values: `description` must name it.
    Raises MissingExtra, and BadInput for a file that is not there or that cannot be read.
    """
    if missing := missing_extra():
        raise missing
    if not path.is_file():
        raise BadInput(f"{path}: no such file")
    import torch
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    # A progress bar's own lock is a named semaphore, which a worker that is killed would leave.
    logging.tqdm.set_lock(RLock())
    where = {"gguf_file": path.name, "local_files_only": True, "trust_remote_code": False}
    # transformers obeys every file beside the one it is given: it is shown that one alone.
    with TemporaryDirectory() as alone, redirect_stderr(io.StringIO()):  # and its progress bars
        Path(alone, path.name).symlink_to(path.resolve())
        try:
            tokenizer = AutoTokenizer.from_pretrained(alone, **where)
            model = AutoModel.from_pretrained(alone, dtype=torch.float32, **where)
        except Exception as error:  # the readers below raise whatever a broken file leads them to
            why = " ".join(str(error).split())
            raise BadInput(
                f"{path}: not a GGUF model that transformers reads: {why:.200}"
            ) from error
    return Pretrained(model.eval(), tokenizer, description)
