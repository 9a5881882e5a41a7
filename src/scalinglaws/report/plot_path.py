"""Where a figure can be drawn to, asked before anything is computed: without matplotlib."""

from __future__ import annotations

from pathlib import Path

from scalinglaws.errors import BadInput

FORMATS = ("svg", "png", "pdf")


def plot_format(path: Path | str) -> str:
    """The format that the file's suffix names.

    Raises BadInput when it is none of .svg, .png, .pdf or the file's folder does not exist.
    """
    path = Path(path)
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        raise BadInput(f"cannot draw to {path}: the name must end in .svg, .png or .pdf")
    if not path.parent.is_dir() or path.is_dir():
        raise BadInput(f"cannot draw to {path}: give a file in a folder that exists")
    return suffix
