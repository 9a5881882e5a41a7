"""SVHN's MATLAB files: small ones in the real format."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from scalinglaws.data.svhn import FILES, FOLDER, MatFile, find_svhn, load_svhn
from scalinglaws.errors import BadInput

COUNTS = (12, 20, 10)  # train, extra, test


def write(folder: Path, name: str, X: np.ndarray, y: np.ndarray, count: int) -> MatFile:
    """As published: MATLAB 5, compressed, X (32, 32, 3, n) and y (n, 1) of bytes."""
    savemat(folder / name, {"X": X, "y": y}, do_compression=True)
    return MatFile(name, count, hashlib.md5((folder / name).read_bytes()).hexdigest())


def pixels(count: int, first: int) -> np.ndarray:
    """Image i is red i + first, green by rows, blue by columns."""
    X = np.zeros((32, 32, 3, count), np.uint8)
    X[:, :, 0] = np.arange(first, first + count)
    X[:, :, 1] = np.arange(32)[:, None, None]
    X[:, :, 2] = np.arange(32)[None, :, None]
    return X


def digits(count: int) -> np.ndarray:
    return (np.arange(count) % 10 + 1).astype(np.uint8)[:, None]  # 1, ..., 9, 10, 1, ...


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCALINGLAWS_DATA", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / FOLDER).mkdir()
    return tmp_path / FOLDER


@pytest.fixture
def files(folder: Path) -> tuple[MatFile, ...]:
    firsts = (0, COUNTS[0], COUNTS[0] + COUNTS[1])
    return tuple(
        write(folder, file.name, pixels(count, first), digits(count), count)
        for file, count, first in zip(FILES, COUNTS, firsts, strict=True)
    )


def test_train_and_extra_come_first_and_ten_is_the_digit_zero(
    folder: Path, files: tuple[MatFile, ...]
):
    assert find_svhn() == folder
    images = load_svhn(files=files)
    assert images.n_train == COUNTS[0] + COUNTS[1]
    assert images.pixels.shape == (42, 3, 32, 32)
    assert images.pixels[:, 0, 5, 5].tolist() == list(range(42))
    assert (images.pixels[:, 1] == np.arange(32)[:, None]).all()
    assert (images.pixels[:, 2] == np.arange(32)).all()
    assert images.labels[:12].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]


def test_files_that_are_not_the_published_ones_are_refused(
    folder: Path, files: tuple[MatFile, ...]
):
    with pytest.raises(BadInput, match=r"not the published train_32x32\.mat: MD5"):
        load_svhn()


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (pixels(9, 0), digits(10), "should hold"),  # one image short
        (pixels(10, 0).astype(np.float64), digits(10), "should hold"),
        (pixels(10, 0), digits(10) - 1, "labels 0 to 9"),
    ],
)
def test_other_contents_are_refused(
    folder: Path, files: tuple[MatFile, ...], X: np.ndarray, y: np.ndarray, message: str
):
    bad = write(folder, FILES[-1].name, X, y, 10)
    with pytest.raises(BadInput, match=message):
        load_svhn(files=(*files[:-1], bad))


def test_absent_files_are_named_with_their_place(folder: Path):
    assert find_svhn() is None
    with pytest.raises(BadInput, match=rf"extra_32x32\.mat.* into .*{FOLDER}"):
        load_svhn()
