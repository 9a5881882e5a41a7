"""Checks the published image sets on this machine, or downloads them from their homes."""

from __future__ import annotations

import http.client
import os
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from scalinglaws.data.published import Published, PublishedFile, find, path_of, read_file
from scalinglaws.errors import BadInput

TIMEOUT_S = 30
PACKING = 4096  # bytes that a gzip file of these may exceed its content by: header, name, blocks


@dataclass(frozen=True)
class Checked:
    """A data set on this machine, every checksum verified."""

    name: str
    folder: Path
    files: tuple[Path, ...]
    downloaded: bool


def check_or_fetch(data: Published, roots: tuple[Path, ...]) -> Checked:
    """Verify `data` in the first of the folders that has it all; else download what is missing
    in the first of them.

    Raises BadInput if a file there is not the published one, or if it cannot be downloaded; then
    it says where to put the files by hand.
    """
    found = find(data, roots)
    folder = found[0].parent if found else roots[0] / data.folder
    present = [path_of(folder, file) for file in data.files]
    for path, file in zip(present, data.files, strict=True):
        if path is not None:
            read_file(path, file)
    files = tuple(
        path or _fetch(data, file, folder) for path, file in zip(present, data.files, strict=True)
    )
    return Checked(data.name, folder, files, downloaded=found is None)


def _fetch(data: Published, file: PublishedFile, folder: Path) -> Path:
    """The file under its published name; it appears there only whole and verified."""
    url = f"{data.home}{file.name}.gz"
    target = folder / f"{file.name}.gz"
    packed = _download(url, file.size + PACKING, target)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as scratch:
        temporary = Path(scratch) / target.name
        temporary.write_bytes(packed)
        read_file(temporary, file)
        os.replace(temporary, target)
    return target


def _download(url: str, cap: int, target: Path) -> bytes:
    """The packed bytes; more than `cap` are not read."""
    if not url.startswith("https://"):
        raise BadInput(f"{url}: only https is fetched")
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as response:
            packed = response.read(cap + 1)
    except (OSError, http.client.HTTPException) as error:
        why = getattr(error, "reason", None) or error
        raise BadInput(
            f"cannot download {url} ({why}): put the files, packed or not, "
            f"into {target.parent} and try again"
        ) from error
    if len(packed) > cap:
        raise BadInput(f"{url}: larger than the published file: not downloaded")
    return packed
