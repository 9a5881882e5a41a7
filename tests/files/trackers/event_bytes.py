"""Event files written by hand, byte by byte: TFRecord frames around protocol buffers."""

import struct


def crc32c(data: bytes) -> int:
    """Castagnoli's checksum bit by bit, reflected polynomial 0x82F63B78."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data: bytes) -> bytes:
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def frame(event: bytes) -> bytes:
    length = struct.pack("<Q", len(event))
    return length + masked(length) + event + masked(event)


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def part(number: int, payload: bytes) -> bytes:
    """A field that holds bytes."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def event(step: int, *values: bytes) -> bytes:
    head = b"\x09" + struct.pack("<d", 1.7e9) + b"\x10" + varint(step)
    return frame(head + part(5, b"".join(part(1, value) for value in values)))


def scalar_v1(tag: str, value: float) -> bytes:
    """As TensorFlow 1 and PyTorch write one: simple_value."""
    return part(1, tag.encode()) + b"\x15" + struct.pack("<f", value)


def scalar_v2(tag: str, value: float) -> bytes:
    """As TensorFlow 2 writes one: a float tensor without sides, of the plugin `scalars`."""
    tensor = b"\x08\x01" + part(2, b"") + part(4, struct.pack("<f", value))
    return part(1, tag.encode()) + part(8, tensor) + part(9, part(1, part(1, b"scalars")))


def image(tag: str) -> bytes:
    return part(1, tag.encode()) + part(4, b"\x08\x01\x10\x01" + part(4, b"png"))


def text(tag: str, words: str) -> bytes:
    """A string tensor of one element."""
    side = part(2, b"\x08\x01")
    tensor = b"\x08\x07" + part(2, side) + part(8, words.encode())
    return part(1, tag.encode()) + part(8, tensor) + part(9, part(1, part(1, b"text")))


def hparams(**params: float | str) -> bytes:
    """The summary with which a session of hyperparameters starts."""
    entries = b""
    for name, value in params.items():
        is_text = isinstance(value, str)
        held = part(3, value.encode()) if is_text else b"\x11" + struct.pack("<d", value)
        entries += part(1, part(1, name.encode()) + part(2, held))
    content = part(3, entries)
    plugin = part(1, b"hparams") + part(2, content)
    return part(1, b"_hparams_/session_start_info") + part(9, part(1, plugin))
