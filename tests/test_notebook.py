"""`sl.run` works where nobody guards a main module: in a script, piped code, a notebook's cell."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# Drawing takes seconds and is the driver's work, not the workers': an empty figure stands in.
CODE = """
print("started", flush=True)
import json

import scalinglaws as sl
from scalinglaws.report import html, write

EMPTY = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
html.render = lambda figure, suffix, **_: EMPTY
write.render_as = lambda suffixes, figure: dict.fromkeys(suffixes, EMPTY)
result = sl.run(
    "random-features",
    budget="smoke",
    overrides=dict(
        alphas=(0.8,),
        S=64,
        sizes=(8, 16, 24, 40),
        window=(8, 40),
        variance_at=8,
        draws=2,
        images=(),
    ),
    store={store!r},
    workers=2,
)
print(json.dumps([result.rows, result.failed, [j.claim.id for j in result.findings.claims]]))
"""

# What any other library's pool of spawned processes does there.
PLAIN_POOL = """
print("started", flush=True)
import multiprocessing

process = multiprocessing.get_context("spawn").Process(target=print, args=("worked",))
process.start()
process.join()
"""

Run = Callable[[str, Path], "subprocess.CompletedProcess[str]"]


def python(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], input=stdin, capture_output=True, text=True, check=False
    )


def as_script(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "script.py"
    path.write_text(code)
    return python(str(path))


def on_stdin(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return python("-", stdin=code)


def as_argument(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return python("-c", code)


@pytest.mark.parametrize("run", [as_script, on_stdin, as_argument])
def test_run_needs_no_guard(run: Run, tmp_path: Path):
    done = run(CODE.format(store=str(tmp_path / "store")), tmp_path)
    assert done.returncode == 0, done.stderr
    first, answer = done.stdout.splitlines()
    assert first == "started"  # once: no worker ran the caller's code again
    rows, failed, claims = json.loads(answer)
    # Two draws of 12 pairs D != P of 4 sizes, 4 of L(D, inf) and 4 of L(inf, P).
    assert (rows, failed) == (40, 0)
    assert "resolution-slope" in claims
    assert "2 of 2 cells stored" in done.stderr
    assert "Error" not in done.stderr


@pytest.mark.parametrize(
    ("run", "error"), [(as_script, "bootstrapping phase"), (on_stdin, "FileNotFoundError")]
)
def test_plain_spawned_processes_do_need_one(run: Run, error: str, tmp_path: Path):
    """The control: there is something to guard against."""
    done = run(PLAIN_POOL, tmp_path)
    assert error in done.stderr
    assert "worked" not in done.stdout
