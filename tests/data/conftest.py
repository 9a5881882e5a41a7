"""IDX files written for tests, in the real format."""

import gzip
import hashlib
import math
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from scalinglaws.data.published import Published, PublishedFile


def _idx_bytes(*shape: int, first: int = 0) -> bytes:
    values = bytes((first + i) % 256 for i in range(math.prod(shape)))
    return bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + values


@pytest.fixture
def idx_bytes() -> Callable[..., bytes]:
    """(shape..., first=0) -> an IDX file with the values first, first + 1, ... modulo 256."""
    return _idx_bytes


@pytest.fixture
def contents() -> dict[str, bytes]:
    """Five training and three test images of 4 x 4, with labels."""
    return {
        "train-images-idx3-ubyte": _idx_bytes(5, 4, 4),
        "train-labels-idx1-ubyte": _idx_bytes(5),
        "t10k-images-idx3-ubyte": _idx_bytes(3, 4, 4, first=100),
        "t10k-labels-idx1-ubyte": _idx_bytes(3, first=5),
    }


@pytest.fixture
def small(contents: dict[str, bytes]) -> Published:
    """Those files as a published set; not on disk."""
    return Published(
        name="small",
        title="Small",
        folder="small",
        home="https://example.invalid/",
        files=tuple(
            PublishedFile(name, len(content), hashlib.sha256(content).hexdigest())
            for name, content in contents.items()
        ),
    )


@pytest.fixture(params=["unpacked", "packed"])
def root(request: pytest.FixtureRequest, tmp_path: Path, contents: dict[str, bytes]) -> Path:
    """A data folder that holds the small set."""
    (tmp_path / "small").mkdir()
    for name, content in contents.items():
        if request.param == "packed":
            (tmp_path / "small" / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (tmp_path / "small" / name).write_bytes(content)
    return tmp_path
