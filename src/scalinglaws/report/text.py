"""Text from anywhere, made safe to show."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """`text` with every control character and lone surrogate replaced by U+FFFD.

    A label from a file must not move the cursor of a terminal nor break an XML parser.
    Tabs and line ends become spaces.
    """
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character in "\t\n\r":
        return " "
    return "\ufffd" if unicodedata.category(character) in ("Cc", "Cs") else character
