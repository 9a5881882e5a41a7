"""The commit is that of the package's own checkout, or there is none."""

from __future__ import annotations

import subprocess
from importlib.metadata import version
from pathlib import Path

from scalinglaws.sweep.origin import commit


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_commit_of_a_checkout_and_whether_it_was_edited(tmp_path: Path):
    package = tmp_path / "src" / "package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    git(tmp_path, "init")
    # Not tracked: a package that merely lies inside somebody's repository.
    assert commit(package) == version("scalinglaws")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "one")
    head = git(tmp_path, "rev-parse", "HEAD")
    assert commit(package) == head
    (tmp_path / "README").write_text("elsewhere")
    assert commit(package) == head
    (package / "new.py").write_text("")
    assert commit(package) == f"{head}-dirty"


def test_a_package_outside_any_checkout_has_a_version(tmp_path: Path):
    assert commit(tmp_path) == version("scalinglaws")
