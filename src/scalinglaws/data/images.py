"""Real images for learning: scikit-learn's digits, Fashion-MNIST and MNIST."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8
from numpy import ndarray

from scalinglaws.data.idx import parse_idx
from scalinglaws.data.published import PUBLISHED, Published, find, published, read_file
from scalinglaws.errors import BadInput, UnknownName

DIGITS = "digits"
IMAGE_SETS = (DIGITS, *PUBLISHED)


@dataclass(frozen=True)
class Images:
    """Grey images with labels, training images first as published."""

    pixels: UInt8[ndarray, "n height width"]
    labels: UInt8[ndarray, " n"]
    n_train: int  # the first n_train are the published training set; all of them where none is


def is_present(name: str) -> bool:
    """Whether the image set is on this machine. Raises UnknownName."""
    if name == DIGITS:
        return True
    return find(_published(name)) is not None


def load_images(name: str) -> Images:
    """The image set `name`, its checksums verified.

    digits: 1 797 of 8 x 8 with values 0-16; the others 60 000 + 10 000 of 28 x 28 with 0-255.
    Raises UnknownName, or BadInput saying where the files belong if they are absent.
    """
    if name == DIGITS:
        return _load_digits()
    data = _published(name)
    paths = find(data)
    if paths is None:
        raise BadInput(f"{data.name} is not on this machine: scalinglaws data {data.name}")
    train, train_labels, test, test_labels = (
        parse_idx(read_file(path, file), str(path))
        for path, file in zip(paths, data.files, strict=True)
    )
    return Images(
        pixels=np.concatenate([train, test]),
        labels=np.concatenate([train_labels, test_labels]),
        n_train=len(train),
    )


def average_pool(
    pixels: UInt8[ndarray, "n height width"], size: int
) -> Float[ndarray, "n pooled_height pooled_width"]:
    """Means over size x size blocks. Raises BadInput unless `size` divides height and width."""
    n, height, width = pixels.shape
    if size < 1 or height % size or width % size:
        raise BadInput(f"pooling by {size} does not divide images of {height} x {width}")
    blocks = pixels.reshape(n, height // size, size, width // size, size)
    return blocks.mean(axis=(2, 4), dtype=np.float64)


def _published(name: str) -> Published:
    if name not in IMAGE_SETS:
        raise UnknownName("image set", name, IMAGE_SETS)
    return published(name)


def _load_digits() -> Images:
    from sklearn.datasets import load_digits

    values, labels = load_digits(return_X_y=True)
    n = len(values)
    return Images(
        pixels=values.reshape(n, 8, 8).astype(np.uint8), labels=labels.astype(np.uint8), n_train=n
    )
