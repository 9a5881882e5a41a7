"""The code and the machine that compute: what a result's provenance says of them."""

from __future__ import annotations

import hashlib
import platform
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
LIBRARIES = ("scalinglaws", "numpy", "scipy", "scikit-learn", "numba", "polars", "torch")


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries whose numbers a result may rest on."""
    return {"python": platform.python_version(), **dict(_installed())}


@cache
def code(package: Path = PACKAGE) -> str:
    """A hash of the package's modules: the same code, however it was installed, 8 digits.

    Kept as it was when first asked: a process goes on with the modules that it has loaded.
    """
    read = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        read.update(f"{path.relative_to(package).as_posix()}\0".encode())
        read.update(hashlib.sha256(path.read_bytes()).digest())
    return read.hexdigest()[:8]


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


def processor() -> str:
    """The processor's name."""
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


def _installed() -> Iterator[tuple[str, str]]:
    for library in LIBRARIES:
        try:
            yield library, version(library)
        except PackageNotFoundError:
            continue


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    return done.stdout.strip()
