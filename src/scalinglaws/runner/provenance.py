"""Where a result came from: enough to run it again, nothing that names the user's machine."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from scalinglaws.result import Provenance
from scalinglaws.sweep import commit, cores, processor

LIBRARIES = ("scalinglaws", "numpy", "scipy", "scikit-learn", "numba", "polars", "torch")


def provenance(
    settings: Any, *, command: str, started: datetime, wall_s: float, cells_s: float
) -> Provenance:
    """The provenance of a result made now, by this process."""
    return Provenance(
        command=command,
        commit=commit(),
        versions=versions(),
        seeds=seeds(settings),
        machine=machine(),
        started=started.astimezone(UTC).isoformat(timespec="seconds"),
        wall_s=wall_s,
        cells_s=cells_s,
    )


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries whose numbers a result may rest on."""
    return {"python": platform.python_version(), **dict(_installed())}


def seeds(settings: Any) -> dict[str, tuple[int, ...]]:
    """Every setting whose name ends in seed or seeds."""
    named = {f.name: getattr(settings, f.name) for f in fields(settings)}
    return {
        name: tuple(value) if isinstance(value, tuple | list) else (value,)
        for name, value in named.items()
        if name.endswith(("seed", "seeds")) and value is not None
    }


def machine() -> str:
    """Processor and cores."""
    return f"{processor()}, {cores()} cores"


def _installed() -> Iterator[tuple[str, str]]:
    for library in LIBRARIES:
        try:
            yield library, version(library)
        except PackageNotFoundError:
            continue
