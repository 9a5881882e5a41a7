"""Text from anywhere, made safe to show."""

from __future__ import annotations

import re

_BLANK = re.compile(r"[\t\n\r]")
# Controls, those that turn the direction of what follows, lone surrogates, and the two
# noncharacters that XML forbids.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """`text` with every character that is unsafe to show replaced by U+FFFD.

    A label from a file must not move the cursor of a terminal, reorder the text around it nor
    break an XML parser. Tabs and line ends become spaces.
    """
    return _UNSAFE.sub("\ufffd", _BLANK.sub(" ", text))
