"""A user's file -> points, one per row: .npy, .npz, .safetensors, .csv, .parquet."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from math import prod
from pathlib import Path
from typing import Any

from jaxtyping import Shaped
from numpy import ndarray

from scalinglaws.errors import BadInput
from scalinglaws.files.frames import csv_arrays, parquet_arrays
from scalinglaws.files.npy import npy_arrays, npz_arrays
from scalinglaws.files.refusal import require_finite, unknown
from scalinglaws.files.stored import Stored, fits, require_memory
from scalinglaws.files.tensors import safetensors_arrays

_READERS = {
    ".npy": npy_arrays,
    ".npz": npz_arrays,
    ".safetensors": safetensors_arrays,
    ".csv": csv_arrays,
    ".parquet": parquet_arrays,
}
_SEVERAL = (".npz", ".safetensors")  # formats that hold arrays by name
_SHOWN = 8  # arrays listed in a message
_PER_POINT = 64  # numbers that a neighbour search holds beside the coordinates


def read_points(path: Path | str, layer: str | None = None) -> Shaped[ndarray, "n D"]:
    """The points of a file, rows x columns of real numbers in the type they are stored in.

    layer: which array, where the file holds several.
    Shape, type and size are checked against the file before memory is taken; all numbers are
    finite. The points of a .npy that this machine should not hold stay in the file: the array
    returned is an `numpy.memmap`, to be looked at a block of rows at a time.
    Raises BadInput (what is wrong with the file) or UnknownName (no such layer).
    """
    path = Path(path)
    arrays = _READERS[_suffix(path)](path)
    name, stored = _choose(path, arrays, layer)
    where = f"{path}, array {name!r}" if path.suffix.lower() in _SEVERAL else str(path)
    if not stored.real:
        raise BadInput(f"{where} holds {stored.dtype}; points must be real numbers: convert them")
    _require_rows(where, stored)
    rows, columns = stored.shape
    if stored.map is not None and not fits(rows * (columns + _PER_POINT)):
        require_memory(where, rows * _PER_POINT)
        points = stored.map()
    else:
        require_memory(where, rows * (columns + _PER_POINT))
        points = stored.read()
    require_finite(where, points)
    return points


def _suffix(path: Path) -> str:
    """The suffix of a file that exists and is not empty."""
    suffix, known = path.suffix.lower(), ", ".join(_READERS)
    if path.is_dir():
        raise BadInput(f"{path}: a directory: give one file of points ({known})")
    if not path.exists():
        raise BadInput(f"{path}: no such file: give a file of points ({known})")
    if suffix not in _READERS:
        raise BadInput(f"{path}: points are read from {known}: convert the file")
    if not path.is_file():
        raise BadInput(f"{path}: not a regular file: save the points to one")
    if not path.stat().st_size:
        raise BadInput(f"{path}: the file is empty: write the points again")
    return suffix


def _choose(path: Path, arrays: Mapping[str, Stored], layer: str | None) -> tuple[str, Stored]:
    if layer is not None and path.suffix.lower() not in _SEVERAL:
        raise BadInput(f"{path}: holds one array and has no layers: leave --layer out")
    if not arrays:
        raise BadInput(f"{path}: holds no arrays: save the points under a name")
    if layer is not None:
        if layer not in arrays:
            raise unknown(path, "layer", layer, arrays)
        return layer, arrays[layer]
    if len(arrays) > 1:
        shown = ", ".join(f"{name} ({stored})" for name, stored in islice(arrays.items(), _SHOWN))
        more = f" and {len(arrays) - _SHOWN} more" if len(arrays) > _SHOWN else ""
        raise BadInput(f"{path} holds {len(arrays)} arrays: choose one with --layer\n{shown}{more}")
    return next(iter(arrays.items()))


def _require_rows(where: str, stored: Stored) -> None:
    """Raises BadInput unless the array is rows x columns with something in it."""
    shape: Any = stored.shape
    if len(shape) == 2 and prod(shape):
        return
    mend = {
        0: "save an array of points",
        1: "for points on a line save x.reshape(-1, 1)",
        2: "save at least one row and one column",
    }.get(len(shape), "flatten each point: x.reshape(len(x), -1)")
    raise BadInput(f"{where}: points must be (rows, columns), got shape {shape}: {mend}")
