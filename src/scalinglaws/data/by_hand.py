"""Published files that nothing here downloads: people put them into a data folder.

For sets of a single file. Its home names a package that holds it, not the file itself.
"""

from __future__ import annotations

from pathlib import Path

from scalinglaws.data.published import Published, data_roots, find, read_file
from scalinglaws.errors import BadInput

Roots = tuple[Path, ...] | None  # data folders to look in; None: the usual ones


def absent(data: Published, roots: Roots = None) -> str:
    """Where the file belongs, for messages; empty if it is on this machine."""
    if find(data, roots):
        return ""
    (file,) = data.files
    place = (roots or data_roots())[0] / data.folder / file.name
    return f"{data.name} is not on this machine: put {file.name} of {data.home} at {place}"


def read(data: Published) -> bytes:
    """The content of the file, unpacked, its checksum verified.

    Raises BadInput if the file is absent or not the published one.
    """
    return read_file(_path(data), data.files[0])


def checked_path(data: Published, roots: Roots = None) -> Path:
    """Where the file lies, packed or not, its checksum verified. Raises BadInput as `read`."""
    path = _path(data, roots)
    read_file(path, data.files[0])
    return path


def verified_path(data: Published, roots: Roots = None) -> Path:
    """Where the file lies, its checksum verified, for a library that opens it by itself.

    Raises BadInput as `read` does, and for a file that is packed.
    """
    path, (file,) = checked_path(data, roots), data.files
    if path.name != file.name:
        raise BadInput(f"{path}: is opened where it lies: unpack it to {path.parent / file.name}")
    return path


def _path(data: Published, roots: Roots = None) -> Path:
    if why := absent(data, roots):
        raise BadInput(why)
    found = find(data, roots)
    assert found is not None
    return found[0]
