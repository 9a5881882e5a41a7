"""Image sets as arrays."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scalinglaws.data.images import average_pool, is_present, load_images
from scalinglaws.data.published import PUBLISHED, Published, find
from scalinglaws.errors import BadInput, UnknownName


def test_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    digits, theirs = load_images("digits"), load_digits(return_X_y=True)
    assert digits.pixels.shape == (1797, 8, 8)
    assert (digits.pixels.reshape(1797, 64) == theirs[0]).all()
    assert (digits.labels == theirs[1]).all()


def test_training_images_come_first(
    root: Path, small: Published, monkeypatch: pytest.MonkeyPatch, idx_bytes: Callable[..., bytes]
):
    monkeypatch.setitem(PUBLISHED, "mnist", small)
    monkeypatch.setenv("SCALINGLAWS_DATA", str(root))
    images = load_images("mnist")
    assert images.n_train == 5
    assert images.pixels.shape == (8, 4, 4)
    assert images.pixels[5, 0, 0] == 100
    assert (images.labels == np.arange(8)).all()


def test_absent_files_are_named_with_the_command_that_gets_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SCALINGLAWS_DATA", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert not is_present("mnist")
    with pytest.raises(BadInput, match="scalinglaws data mnist"):
        load_images("mnist")


def test_an_unknown_image_set_gets_the_nearest_name():
    with pytest.raises(UnknownName, match="did you mean 'digits'"):
        is_present("digit")


def test_pooling_averages_blocks():
    pixels = np.arange(16, dtype=np.uint8).reshape(1, 4, 4)
    assert (average_pool(pixels, 2) == [[[2.5, 4.5], [10.5, 12.5]]]).all()
    assert (average_pool(pixels, 1) == pixels).all()


def test_pooling_does_not_overflow_bytes():
    assert (average_pool(np.full((1, 4, 4), 255, np.uint8), 4) == 255).all()


@pytest.mark.parametrize("size", [0, 3, 8])
def test_pooling_must_divide_the_image(size: int):
    with pytest.raises(BadInput, match="does not divide"):
        average_pool(np.zeros((1, 4, 4), np.uint8), size)


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_the_real_files_hold_seventy_thousand_images(name: str):
    if find(PUBLISHED[name]) is None:
        pytest.skip(f"{name} is not on this machine: set SCALINGLAWS_DATA")
    images = load_images(name)
    assert images.pixels.shape == (70_000, 28, 28)
    assert images.n_train == 60_000
    # Fashion-MNIST is balanced; MNIST is not.
    counts = np.bincount(images.labels)
    assert len(counts) == 10
    assert (counts == 7000).all() == (name == "fashion-mnist")
