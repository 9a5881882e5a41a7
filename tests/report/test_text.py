"""Text from anywhere becomes text that moves no cursor and breaks no parser."""

from __future__ import annotations

import unicodedata
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from hypothesis import example, given, settings
from hypothesis import strategies as st

from scalinglaws.report.text import printable

anything = st.text(st.characters(exclude_categories=()))


@given(anything)
@example("".join(map(chr, range(0xA0))))
@example("\ud800\udfff")
@settings(deadline=None, max_examples=100)
def test_no_control_character_nor_lone_surrogate_is_left_and_nothing_is_lost(text: str):
    shown = printable(text)
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cs"}
    assert len(shown) == len(text)
    assert all(a == b for a, b in zip(text, shown, strict=True) if b not in " \ufffd")
    assert printable(shown) == shown


def test_tabs_and_line_ends_become_spaces_and_other_controls_are_marked():
    assert printable("a\tb\r\nc\x00\x1b[2J\x9b") == "a b  c\ufffd\ufffd[2J\ufffd"


@given(anything)
@example("\ufffe\uffff")
@settings(deadline=None, max_examples=100)
def test_printable_text_is_xml(text: str):
    shown = printable(text)
    assert (ET.fromstring(f"<a>{escape(shown)}</a>").text or "") == shown


def test_no_label_turns_the_direction_of_what_follows():
    turning = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
    assert {unicodedata.bidirectional(chr(c)) for c in turning} == {
        *("LRE", "RLE", "PDF", "LRO", "RLO"),
        *("LRI", "RLI", "FSI", "PDI"),
    }
    assert printable("".join(map(chr, turning))) == "\ufffd" * len(turning)
