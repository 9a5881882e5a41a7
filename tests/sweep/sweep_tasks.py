"""Tasks that workers of these tests run; nothing heavy is imported."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from scalinglaws.sweep.cell import Cell


@dataclass(frozen=True)
class Work:
    """What a test cell does before it answers with its number."""

    seed: int
    do: str = "answer"
    path: str = ""
    seconds: float = 0.0


def work(config: Work) -> list[dict[str, object]]:
    with (Path(config.path) / "log").open("a") as log:  # the order in which cells started
        log.write(f"{config.seed} {os.getpid()}\n")
    match config.do:
        case "raise":
            raise ValueError(f"seed {config.seed}\nis \x1b[31mwrong")
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "die once" if _first(config):
            os.kill(os.getpid(), signal.SIGKILL)
        case "sleep once" if _first(config):
            time.sleep(config.seconds)
        case "sleep":
            time.sleep(config.seconds)
        case "keep the interpreter's lock":
            re.match(r"(a+)+$", "a" * 60 + "b")  # compiled code, for longer than the universe
        case "threads":
            names = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS")
            return [{name: os.environ.get(name) for name in names}]
        case "print":
            print("a task that prints")
        case "exit":
            sys.exit(3)
        case "look for data":
            return [{"n": 0, "mark": (Path(os.environ["SCALINGLAWS_DATA"]) / "mark").read_text()}]
        case "bad row":
            return [{"seed": [config.seed]}]
        case _:
            pass
    return [{"seed": config.seed, "x": 1 / (config.seed + 3), "n": i} for i in range(2)]


def _first(config: Work) -> bool:
    """Whether no worker has got so far with this cell before."""
    mark = Path(config.path) / f"once-{config.seed}"
    first = not mark.exists()
    mark.touch()
    return first


def cell(
    seed: int,
    path: Path,
    do: str = "answer",
    *,
    seconds: float = 0.0,
    threads: int = 1,
    cost: float = 1.0,
) -> Cell:
    config = Work(seed, do, str(path), seconds)
    return Cell("sweep_tasks:work", 1, config, threads=threads, cost=cost)


def fail_to_start(driver: int, threads: int) -> None:
    """A worker's start on a machine where nothing can start."""
    os._exit(7)
