"""The image sets of Sharma & Kaplan 2020 (arXiv 2004.10802), A.4, and the network of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from scalinglaws.data import cifar, svhn
from scalinglaws.data import images as grey

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import UInt8

    from scalinglaws.learn.cnn import Cnn

ImageSet = Literal["digits", "fashion-mnist", "mnist", "cifar-10", "svhn"]


def is_present(dataset: str) -> bool:
    """Whether the image set is on this machine."""
    if dataset == cifar.CIFAR_10:
        return cifar.find_cifar() is not None
    return svhn.find_svhn() is not None if dataset == svhn.SVHN else grey.is_present(dataset)


def absent(dataset: str) -> str:
    """Why there are no rows of an image set: the same words on every machine."""
    mend = f"scalinglaws data {dataset}"
    if dataset == cifar.CIFAR_10:
        mend = f"put {cifar.ARCHIVE} into {cifar.FOLDER}/ of the data folder"
    if dataset == svhn.SVHN:
        names = ", ".join(file.name for file in svhn.FILES)
        mend = f"put {names} into {svhn.FOLDER}/ of the data folder"
    return f"no rows of {dataset}: left out of this run, or its files were absent ({mend})"


def load(
    dataset: ImageSet,
) -> tuple[UInt8[np.ndarray, "n colours side side"], UInt8[np.ndarray, " n"], int]:
    """(pixels, labels, how many to train on: the last fifth is for testing where the set has no
    test images of its own)."""
    if dataset == cifar.CIFAR_10:
        found = cifar.load_cifar()
    elif dataset == svhn.SVHN:
        found = svhn.load_svhn()
    else:
        found = grey.load_images(dataset)
    pixels = found.pixels if found.pixels.ndim == 4 else found.pixels[:, None]
    n_train = found.n_train if found.n_train < len(pixels) else len(pixels) * 4 // 5
    return pixels, found.labels, n_train


def architecture(dataset: ImageSet, n: int) -> Cnn:
    """Table 2 for CIFAR-10, table 3 for the others."""
    from scalinglaws.learn.cnn import table_2, table_3

    if dataset == cifar.CIFAR_10:
        return table_2(n)
    if dataset == svhn.SVHN:
        return table_3(n, side=svhn.SIDE, colours=svhn.COLOURS)
    return table_3(n, side=8 if dataset == grey.DIGITS else 28)
