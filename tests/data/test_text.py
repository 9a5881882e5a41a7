"""Text, and passages of it that do not overlap."""

import re

import numpy as np
import pytest

from scalinglaws.data.by_hand import absent
from scalinglaws.data.text import (
    PER_STRETCH,
    SOTU,
    character_ids,
    load_text,
    passages,
    split,
)
from scalinglaws.errors import BadInput

TEXT = " ".join(f"word{i:05d}" for i in range(2000))  # every word once, ten characters each


def words(n: int, characters: int, seed: int = 0) -> list[list[int]]:
    cut = passages(TEXT, n, characters, np.random.default_rng(seed))
    return [[int(i) for i in re.findall(r"word(\d{5})", passage)] for passage in cut]


@pytest.mark.parametrize(("n", "characters"), [(1, 500), (40, 100), (200, 99)])
def test_passages_are_in_order_and_disjoint(n: int, characters: int):
    found = words(n, characters)
    assert len(found) == n
    every = [word for passage in found for word in passage]
    assert every == sorted(set(every))
    # Nearly all of what was asked for: a word may be cut at either end.
    assert all(10 * len(passage) >= characters - 30 for passage in found)


def test_passages_start_at_a_space_and_spread_over_the_text():
    cut = passages(TEXT, 40, 100, np.random.default_rng(1))
    assert all(passage.startswith(" word") for passage in cut)
    starts = np.array([TEXT.index(passage) for passage in cut])
    share = len(TEXT) // 40
    # The place within the share, cut at the next space, is uniform over what is left of it.
    assert (starts // share == np.arange(40)).all()
    assert np.std(starts % share) > 0.2 * (share - 100)


def test_another_seed_cuts_elsewhere():
    assert words(40, 100, seed=1) == words(40, 100, seed=1)
    assert words(40, 100, seed=1) != words(40, 100, seed=2)


def test_a_text_too_short_is_refused():
    assert len(words(200, len(TEXT) // 200)) == 200
    with pytest.raises(BadInput, match=r"200 disjoint passages of 100 .* need a text of 20000"):
        words(200, 100)


def test_characters_are_numbered_in_the_order_of_the_alphabet():
    ids, alphabet = character_ids("b\u2014ab\n")
    assert alphabet == "\nab\u2014"
    assert ids.tolist() == [2, 3, 1, 2, 0]


def test_every_token_of_the_text_is_a_target_once_and_held_out_ones_are_not_trained_on():
    context, stretches = 5, 40
    length = PER_STRETCH * context + 1
    found = split(np.arange(stretches * length + 3), context)  # three tokens are left over
    targets = [part[..., 1:].ravel() for part in (found.training, found.held_out)]
    first_of_stretches = np.arange(stretches) * length
    every = np.setdiff1d(np.arange(stretches * length), first_of_stretches)
    assert np.array_equal(np.sort(np.concatenate(targets)), every)
    assert not np.intersect1d(found.training, found.held_out).size
    assert len(found.held_out) == stretches // 16 + 1
    # A stretch can be read on from sequence to sequence.
    assert (np.diff(found.held_out[0, :, :-1].ravel()) == 1).all()


def test_a_text_with_nothing_to_hold_out_is_refused():
    with pytest.raises(BadInput, match="too short to hold out 321"):
        split(np.zeros(2 * 321 - 1, dtype=int), 5)


def test_the_real_corpus_is_read_whole():
    if absent(SOTU):
        pytest.skip("the corpus is not on this machine: set SCALINGLAWS_DATA")
    text = load_text()
    assert text.startswith("Fellow-Citizens of the Senate")
    assert len(text.encode()) == 12_185_751
