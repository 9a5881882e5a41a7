"""Kill the driver of a sweep with -9 at random moments, and see whether anything is lost.

    python benchmarks/kill_driver.py                                a built-in task, 20 kills
    python benchmarks/kill_driver.py --experiment random-features --budget quick --workers 2

Runs a sweep once without interruption, then again in a second store, killing the driver at
random moments of its life (seeded) and starting it anew. Checked: between two kills no stored
cell is lost or changed; no worker outlives its driver by more than three seconds; at the end
the compared columns (key, cell, rows) equal the uninterrupted run's bit for bit. Prints one
JSON line; exits 1 if anything failed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scalinglaws.sweep import Cell, Store, reporter, sweep

OUTLIVE_S = 3.0
CELLS, CELL_S = 140, 1.0

Compared = dict[str, tuple[str, str]]  # key -> (cell, rows)


@dataclass(frozen=True)
class Walk:
    """A random walk of so many steps."""

    seed: int
    steps: int


def walk(config: Walk) -> list[dict[str, float]]:
    """Mean square of a random walk after each hundredth of its steps: cheap, and sensitive to
    every bit before it."""
    generator = np.random.default_rng(config.seed)
    x, rows = 0.0, []
    for step in range(100):
        x += generator.standard_normal(config.steps // 100).sum()
        rows.append({"seed": config.seed, "step": step, "x2": float(x * x)})
    return rows


def drive(store: str, steps: str) -> None:
    """The driver of the built-in sweep."""
    cells = [Cell("kill_driver:walk", 1, Walk(seed, int(steps))) for seed in range(CELLS)]
    with Store(store) as opened:
        sweep(cells, opened, workers=2, progress=reporter(quiet=True))


def main() -> int:
    arguments = parse()
    command = driver(arguments)
    with tempfile.TemporaryDirectory() as folder:
        whole, broken = Path(folder) / "whole", Path(folder) / "broken"
        started = time.monotonic()
        run(command, whole)
        wall_s = time.monotonic() - started
        reference = compared(whole)
        print(f"uninterrupted: {len(reference)} cells, {wall_s:.0f} s", file=sys.stderr)
        found = kill_often(command, broken, arguments.kills, wall_s, random.Random(arguments.seed))
        run(command, broken)
        found["bit_for_bit"] = compared(broken) == reference
    print(json.dumps({"cells": len(reference), "wall_s": round(wall_s, 1), **found}))
    if len(reference) < 10 or wall_s < 60:
        print("too short to mean much: at least 10 cells and 60 s", file=sys.stderr)
        return 1
    unharmed = not (found["cells_lost"] or found["cells_changed"] or found["outlived"])
    return 0 if unharmed and found["bit_for_bit"] and found["kills"] == arguments.kills else 1


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--experiment", help="by default a built-in task")
    parser.add_argument("--budget", default="quick")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def driver(arguments: argparse.Namespace) -> list[str]:
    """The command that runs the sweep, but for the store at its end."""
    if arguments.experiment is None:
        # Imported, not run as a script: the workers find Walk under the module's own name.
        code = "import sys, kill_driver; kill_driver.drive(sys.argv[2], sys.argv[1])"
        return [sys.executable, "-c", code, str(steps_per_cell())]
    sets = [word for setting in arguments.set for word in ("--set", setting)]
    run = ["run", arguments.experiment, "--budget", arguments.budget, *sets, "--quiet"]
    workers = ["--workers", str(arguments.workers)]
    return [sys.executable, "-m", "scalinglaws", *run, *workers, "--store"]


def steps_per_cell() -> int:
    """Steps of a walk that takes about CELL_S here."""
    started = time.perf_counter()
    walk(Walk(0, 10_000_000))
    return int(10_000_000 * CELL_S / (time.perf_counter() - started)) // 100 * 100


def kill_often(
    command: list[str], store: Path, kills: int, wall_s: float, generator: random.Random
) -> dict[str, int | float]:
    """Start the driver and kill it, `kills` times or until it is done."""
    found = {"kills": 0, "cells_lost": 0, "cells_changed": 0, "outlived": 0, "longest_s": 0.0}
    stored: Compared = {}
    while found["kills"] < kills:
        process = start(command, store)
        # 0.8 of an uninterrupted run in all, so that no driver should live to see the end.
        time.sleep(generator.uniform(0, 1.6 * wall_s / kills))
        family = descendants(process.pid)
        process.kill()
        if process.wait() != -signal.SIGKILL:
            break
        found["kills"] += 1
        survived_s = wait_for_end(family)
        found["longest_s"] = max(found["longest_s"], round(survived_s, 2))
        found["outlived"] += survived_s > OUTLIVE_S
        now = compared(store)
        found["cells_lost"] += len(stored.keys() - now.keys())
        found["cells_changed"] += sum(stored[key] != now[key] for key in stored.keys() & now.keys())
        print(f"kill {found['kills']}: {len(now)} cells stored", file=sys.stderr)
        stored = now
    return found


def start(command: list[str], store: Path) -> subprocess.Popen[bytes]:
    here = str(Path(__file__).parent)
    path = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.Popen([*command, str(store)], env=environment, stdout=subprocess.DEVNULL)


def run(command: list[str], store: Path) -> None:
    if code := start(command, store).wait():
        raise SystemExit(f"the driver failed with exit code {code}")


def compared(store: Path) -> Compared:
    """The columns that two runs must share; nothing if the driver did not get that far."""
    if not (store / "store.sqlite").exists():
        return {}
    with closing(sqlite3.connect(store / "store.sqlite")) as db:
        return {key: (cell, rows) for key, cell, rows in db.execute("SELECT * FROM cells")}


def descendants(pid: int) -> set[int]:
    """All processes below `pid`."""
    family, size = {pid}, 0
    pairs = [(child, parent) for child, parent, state in processes()]
    while len(family) > size:
        size = len(family)
        family |= {child for child, parent in pairs if parent in family}
    return family - {pid}


def wait_for_end(pids: set[int]) -> float:
    """Seconds until none of them runs any more; at most twice what is allowed."""
    started = time.monotonic()
    while (waited := time.monotonic() - started) < 2 * OUTLIVE_S:
        if not any(pid in pids and not state.startswith("Z") for pid, _, state in processes()):
            break
        time.sleep(0.05)
    return waited


def processes() -> list[tuple[int, int, str]]:
    """(pid, parent, state) of every process of this machine."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,stat="], capture_output=True, text=True)
    split = (line.split() for line in listed.stdout.splitlines())
    return [(int(pid), int(parent), state) for pid, parent, state in split]


if __name__ == "__main__":
    sys.exit(main())
