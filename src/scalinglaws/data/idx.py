"""The IDX format of MNIST and its kin, as http://yann.lecun.com/exdb/mnist/ describes it.

Big-endian: two zero bytes, a type code, the number of dimensions, one 32-bit length for each of
them, then the values row by row.
"""

from __future__ import annotations

import math
import struct

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from scalinglaws.errors import BadInput

UNSIGNED_BYTE = 0x08
MAX_DIMENSIONS = 3  # images are (n, height, width), labels (n,)


def parse_idx(content: bytes, where: str) -> UInt8[ndarray, ...]:
    """The array in an IDX file of unsigned bytes; `where` names the file in messages.

    Raises BadInput if the magic number is not of such a file, or if the file holds fewer or more
    bytes than its header promises. No memory is taken: the array looks into `content`.
    """
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != UNSIGNED_BYTE:
        raise BadInput(
            f"{where}: not an IDX file of unsigned bytes, which starts with 00 00 08; "
            f"it starts with {content[:4].hex(' ') or 'nothing'}"
        )
    n_dimensions = content[3]
    start = 4 + 4 * n_dimensions
    if not 1 <= n_dimensions <= MAX_DIMENSIONS or len(content) < start:
        raise BadInput(f"{where}: IDX header cut short or with {n_dimensions} dimensions, not 1-3")
    shape = struct.unpack_from(f">{n_dimensions}I", content, 4)
    promised, held = math.prod(shape), len(content) - start
    if promised != held:
        raise BadInput(
            f"{where}: the header promises {promised} bytes {shape}, the file holds {held}: "
            "fetch it again"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)
