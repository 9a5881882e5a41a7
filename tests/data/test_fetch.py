"""Fetching: whole and verified, or not at all. No test touches the network."""

import gzip
import io
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from scalinglaws.data.fetch import check_or_fetch
from scalinglaws.data.published import Published
from scalinglaws.errors import BadInput


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, contents: dict[str, bytes]) -> dict[str, bytes]:
    """What the home answers, by file name; a name that is not there is a 404."""
    files = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in contents.items()}

    def urlopen(url: str, timeout: float) -> io.BytesIO:
        name = url.removeprefix("https://example.invalid/")
        if name not in files:
            raise urllib.error.URLError("Name or service not known")
        return io.BytesIO(files[name])

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    return files


def test_present_files_are_checked_and_left(root: Path, small: Published):
    before = sorted(root.rglob("*"))
    checked = check_or_fetch(small, (root,))
    assert not checked.downloaded
    assert checked.folder == root / "small"
    assert sorted(root.rglob("*")) == before


def test_absent_files_are_downloaded_once(
    tmp_path: Path, small: Published, served: dict[str, bytes]
):
    assert check_or_fetch(small, (tmp_path,)).downloaded
    served.clear()
    again = check_or_fetch(small, (tmp_path,))
    assert not again.downloaded
    # Nothing but the files is left behind.
    assert {path.name for path in (tmp_path / "small").iterdir()} == {p.name for p in again.files}


def test_only_what_is_missing_is_downloaded(
    root: Path, small: Published, served: dict[str, bytes], contents: dict[str, bytes]
):
    name = small.files[1].name
    for path in (root / "small").glob(f"{name}*"):
        path.unlink()
    for other in contents:
        if other != name:
            del served[f"{other}.gz"]
    assert check_or_fetch(small, (root,)).files[1] == root / "small" / f"{name}.gz"


def test_without_a_network_it_says_where_the_files_belong(
    tmp_path: Path, small: Published, served: dict[str, bytes]
):
    served.clear()
    with pytest.raises(BadInput, match=r"Name or service not known.*into .*small") as refused:
        check_or_fetch(small, (tmp_path,))
    assert "\n" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (gzip.compress(b"something else", mtime=0), "not the published"),
        (b"<html>moved</html>", "broken gzip"),
        (bytes(10_000), "larger than the published"),
    ],
    ids=["another file", "no gzip", "too large"],
)
def test_a_wrong_download_never_takes_the_files_name(
    tmp_path: Path, small: Published, served: dict[str, bytes], answer: bytes, rule: str
):
    served["train-images-idx3-ubyte.gz"] = answer
    with pytest.raises(BadInput, match=rule):
        check_or_fetch(small, (tmp_path,))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_wrong_file_on_disk_is_refused_not_replaced(
    root: Path, small: Published, served: dict[str, bytes]
):
    path = next((root / "small").glob("t10k-labels*"))
    path.write_bytes(b"mine")
    with pytest.raises(BadInput, match="delete it and fetch again"):
        check_or_fetch(small, (root,))
    assert path.read_bytes() == b"mine"
