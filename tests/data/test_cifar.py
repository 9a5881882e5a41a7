"""CIFAR-10's binary version: small files in the real format."""

import hashlib
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from scalinglaws.data.cifar import (
    ARCHIVE,
    FILES,
    FOLDER,
    INNER,
    RECORD,
    Release,
    find_cifar,
    load_cifar,
    parse_records,
)
from scalinglaws.errors import BadInput

PER_FILE = 10  # one image of every class


def records(first: int) -> bytes:
    """Ten images with labels 9..0; image i is red i + first, green 100, blue rising by rows."""
    out = bytearray()
    for i in range(PER_FILE):
        rows = bytes(row for row in range(32) for _ in range(32))
        out += bytes([9 - i]) + bytes([i + first]) * 1024 + bytes([100]) * 1024 + rows
    return bytes(out)


@pytest.fixture
def contents() -> dict[str, bytes]:
    return {name: records(10 * i) for i, name in enumerate(FILES)}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, the only one searched."""
    monkeypatch.setenv("SCALINGLAWS_DATA", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / FOLDER).mkdir()
    return tmp_path


@pytest.fixture
def unpacked(root: Path, contents: dict[str, bytes]) -> Path:
    folder = root / FOLDER / INNER
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return folder


def archive(root: Path, contents: dict[str, bytes], inner: str = INNER) -> tuple[Path, Release]:
    """An archive as published, and the release whose checksum it has."""
    path = root / FOLDER / ARCHIVE
    with tarfile.open(path, "w:gz") as tar:
        for name, content in {"readme.html": b"<html>", **contents}.items():
            member = tarfile.TarInfo(f"{inner}/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path, Release(PER_FILE, hashlib.sha256(path.read_bytes()).hexdigest())


def test_planes_are_red_green_blue_row_by_row():
    pixels, labels = parse_records(records(7), "here")
    assert labels.tolist() == list(range(9, -1, -1))
    assert (pixels[4, 0] == 11).all()
    assert (pixels[4, 1] == 100).all()
    assert (pixels[4, 2] == np.arange(32)[:, None]).all()


def test_files_are_joined_in_their_order_the_test_file_last(unpacked: Path):
    assert find_cifar() == unpacked
    images = load_cifar(release=Release(PER_FILE))
    assert images.pixels.shape == (60, 3, 32, 32)
    assert images.n_train == 50
    assert images.pixels[::10, 0, 0, 0].tolist() == [0, 10, 20, 30, 40, 50]


def test_the_archive_gives_the_same_images_without_unpacking(
    root: Path, contents: dict[str, bytes], unpacked: Path
):
    path, release = archive(root, contents)
    assert find_cifar() == path  # the verified one is preferred
    archived, files = load_cifar(release=release), load_cifar(unpacked, release)
    assert (archived.pixels == files.pixels).all()
    assert (archived.labels == files.labels).all()
    assert [p.name for p in (root / FOLDER).iterdir() if p != unpacked] == [ARCHIVE]


def test_an_archive_that_is_not_the_published_one_is_refused(
    root: Path, contents: dict[str, bytes]
):
    archive(root, contents)
    with pytest.raises(BadInput, match=r"not the published cifar-10-binary.tar.gz: SHA-256"):
        load_cifar()


def test_members_elsewhere_in_the_archive_are_not_taken(root: Path, contents: dict[str, bytes]):
    _, release = archive(root, contents, inner="../elsewhere")
    with pytest.raises(BadInput, match=r"data_batch_1.bin holds 0 bytes, should be 30730"):
        load_cifar(release=release)


@pytest.mark.parametrize(("extra", "held"), [(b"x", "more than 30730"), (b"", "30729")])
def test_a_file_of_another_size_is_refused(unpacked: Path, extra: bytes, held: str):
    whole = (unpacked / FILES[3]).read_bytes()
    (unpacked / FILES[3]).write_bytes(whole + extra if extra else whole[:-1])
    with pytest.raises(BadInput, match=f"data_batch_4.bin holds {held} bytes"):
        load_cifar(release=Release(PER_FILE))


def test_files_of_another_balance_are_refused(unpacked: Path):
    content = bytearray((unpacked / FILES[-1]).read_bytes())
    content[0] = 3  # a nine becomes a three
    (unpacked / FILES[-1]).write_bytes(bytes(content))
    with pytest.raises(BadInput, match="classes are equally frequent"):
        load_cifar(release=Release(PER_FILE))


@pytest.mark.parametrize("content", [b"", bytes(RECORD - 1), b"\x80\x02}q\x00" * 100])
def test_other_formats_are_refused(content: bytes):
    with pytest.raises(BadInput, match="not CIFAR-10's binary version"):
        parse_records(content, "here")


def test_a_label_beyond_nine_is_refused():
    with pytest.raises(BadInput, match="a label of 10"):
        parse_records(bytes([10]) + bytes(RECORD - 1), "here")


def test_absent_files_are_named_with_their_place(root: Path):
    assert find_cifar() is None
    with pytest.raises(BadInput, match=r"cifar-10-binary.tar.gz from https.*cifar_10"):
        load_cifar()


def test_a_folder_that_lacks_a_file_is_not_found(unpacked: Path):
    (unpacked / FILES[2]).unlink()
    assert find_cifar() is None
