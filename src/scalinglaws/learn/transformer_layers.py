"""The layers of a decoder-only transformer, and their activations at chosen tokens.

Sharma & Kaplan 2020, section 3.4: "for each layer of blocks, one can measure the ID from the output
of the attention mechanism, the fully-connected layer, or from the output of the residual
re-combination".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from jaxtyping import Int, Shaped
from torch import Tensor, nn

from scalinglaws.errors import BadInput
from scalinglaws.learn.activations import MAX_BYTES, capture

BATCH_TOKENS = 2048  # fed at once
_ATTENTION = ("self_attn", "attn", "attention", "self_attention")  # Llama; GPT-2; GPT-NeoX; Falcon
_MLP = ("mlp", "feed_forward")

Activations = Shaped[Tensor, "n positions width"]


class Kind(StrEnum):
    """What of a block. The residual stream is taken as the block leaves it: after the last block,
    that is before the model's final norm."""

    ATTENTION = "attention"  # the attention module's output, before it is added to the stream
    MLP = "mlp"  # the fully connected module's output, before it is added
    RESIDUAL = "residual"  # the stream after both were added


Block = Mapping[Kind, str]  # what -> the name of the module whose output it is


def transformer_blocks(model: nn.Module) -> tuple[Block, ...]:
    """The names of every block's modules, first block first.

    Blocks are the longest list of modules of which each has an attention and an MLP by the names
    that Llama, GPT-2, GPT-NeoX and their kin use. Raises BadInput if there is none.
    """
    lists = {name: m for name, m in model.named_modules() if isinstance(m, nn.ModuleList)}
    found = {name: _blocks(name, blocks) for name, blocks in lists.items()}
    longest = max(found.values(), key=len, default=())
    if not longest:
        raise BadInput(
            f"{type(model).__name__} has no list of blocks that each have an attention "
            f"({', '.join(_ATTENTION)}) and an MLP ({', '.join(_MLP)}): use "
            "learn.activations.capture with the layers' names"
        )
    return longest


def capture_tokens(
    model: nn.Module,
    ids: Int[Tensor, "n T"],
    layers: Sequence[str],
    positions: Sequence[int],
    *,
    max_bytes: int = MAX_BYTES,
) -> dict[str, Activations]:
    """Activations of n sequences of T tokens at `positions`, in the order given.

    (-1,) takes the last token of every sequence; range(1, T) every token of one. Position 0 is
    refused: it sees nothing but itself, and other tokens park their attention there, so that its
    activations are outliers (in SmolLM2-135M nine times the median norm after the fifth block).

    Raises BadInput, and what `capture` raises.
    """
    n, T = ids.shape
    kept = [p + T if p < 0 else p for p in positions]
    if not kept or not all(0 < p < T for p in kept):
        raise BadInput(
            f"positions lie from 1 to {T - 1} in sequences of {T} tokens (position 0 is left out: "
            f"it sees no other token), not {list(positions)!r:.80}"
        )
    feeds = [
        {"input_ids": batch, "use_cache": False} for batch in ids.split(max(1, BATCH_TOKENS // T))
    ]
    rows = capture(
        model, feeds, layers, select=lambda h: h[:, kept].flatten(0, 1), max_bytes=max_bytes
    )
    return {name: found.unflatten(0, (n, len(kept))) for name, found in rows.items()}


def _blocks(name: str, blocks: nn.ModuleList) -> tuple[Block, ...]:
    """The list's blocks, or nothing if any of its modules is not one."""
    found: list[Block] = []
    for i, block in enumerate(blocks):
        children = dict(block.named_children())
        attention = next((own for own in _ATTENTION if own in children), None)
        mlp = next((own for own in _MLP if own in children), None)
        if attention is None or mlp is None:
            return ()
        here = f"{name}.{i}" if name else str(i)
        found.append(
            {
                Kind.ATTENTION: f"{here}.{attention}",
                Kind.MLP: f"{here}.{mlp}",
                Kind.RESIDUAL: here,
            }
        )
    return tuple(found)
