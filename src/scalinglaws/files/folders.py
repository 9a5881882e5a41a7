"""Files below a folder, whatever links it holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from scalinglaws.errors import BadInput

_MOST = 1_000_000  # entries looked at


def files_below(folder: Path, skipped: frozenset[str] = frozenset()) -> Iterator[Path]:
    """Regular files below the folder, in order of name. Links are followed, each folder is
    entered once; folders of a name skipped are not.

    Raises BadInput where the folder holds too much to be runs alone, or cannot be read.
    """
    entered: set[tuple[int, int]] = set()
    looked = 0
    open_folders = [folder]
    while open_folders:
        here = open_folders.pop()
        try:
            status = here.stat()
            if (status.st_dev, status.st_ino) in entered:
                continue
            entered.add((status.st_dev, status.st_ino))
            with os.scandir(here) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            raise BadInput(f"{here}: cannot be read: {error.strerror}") from None
        looked += len(found)
        if looked > _MOST:
            raise BadInput(f"{folder}: holds more than {_MOST} files: give the folder of the runs")
        yield from (Path(entry.path) for entry in found if _is(entry, "file"))
        inner = [Path(e.path) for e in found if e.name not in skipped and _is(e, "dir")]
        open_folders += reversed(inner)


def _is(entry: os.DirEntry[str], kind: str) -> bool:
    """A link to nothing, or to itself, is neither."""
    try:
        return entry.is_file() if kind == "file" else entry.is_dir()
    except OSError:
        return False
