"""CIFAR-10 in its binary version, https://www.cs.toronto.edu/~kriz/cifar.html. No pickles.

It is not downloaded: put `cifar-10-binary.tar.gz`, or the folder `cifar-10-batches-bin` that is
in it, into `cifar_10/` of a data folder. The authors give a checksum of the archive alone, so
the archive is verified by it; unpacked files only by their sizes and by how often each label
occurs.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from scalinglaws.data.published import data_roots
from scalinglaws.errors import BadInput

CIFAR_10 = "cifar-10"
SIDE, COLOURS, CLASSES = 32, 3, 10
RECORD = 1 + COLOURS * SIDE**2  # a label, then the red, green and blue planes, row by row
PER_FILE = 10_000
TRAIN_FILES = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
FILES = (*TRAIN_FILES, "test_batch.bin")
FOLDER, INNER, ARCHIVE = "cifar_10", "cifar-10-batches-bin", "cifar-10-binary.tar.gz"
ARCHIVE_SHA256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"


@dataclass(frozen=True)
class Release:
    """What the six files must be: `per_file` images each, equally many of every class in the
    training files together and in the test file, and the archive's SHA-256."""

    per_file: int = PER_FILE
    archive_sha256: str = ARCHIVE_SHA256


@dataclass(frozen=True)
class ColourImages:
    """Images with labels, training images first as published."""

    pixels: UInt8[ndarray, "n colours height width"]
    labels: UInt8[ndarray, " n"]
    n_train: int


def find_cifar(roots: tuple[Path, ...] | None = None) -> Path | None:
    """The archive or the folder of unpacked files in the first data folder that has either."""
    return next(filter(_is_cifar, _places(roots or data_roots())), None)


def load_cifar(path: Path | None = None, release: Release = Release()) -> ColourImages:
    """60 000 images of 3 x 32 x 32 with values 0-255, the first 50 000 for training.

    path: the archive or the folder of its files; by default where `find_cifar` finds it.
    Raises BadInput if nothing is there, saying where to put it, or if it is not what was
    published.
    """
    path = path or find_cifar()
    if path is None:
        raise BadInput(absent())
    contents = _unpacked(path, release) if path.is_dir() else _archived(path, release)
    parsed = [parse_records(contents[name], f"{path}: {name}") for name in FILES]
    pixels, labels = (np.concatenate(parts) for parts in zip(*parsed, strict=True))
    n_train = len(TRAIN_FILES) * release.per_file
    for part in (labels[:n_train], labels[n_train:]):
        if len(set(np.bincount(part, minlength=CLASSES).tolist())) != 1:
            raise BadInput(
                f"{path}: not the published CIFAR-10, whose classes are equally frequent: "
                "unpack the archive again"
            )
    return ColourImages(pixels, labels, n_train)


def parse_records(
    content: bytes, where: str
) -> tuple[UInt8[ndarray, "n colours height width"], UInt8[ndarray, " n"]]:
    """(pixels, labels) of one file; `where` names it in messages.

    Raises BadInput unless it is whole records with labels 0-9. No memory is taken: the arrays
    look into `content`.
    """
    if not content or len(content) % RECORD:
        raise BadInput(
            f"{where}: not CIFAR-10's binary version, records of {RECORD} bytes each: "
            f"it holds {len(content)} bytes"
        )
    records = np.frombuffer(content, dtype=np.uint8).reshape(-1, RECORD)
    labels = records[:, 0]
    if labels.max() >= CLASSES:
        raise BadInput(
            f"{where}: a label of {labels.max()}, CIFAR-10's are 0 to {CLASSES - 1}: is it the "
            "binary version of CIFAR-10?"
        )
    return records[:, 1:].reshape(-1, COLOURS, SIDE, SIDE), labels


def absent(roots: tuple[Path, ...] | None = None) -> str:
    """Where the files belong, for messages."""
    first = (roots or data_roots())[0] / FOLDER
    return (
        f"{CIFAR_10} is not on this machine: put {ARCHIVE} from "
        f"https://www.cs.toronto.edu/~kriz/cifar.html, or its folder {INNER}, into {first}"
    )


def _places(roots: tuple[Path, ...]) -> Iterator[Path]:
    for root in roots:
        yield root / FOLDER / ARCHIVE
        yield root / FOLDER / INNER


def _is_cifar(path: Path) -> bool:
    return path.is_file() or all((path / name).is_file() for name in FILES)


def _unpacked(folder: Path, release: Release) -> dict[str, bytes]:
    size = release.per_file * RECORD
    found: dict[str, bytes] = {}
    for name in FILES:
        with (folder / name).open("rb") as stream:
            found[name] = stream.read(size + 1)  # never more, whatever lies there
    _require_sizes(found, release, folder)
    return found


def _archived(path: Path, release: Release) -> dict[str, bytes]:
    """The six members, read one by one up to their size; nothing is extracted to disk."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != release.archive_sha256:
        raise BadInput(
            f"{path}: not the published {ARCHIVE}: SHA-256 {digest[:16]}..., should be "
            f"{release.archive_sha256[:16]}...: delete it and download it again"
        )
    size = release.per_file * RECORD
    found: dict[str, bytes] = {}
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            folder, _, name = member.name.rpartition("/")
            if folder == INNER and name in FILES and (stream := archive.extractfile(member)):
                found[name] = stream.read(size + 1)
    _require_sizes(found, release, path)
    return found


def _require_sizes(found: Mapping[str, bytes], release: Release, where: Path) -> None:
    size = release.per_file * RECORD
    for name in FILES:
        held = len(found.get(name, b""))
        if held != size:
            what = f"more than {size}" if held > size else str(held)
            raise BadInput(f"{where}: {name} holds {what} bytes, should be {size}: get it again")
