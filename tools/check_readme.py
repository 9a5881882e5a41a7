"""Execute what the documentation tells a reader to type.

    python tools/check_readme.py README.md docs/*.md

Lines that start with `$ ` in ```console blocks run in bash, ```python blocks as scripts, all in
reading order in one scratch folder, so that a page must make every file it uses. A run or a
reproduction takes `--budget smoke` in place of its own budget. `make` targets are checked to
exist; git, cd and pip are not run. Prints each command; exits 1 if one failed.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
NOT_RUN = ("git", "cd", "pip", "open")
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TIME_LIMIT_S = 300


@dataclass(frozen=True)
class Example:
    page: str
    language: str  # console or python
    text: str


def examples(page: Path) -> Iterator[Example]:
    """The commands and scripts of a page, in reading order."""
    for language, block in BLOCK.findall(page.read_text()):
        if language == "python":
            yield Example(page.name, language, block)
            continue
        joined = block.replace("\\\n", " ")
        for line in joined.splitlines():
            if line.startswith("$ "):
                yield Example(page.name, language, line.removeprefix("$ "))


def at_smoke(example: Example) -> str:
    """The example with every run at the smoke budget; a committed ledger keeps its own."""
    if example.language == "python":
        return re.sub(r'budget="\w+"', 'budget="smoke"', example.text)
    words = shlex.split(example.text)
    if words[:2] not in (["scalinglaws", c] for c in ("run", "report", "reproduce")):
        return example.text
    if "--from" in words:
        return example.text
    return re.sub(r"--budget[ =]\w+", "", example.text) + " --budget smoke"


def missing_targets(command: str) -> list[str]:
    """The targets of a make command that the Makefile does not have."""
    targets = set(re.findall(r"^([\w-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    asked = [word for word in shlex.split(command, comments=True)[1:] if "=" not in word]
    return [target for target in asked if target not in targets]


def failure(example: Example, scratch: Path) -> str:
    """What went wrong, or nothing."""
    program = example.text.split()[0]
    if example.language == "console" and program == "make":
        missing = missing_targets(example.text)
        return f"no such make target: {', '.join(missing)}" if missing else ""
    if example.language == "console" and program in NOT_RUN:
        return ""
    text = at_smoke(example)
    shell = ["bash", "-euo", "pipefail", "-c", text]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        shell if example.language == "console" else [sys.executable, "-c", text],
        cwd=scratch,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT_S,
    )
    return "" if done.returncode == 0 else f"exit {done.returncode}\n{done.stdout}{done.stderr}"


def main(pages: list[str]) -> int:
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        if (REPOSITORY / "results").is_dir():
            shutil.copytree(REPOSITORY / "results", scratch / "results")
        for example in (example for page in pages for example in examples(Path(page))):
            start = time.monotonic()
            why = failure(example, scratch)
            failed += bool(why)
            shown = example.text.strip().splitlines()[0]
            state = "FAILED" if why else "ok"
            print(
                f"{state:6} {time.monotonic() - start:5.1f} s  {example.page}: {shown}", flush=True
            )
            if why:
                print(why, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
