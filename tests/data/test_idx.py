"""IDX files: what they say, and files that do not keep it."""

from collections.abc import Callable

import numpy as np
import pytest

from scalinglaws.data.idx import parse_idx
from scalinglaws.errors import BadInput

Write = Callable[..., bytes]


def test_values_come_row_by_row(idx_bytes: Write):
    images = parse_idx(idx_bytes(2, 3, 4), "here")
    assert (images == np.arange(24).reshape(2, 3, 4)).all()
    assert (parse_idx(idx_bytes(5, first=7), "here") == np.arange(7, 12)).all()


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        (lambda content: content[:-1], "promises 24 bytes .* holds 23"),
        (lambda content: content + b"\0", "promises 24 bytes .* holds 25"),
        (lambda content: content[:3], "starts with 00 00 08"),
        (lambda content: b"", "nothing"),
        (lambda content: b"\x1f\x8b" + content[2:], "starts with 1f 8b"),
        (lambda content: content[:2] + b"\x0d" + content[3:], "starts with 00 00 0d"),
        (lambda content: content[:3] + b"\x00" + content[4:], "0 dimensions"),
        (lambda content: content[:3] + b"\xff" + content[4:], "255 dimensions"),
        (lambda content: content[:10], "cut short"),
        # 2^96 bytes promised: refused before any memory is taken
        (lambda content: content[:4] + b"\xff" * 12 + content[16:], "holds 24"),
    ],
)
def test_a_damaged_file_is_refused(idx_bytes: Write, damage: Callable[[bytes], bytes], rule: str):
    with pytest.raises(BadInput, match=rule) as refused:
        parse_idx(damage(idx_bytes(2, 3, 4)), "images.idx")
    assert str(refused.value).startswith("images.idx: ")
