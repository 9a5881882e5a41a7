"""Where a result came from: enough to run it again, nothing that names the user's machine."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from scalinglaws.result import Provenance
from scalinglaws.sweep import cores

LIBRARIES = ("scalinglaws", "numpy", "scipy", "scikit-learn", "numba", "polars", "torch")
PACKAGE = Path(__file__).parent


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


def commit(package: Path = PACKAGE) -> str:
    """The git commit of the checkout that `package` is part of, "-dirty" if it was edited since.

    The version where there is no such checkout: a package installed into an environment that
    lies inside somebody else's repository is not part of that.
    """
    try:
        _git(package, "ls-files", "--error-unmatch", "__init__.py")
        dirty = "-dirty" if _git(package, "status", "--porcelain", "--", ".") else ""
        return _git(package, "rev-parse", "HEAD") + dirty
    except (OSError, subprocess.SubprocessError):
        return version("scalinglaws")


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
    return f"{_processor()}, {cores()} cores"


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    return done.stdout.strip()


def _installed() -> Iterator[tuple[str, str]]:
    for library in LIBRARIES:
        try:
            yield library, version(library)
        except PackageNotFoundError:
            continue


def _processor() -> str:
    try:
        if sys.platform == "linux":
            lines = Path("/proc/cpuinfo").read_text().splitlines()
            return next(x.partition(":")[2].strip() for x in lines if x.startswith("model name"))
        if sys.platform == "darwin":
            name = ["sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.run(name, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, StopIteration, subprocess.SubprocessError):
        pass
    return platform.processor() or platform.machine()
