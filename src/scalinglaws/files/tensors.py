"""The safetensors format, read without torch: eight bytes of length, a JSON header, raw data."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy import ndarray

from scalinglaws.errors import BadInput
from scalinglaws.files.stored import Stored, fill, require_held

_MOST_HEADER = 100_000_000  # bytes, the format's own limit
# As stored, little-endian; bfloat16 is the upper half of a float32.
_DTYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "u1",
    "BOOL": "?",
}


def safetensors_arrays(path: Path) -> dict[str, Stored]:
    """The tensors of a .safetensors file by name, each held against the file's size."""
    header, start = _header(path)
    held = path.stat().st_size - start
    return {
        name: _stored(path, name, entry, start, held)
        for name, entry in header.items()
        if name != "__metadata__"
    }


def _header(path: Path) -> tuple[dict[str, Any], int]:
    length = path.stat().st_size
    with path.open("rb") as file:
        promised = int.from_bytes(file.read(8), "little")
        if promised > min(length - 8, _MOST_HEADER):
            raise BadInput(f"{path}: no safetensors header: write it with safetensors.save_file")
        try:
            header = json.loads(file.read(promised))
        except (ValueError, RecursionError):  # not UTF-8, not JSON
            header = None
    if not isinstance(header, dict):
        raise BadInput(f"{path}: its safetensors header is not a JSON object; write it again")
    return cast(dict[str, Any], header), 8 + promised


def _stored(path: Path, name: str, entry: Any, start: int, held: int) -> Stored:
    where = f"{path}, tensor {name!r}"
    match entry:
        case {"dtype": str(kind), "shape": [*shape], "data_offsets": [int(first), int(end)]} if all(
            type(length) is int and length >= 0 for length in (*shape, first, end)
        ):
            pass
        case _:
            raise BadInput(f"{where}: its header entry lacks dtype, shape or data_offsets")
    if not 0 <= first <= end <= held:
        raise BadInput(f"{where}: its data lie outside the file: it is cut short; write it again")
    real = kind in _DTYPES  # complex and 4- to 8-bit types are not
    dtype = np.dtype(_DTYPES.get(kind, "u1"))
    if real:
        require_held(where, tuple(shape), dtype.itemsize, end - first)

    def read() -> ndarray[Any, Any]:
        with path.open("rb") as file:
            file.seek(start + first)
            flat = fill(where, file, dtype, prod(shape))
        if kind == "BF16":
            flat = (flat.astype(np.uint32) << 16).view(np.float32)
        return flat.reshape(shape)

    return Stored(tuple(shape), kind, real, read)
