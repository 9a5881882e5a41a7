"""Where a result came from: enough to run it again, nothing that names the user's machine."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from scalinglaws.result import Provenance
from scalinglaws.sweep import commit, cores, processor, versions


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
