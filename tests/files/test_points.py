"""Points of a file that is larger than memory should hold stay in it."""

from pathlib import Path

import numpy as np
import pytest

from scalinglaws.errors import BadInput
from scalinglaws.files import stored
from scalinglaws.files.points import read_points


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch):
    """A machine that should hold two million numbers."""
    monkeypatch.setattr(stored, "_limit", lambda: 8 * 2_000_000)


def saved(folder: Path, X: np.ndarray, name: str = "points.npy") -> Path:
    np.save(folder / name, X)
    return folder / name


def test_a_small_file_is_read(tmp_path: Path, little_memory: None):
    X = np.arange(2000.0).reshape(20, 100)
    points = read_points(saved(tmp_path, X))
    assert not isinstance(points, np.memmap)
    np.testing.assert_array_equal(points, X)


@pytest.mark.parametrize("dtype", ["f4", "f8", ">f4", "u1"])
def test_a_large_file_is_mapped(dtype: str, tmp_path: Path, little_memory: None):
    X = (np.arange(2_000_000) % 251).reshape(1000, 2000).astype(dtype)
    points = read_points(saved(tmp_path, X))
    assert isinstance(points, np.memmap)
    assert not points.flags.writeable
    np.testing.assert_array_equal(points, X)


def test_bad_rows_of_a_large_file_are_named(tmp_path: Path, little_memory: None):
    X = np.zeros((1000, 2000), dtype=np.float32)
    X[[0, 777], 3] = np.inf
    with pytest.raises(BadInput, match=r"row 1, 778 \(rows counted from 1\)"):
        read_points(saved(tmp_path, X))


@pytest.mark.parametrize(
    ("X", "name"),
    [
        (np.asfortranarray(np.ones((1000, 2000), dtype=np.float32)), "columns first.npy"),
        (np.ones((40_000, 1), dtype=np.float32), "many rows.npy"),
    ],
)
def test_what_cannot_be_read_by_blocks_is_refused(
    X: np.ndarray, name: str, tmp_path: Path, little_memory: None
):
    """Stored column by column, a row is all over the file; and the answers need memory too."""
    with pytest.raises(BadInput, match="of this machine's memory, is read"):
        read_points(saved(tmp_path, X, name))


def test_other_formats_are_not_mapped(tmp_path: Path, little_memory: None):
    np.savez(tmp_path / "points.npz", x=np.ones((1000, 2000), dtype=np.float32))
    with pytest.raises(BadInput, match="of this machine's memory, is read"):
        read_points(tmp_path / "points.npz")
