"""The published image sets: their files, checksums and homes; where they are on this machine.

A file may lie as published (.gz) or unpacked: the checksum is that of its content, since
distributions pack the same bytes anew.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from scalinglaws.errors import BadInput, UnknownName

VARIABLE = "SCALINGLAWS_DATA"


@dataclass(frozen=True)
class PublishedFile:
    """One file: its name without .gz, its size in bytes and the SHA-256 of its content."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Published:
    """A data set as its makers publish it."""

    name: str
    title: str
    folder: str  # under the data folder
    home: str  # FILE.gz is at home + FILE.gz
    files: tuple[PublishedFile, ...]


FASHION_MNIST = Published(
    name="fashion-mnist",
    title="Fashion-MNIST (Xiao, Rasul & Vollgraf 2017), 60 000 + 10 000 images of 28 x 28",
    folder="fashion_mnist",
    home="https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    files=(
        PublishedFile(
            "train-images-idx3-ubyte",
            47_040_016,
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        ),
        PublishedFile(
            "train-labels-idx1-ubyte",
            60_008,
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        ),
        PublishedFile(
            "t10k-images-idx3-ubyte",
            7_840_016,
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        ),
        PublishedFile(
            "t10k-labels-idx1-ubyte",
            10_008,
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    ),
)
MNIST = Published(
    name="mnist",
    title="MNIST (LeCun, Cortes & Burges), 60 000 + 10 000 images of 28 x 28",
    folder="mnist",
    home="https://ossci-datasets.s3.amazonaws.com/mnist/",  # PyTorch's copy; the home refuses
    files=(
        PublishedFile(
            "train-images-idx3-ubyte",
            47_040_016,
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        PublishedFile(
            "train-labels-idx1-ubyte",
            60_008,
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        PublishedFile(
            "t10k-images-idx3-ubyte",
            7_840_016,
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        PublishedFile(
            "t10k-labels-idx1-ubyte",
            10_008,
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
)
PUBLISHED = {data.name: data for data in (FASHION_MNIST, MNIST)}


def published(name: str) -> Published:
    """The published data set of that name. Raises UnknownName."""
    if name not in PUBLISHED:
        raise UnknownName("dataset", name, PUBLISHED)
    return PUBLISHED[name]


def data_roots() -> tuple[Path, ...]:
    """The folders searched, in order: $SCALINGLAWS_DATA, then ~/.cache/scalinglaws."""
    named = os.environ.get(VARIABLE)
    cache = Path.home() / ".cache" / "scalinglaws"
    return (Path(named), cache) if named else (cache,)


def find(data: Published, roots: tuple[Path, ...] | None = None) -> tuple[Path, ...] | None:
    """The paths of all files of `data` in the first folder that has them all, else None."""
    for root in data_roots() if roots is None else roots:
        paths = tuple(path_of(root / data.folder, file) for file in data.files)
        if None not in paths:
            return cast(tuple[Path, ...], paths)
    return None


def path_of(folder: Path, file: PublishedFile) -> Path | None:
    """Where `file` lies in `folder`, unpacked or packed; None if it does not."""
    candidates = (folder / file.name, folder / f"{file.name}.gz")
    return next((path for path in candidates if path.is_file()), None)


def read_file(path: Path, file: PublishedFile) -> bytes:
    """The content of `file` at `path`, unpacked if it is gzip, its checksum verified.

    Never reads more than the published size. Raises BadInput if the content is not that which
    was published.
    """
    try:
        with _open(path) as stream:
            content = stream.read(file.size + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadInput(f"{path}: broken gzip file ({error}): delete it and fetch again") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != file.sha256:
        raise BadInput(
            f"{path}: not the published {file.name}: SHA-256 {digest[:16]}..., "
            f"should be {file.sha256[:16]}...: delete it and fetch again"
        )
    return content


def _open(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")
