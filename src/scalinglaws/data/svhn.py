"""SVHN's cropped digits (format 2), http://ufldl.stanford.edu/housenumbers: MATLAB files.

It is not downloaded: put `train_32x32.mat`, `extra_32x32.mat` and `test_32x32.mat` into `svhn/`
of a data folder. Their home gives no checksums; these are the MD5 sums that torchvision verifies.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from scalinglaws.data.cifar import CLASSES, COLOURS, SIDE, ColourImages
from scalinglaws.data.published import data_roots
from scalinglaws.errors import BadInput

SVHN = "svhn"
FOLDER = "svhn"
HOME = "http://ufldl.stanford.edu/housenumbers"
TEST_FILE = "test_32x32.mat"


@dataclass(frozen=True)
class MatFile:
    """How many images a file holds, and its MD5 sum."""

    name: str
    count: int
    md5: str


FILES = (
    MatFile("train_32x32.mat", 73_257, "e26dedcc434d2e4c54c9b2d4a06d8373"),
    MatFile("extra_32x32.mat", 531_131, "a93ce644f1a588dc4d68dda5feec44a7"),
    MatFile(TEST_FILE, 26_032, "eb5a983be6a315427106f1b164d9cef3"),
)


def find_svhn(roots: tuple[Path, ...] | None = None) -> Path | None:
    """The first data folder's `svhn/` that holds all three files."""
    folders = [root / FOLDER for root in roots or data_roots()]
    return next((f for f in folders if all((f / file.name).is_file() for file in FILES)), None)


def load_svhn(folder: Path | None = None, files: tuple[MatFile, ...] = FILES) -> ColourImages:
    """630 420 images of 3 x 32 x 32 with values 0-255; those of train and extra, 604 388, first.

    folder: of the three files; by default where `find_svhn` finds them. Takes 1.9 GB, and for
    a moment as much again.
    Raises BadInput if nothing is there, saying where to put it, or if it is not what was
    published.
    """
    folder = folder or find_svhn()
    if folder is None:
        raise BadInput(absent())
    total = sum(file.count for file in files)
    pixels = np.empty((total, COLOURS, SIDE, SIDE), dtype=np.uint8)
    labels = np.empty(total, dtype=np.uint8)
    start = 0
    for file in files:
        end = start + file.count
        pixels[start:end], labels[start:end] = _read(folder / file.name, file)
        start = end
    return ColourImages(pixels, labels, n_train=total - files[-1].count)


def absent(roots: tuple[Path, ...] | None = None) -> str:
    """Where the files belong, for messages."""
    names = ", ".join(file.name for file in FILES)
    where = (roots or data_roots())[0] / FOLDER
    return f"{SVHN} is not on this machine: put {names} from {HOME} into {where}"


def _read(
    path: Path, file: MatFile
) -> tuple[UInt8[ndarray, "n colours height width"], UInt8[ndarray, " n"]]:
    """Pixels and labels 0-9 of one file, whose checksum and header are verified first."""
    from scipy.io import loadmat, whosmat  # late: slow to import

    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "md5").hexdigest()
    if digest != file.md5:
        raise BadInput(
            f"{path}: not the published {file.name}: MD5 {digest[:16]}..., should be "
            f"{file.md5[:16]}...: delete it and download it again"
        )
    expected = {("X", (SIDE, SIDE, COLOURS, file.count), "uint8"), ("y", (file.count, 1), "uint8")}
    found = set(whosmat(path))  # from the headers, before memory is taken
    if not found >= expected:
        raise BadInput(f"{path}: holds {sorted(found)}, should hold {sorted(expected)}")
    held = loadmat(path, variable_names=("X", "y"))
    labels = held["y"][:, 0]
    if labels.min() < 1 or labels.max() > CLASSES:
        raise BadInput(f"{path}: labels {labels.min()} to {labels.max()}, SVHN's are 1 to 10")
    # Images are (height, width, colours); the digit 0 has the label 10.
    return held["X"].transpose(3, 2, 0, 1), labels % CLASSES
