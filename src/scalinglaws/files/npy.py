"""NumPy's .npy and .npz, headers first. Nothing is unpickled, nothing extracted by name."""

from __future__ import annotations

import lzma
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from io import BufferedIOBase
from math import prod
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy import ndarray

from scalinglaws.errors import BadInput
from scalinglaws.files.stored import Stored, fill, require_held

Reopen = Callable[[], AbstractContextManager[BufferedIOBase]]
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
# What zipfile may raise on a hostile archive: damaged, encrypted, of unknown compression.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    RuntimeError,
    ValueError,
)
# What the parser of a hostile header may raise.
_MALFORMED = (
    ValueError,
    TypeError,
    SyntaxError,
    tokenize.TokenError,
    OverflowError,
    RecursionError,
    MemoryError,
)


def npy_arrays(path: Path) -> dict[str, Stored]:
    """The one array of a .npy file, under the file's stem."""
    with path.open("rb") as file:
        stored = _stored(str(path), file, path.stat().st_size, lambda: path.open("rb"))
        file.seek(0)
        _, fortran, dtype = _header(str(path), file)
        start = file.tell()

    def map_() -> ndarray[Any, Any]:
        return np.memmap(path, dtype, mode="r", offset=start, shape=stored.shape)

    return {path.stem: stored if fortran else replace(stored, map=map_)}


def npz_arrays(path: Path) -> dict[str, Stored]:
    """The arrays of a .npz archive by name; members that are no .npy are left out."""
    arrays: dict[str, Stored] = {}
    with _archive(path) as archive:
        for info in archive.infolist():
            if info.filename.endswith(".npy"):
                where = f"{path}, member {info.filename!r}"
                with _open(archive, info) as file:
                    arrays[info.filename.removesuffix(".npy")] = _stored(
                        where, file, info.file_size, partial(_member, path, info)
                    )
    return arrays


def _stored(where: str, file: BufferedIOBase, held: int, reopen: Reopen) -> Stored:
    """The array whose header the file begins with, held against the bytes there are."""
    shape, fortran, dtype = _header(where, file)
    require_held(where, shape, dtype.itemsize, held - file.tell())
    start = file.tell()

    def read() -> ndarray[Any, Any]:
        with reopen() as again:
            again.read(start)
            flat = fill(where, again, dtype, prod(shape))
        return flat.reshape(shape[::-1]).T if fortran else flat.reshape(shape)

    real = dtype.kind in "fiub" and dtype.itemsize <= 8
    return Stored(shape, dtype.name, real, read)


def _header(where: str, file: BufferedIOBase) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    try:
        version = np.lib.format.read_magic(file)
        shape, fortran, dtype = _HEADERS[version](file)
        if any(type(length) is not int or length < 0 for length in shape):
            raise ValueError("a length that is none")  # True is an int to isinstance
    except KeyError:
        raise BadInput(f"{where}: a .npy version that holds no plain numbers") from None
    except _MALFORMED:
        raise BadInput(f"{where}: not a NumPy array: write it with numpy.save") from None
    return shape, fortran, dtype


@contextmanager
def _archive(path: Path) -> Generator[zipfile.ZipFile]:
    """The archive; all that may be wrong with it comes out as BadInput."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except BadInput:
        raise
    except _BROKEN as error:
        raise BadInput(
            f"{path}: not a .npz archive that can be read ({error}): write it with numpy.savez"
        ) from None


@contextmanager
def _member(path: Path, info: zipfile.ZipInfo) -> Generator[BufferedIOBase]:
    with _archive(path) as archive, _open(archive, info) as file:
        yield file


def _open(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> BufferedIOBase:
    return cast(BufferedIOBase, archive.open(info))  # which it is; its stub says less
