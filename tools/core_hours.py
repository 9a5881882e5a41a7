"""What the experiments cost in core-hours: the table of docs/cluster.md.

    python tools/core_hours.py [--write docs/cluster.md]

Each number is a sum of `Cell.cost`, the estimates that order a run's queue (seconds of one core of
the machine of REPLICATION.md), times the cells' threads. `scalinglaws list --json` has them for
every budget. Prints the table, or writes it over the one that the page has.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from scalinglaws.experiments import NAMES, get
from scalinglaws.experiments.experiment import workload
from scalinglaws.result import Budget

BUDGETS = (Budget.FULL, Budget.PAPER)
SHOWN_H = 0.5  # below that at every budget an experiment is no matter for a cluster
HEADER = (
    "| experiment | core-hours at `full` | at `paper` | cells | longest, minutes | threads |\n"
    "|---|---|---|---|---|---|\n"
)
TABLE = re.compile(re.escape(HEADER) + r"(\|.*\n)*")


def table() -> str:
    """The experiments of more than half a core-hour, the costliest at `paper` first."""
    return HEADER + "".join(row for _, row in sorted(_rows(), reverse=True))


def written(page: str) -> str:
    """The page with today's table in place of its own. Raises ValueError where it has none."""
    new, found = TABLE.subn(lambda _: table(), page)
    if found != 1:
        raise ValueError(f"the page has {found} tables of core-hours: it needs one")
    return new


def _rows() -> Iterator[tuple[float, str]]:
    for name in NAMES:
        experiment = get(name)
        full, paper = (workload(experiment.cells(experiment.budgets[b])) for b in BUDGETS)
        if max(full.core_hours, paper.core_hours) < SHOWN_H:
            continue
        hours = f"{full.core_hours:.2g} | {_whole(paper.core_hours)}"
        cells = f"{paper.cells} | {_whole(paper.longest_s / 60)} | {paper.threads}"
        yield paper.core_hours, f"| `{name}` | {hours} | {cells} |\n"


def _whole(value: float) -> str:
    """Two digits, or all that stand before the point."""
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def main(arguments: list[str]) -> int:
    match arguments:
        case []:
            print(table(), end="")
        case ["--write", page]:
            Path(page).write_text(written(Path(page).read_text()))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
