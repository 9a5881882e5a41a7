"""Small transformers with random weights, one of them as a GGUF file; `thirds` importable."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import torch

sys.path.append(str(Path(__file__).parent))  # last: tests elsewhere have names of ours

TEXT_TOKENS = ["<s>", "</s>", *"abcdefgh", "ab"]


def tiny_llama(blocks: int = 3) -> Any:
    """A LlamaModel of width 16 for 11 tokens."""
    transformers = pytest.importorskip("transformers")
    config = transformers.LlamaConfig(
        vocab_size=len(TEXT_TOKENS),
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=blocks,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=64,
        bos_token_id=0,
        eos_token_id=1,
        initializer_range=0.5,  # wide, so that every module matters
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return transformers.LlamaModel(config).eval()


def tiny_gpt2() -> Any:
    transformers = pytest.importorskip("transformers")
    config = transformers.GPT2Config(
        vocab_size=11, n_positions=64, n_embd=16, n_layer=3, n_head=4, initializer_range=0.5
    )
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return transformers.GPT2Model(config).eval()


@pytest.fixture(params=[tiny_llama, tiny_gpt2], ids=["llama", "gpt2"])
def transformer(request: pytest.FixtureRequest) -> Any:
    return request.param()


@pytest.fixture
def llama() -> Any:
    return tiny_llama()


@pytest.fixture
def gguf_file(tmp_path: Path, llama: Any) -> Path:
    """The small Llama as llama.cpp stores it, in float32, with a vocabulary of letters."""
    gguf = pytest.importorskip("gguf")
    path = tmp_path / "tiny.gguf"
    config = llama.config
    out = gguf.GGUFWriter(path, "llama")
    out.add_block_count(config.num_hidden_layers)
    out.add_context_length(64)
    out.add_embedding_length(16)
    out.add_feed_forward_length(24)
    out.add_head_count(4)
    out.add_head_count_kv(2)
    out.add_layer_norm_rms_eps(config.rms_norm_eps)
    out.add_rope_freq_base(10_000.0)
    out.add_rope_dimension_count(4)
    out.add_vocab_size(len(TEXT_TOKENS))
    out.add_tokenizer_model("gpt2")
    out.add_token_list(TEXT_TOKENS)
    out.add_token_types([3, 3] + [1] * (len(TEXT_TOKENS) - 2))
    out.add_token_merges(["a b"])
    out.add_bos_token_id(0)
    out.add_eos_token_id(1)
    names = {
        "input_layernorm": "attn_norm",
        "post_attention_layernorm": "ffn_norm",
        "self_attn.q_proj": "attn_q",
        "self_attn.k_proj": "attn_k",
        "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output",
        "mlp.gate_proj": "ffn_gate",
        "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down",
    }
    weights = llama.state_dict()
    out.add_tensor("token_embd.weight", weights["embed_tokens.weight"].numpy())
    out.add_tensor("output_norm.weight", weights["norm.weight"].numpy())
    for i in range(config.num_hidden_layers):
        for theirs, name in names.items():
            W = weights[f"layers.{i}.{theirs}.weight"].numpy()
            if name in ("attn_q", "attn_k"):  # llama.cpp interleaves the halves that RoPE turns
                heads = 4 if name == "attn_q" else 2
                W = W.reshape(heads, 2, 2, 16).swapaxes(1, 2).reshape(W.shape)
            out.add_tensor(f"blk.{i}.{name}.weight", W)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    return path
