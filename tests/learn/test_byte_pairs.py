"""GPT-2's byte pairs, where its files and the library are."""

import pytest

from scalinglaws.data.by_hand import absent, verified_path
from scalinglaws.data.text import GPT2_ENCODER, GPT2_MERGES
from scalinglaws.learn.byte_pairs import VOCABULARY, byte_pair_ids, missing_extra


def test_a_text_has_the_tokens_that_gpt2_gives_it():
    if missing_extra() or absent(GPT2_ENCODER) or absent(GPT2_MERGES):
        pytest.skip("GPT-2's encoder.json and vocab.bpe, or tokenizers, are not on this machine")
    ids = byte_pair_ids(
        "Hello world<|endoftext|>", verified_path(GPT2_ENCODER), verified_path(GPT2_MERGES)
    )
    assert ids[:2].tolist() == [15496, 995]
    assert ids.max() < VOCABULARY
