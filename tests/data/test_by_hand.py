"""Files put in place by hand: checked like any other, and their place is named."""

import gzip
import hashlib
from pathlib import Path

import pytest

from scalinglaws.data.by_hand import absent, read, verified_path
from scalinglaws.data.checkpoints import SMOLLM2
from scalinglaws.data.published import Published, PublishedFile
from scalinglaws.data.text import SOTU
from scalinglaws.errors import BadInput

CONTENT = b"a speech"
SPEECH = Published(
    name="speech",
    title="A speech",
    folder="text",
    home="https://example.invalid/speeches/",
    files=(PublishedFile("speech.txt", len(CONTENT), hashlib.sha256(CONTENT).hexdigest()),),
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the file belongs; nothing is there yet."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SCALINGLAWS_DATA", str(tmp_path))
    (tmp_path / "text").mkdir()
    return tmp_path / "text" / "speech.txt"


def test_an_absent_file_is_named_with_its_home_and_its_place(place: Path):
    why = absent(SPEECH)
    assert str(place) in why
    assert SPEECH.home in why
    for reader in (read, verified_path):
        with pytest.raises(BadInput) as refused:
            reader(SPEECH)
        assert str(refused.value) == why


def test_the_published_file_is_read_and_no_other(place: Path):
    place.write_bytes(CONTENT)
    assert absent(SPEECH) == ""
    assert read(SPEECH) == CONTENT
    assert verified_path(SPEECH) == place
    place.write_bytes(b"a screed")
    for reader in (read, verified_path):
        with pytest.raises(BadInput, match=r"not the published speech\.txt"):
            reader(SPEECH)


def test_a_packed_file_can_be_read_but_not_opened_in_place(place: Path):
    place.with_name("speech.txt.gz").write_bytes(gzip.compress(CONTENT))
    assert read(SPEECH) == CONTENT
    with pytest.raises(BadInput, match=r"unpack it to .*speech\.txt"):
        verified_path(SPEECH)


@pytest.mark.parametrize("data", [SMOLLM2, SOTU])
def test_the_real_files_are_the_published_ones(data: Published):
    if absent(data):
        pytest.skip(f"{data.name} is not on this machine: set SCALINGLAWS_DATA")
    assert verified_path(data).stat().st_size == data.files[0].size
