"""What a user types often starts fast, and does not import what it does not need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "matplotlib", "jinja2", "transformers", "distributed")
LIMIT_S = 1.5
TRIES = 5

# Runs a command in this process and reports which heavy modules it took.
WATCHED = """
import sys
from scalinglaws.cli import main
try:
    main(sys.argv[1:], prog_name="scalinglaws")
finally:
    print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty rows of an exact power law, L = 5 N^-0.3."""
    path = tmp_path_factory.mktemp("start_up") / "losses.csv"
    sizes = [round(100 * 1.4**step) for step in range(30)]
    path.write_text("N,loss\n" + "".join(f"{N},{5 * N**-0.3 * (1 + N % 7 / 1e3)}\n" for N in sizes))
    return path


def command_lines(table: Path) -> dict[str, list[str]]:
    return {
        "list": ["list"],
        "list --json": ["list", "--json"],
        "fit": ["fit", str(table), "--x", "N", "--y", "loss"],
        "dimension --help": ["dimension", "--help"],
        "dimension": ["dimension", str(table)],
        "--version": ["--version"],
    }


NAMES = tuple(command_lines(Path()))


@pytest.mark.parametrize("name", NAMES)
def test_heavy_libraries_are_not_imported(name: str, table: Path):
    done = subprocess.run(
        [sys.executable, "-c", WATCHED.format(heavy=HEAVY), *command_lines(table)[name]],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.splitlines()[-1] == "[]"


def seconds(arguments: list[str]) -> float:
    """CPU seconds of the command: what its start costs, whatever else the machine does."""
    before = os.times()
    subprocess.run(
        [sys.executable, "-m", "scalinglaws", *arguments],
        capture_output=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    after = os.times()
    return (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )


@pytest.mark.parametrize("name", ["list", "fit"])
def test_a_short_command_starts_in_time(name: str, table: Path):
    arguments = command_lines(table)[name]
    assert any(seconds(arguments) < LIMIT_S for _ in range(TRIES))
