"""Transformer layers by name, held against what a transformer is: a sum over its blocks."""

import copy
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from scalinglaws.errors import BadInput
from scalinglaws.learn import transformer_layers
from scalinglaws.learn.networks import named_generator
from scalinglaws.learn.transformer_layers import Kind, capture_tokens, transformer_blocks

N, T = 6, 9


def sequences(n: int = N) -> Tensor:
    return torch.randint(0, 11, (n, T), generator=named_generator(3))


def every(model: nn.Module, ids: Tensor) -> dict[str, Tensor]:
    names = [name for block in transformer_blocks(model) for name in block.values()]
    return capture_tokens(model, ids, names, range(1, T))


def test_each_block_adds_its_attention_and_its_mlp_to_the_stream(transformer: Any):
    blocks, found = transformer_blocks(transformer), every(transformer, sequences())
    assert len(blocks) == 3
    for before, block in pairwise(blocks):
        parts = (before[Kind.RESIDUAL], block[Kind.ATTENTION], block[Kind.MLP])
        total = sum(found[name] for name in parts)
        torch.testing.assert_close(found[block[Kind.RESIDUAL]], total, rtol=1e-4, atol=1e-4)


def test_the_stream_is_that_of_transformers_own_hidden_states(transformer: Any):
    ids, blocks = sequences(), transformer_blocks(transformer)
    with torch.no_grad():
        theirs = transformer(ids, output_hidden_states=True)
    found = every(transformer, ids)
    for i, block in enumerate(blocks[:-1], start=1):  # their last is after the final norm
        torch.testing.assert_close(found[block[Kind.RESIDUAL]], theirs.hidden_states[i][:, 1:])
    final = found[blocks[-1][Kind.RESIDUAL]]
    norm = transformer.norm if hasattr(transformer, "norm") else transformer.ln_f
    torch.testing.assert_close(norm(final), theirs.last_hidden_state[:, 1:])
    # Before that norm, which changes it.
    assert not torch.allclose(final, theirs.last_hidden_state[:, 1:], rtol=0.1)


def test_the_head_of_a_causal_model_does_not_hide_its_blocks(llama: Any):
    transformers = pytest.importorskip("transformers")
    causal = transformers.LlamaForCausalLM(llama.config)
    assert [block[Kind.MLP] for block in transformer_blocks(causal)] == [
        f"model.layers.{i}.mlp" for i in range(3)
    ]


def test_positions_are_the_tokens_asked_for(llama: Any, monkeypatch: pytest.MonkeyPatch):
    # In float64: how a processor sums a shorter sequence is far below what is compared.
    llama = copy.deepcopy(llama).double()
    ids, name = sequences(), transformer_blocks(llama)[-1][Kind.RESIDUAL]
    all_tokens = every(llama, ids)[name]
    assert all_tokens.shape == (N, T - 1, 16)
    # Causal: a token's activations are those of a sequence that ends with it.
    ends_there = capture_tokens(llama, ids[:, :5], [name], (-1,))[name]
    torch.testing.assert_close(ends_there[:, 0], all_tokens[:, 3])
    monkeypatch.setattr(transformer_layers, "BATCH_TOKENS", 2 * T)  # two sequences at once
    some = capture_tokens(llama, ids, [name], (7, 2, -1))[name]
    torch.testing.assert_close(some, all_tokens[:, [6, 1, 7]])


@pytest.mark.parametrize("positions", [(0,), (1, 0), (-T,), (T,), (-T - 1,), ()])
def test_position_zero_and_positions_outside_are_refused(llama: Any, positions: tuple[int, ...]):
    with pytest.raises(BadInput, match="positions lie from 1 to 8"):
        capture_tokens(llama, sequences(), ["layers.0"], positions)


def test_a_model_without_blocks_is_refused():
    plain = nn.ModuleDict({"stack": nn.ModuleList([nn.Linear(2, 2)])})
    with pytest.raises(BadInput, match=r"ModuleDict has no list of blocks.*capture"):
        transformer_blocks(plain)
